"""What tools refuse is said in the language of the question, whole or not at all, and without a number of its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from agent.ask import ask
from agent.in_chinese import SAID, WORDS, said_in
from agent.principal import Principal
from agent.proof.number_words import find_numbers
from store.paths import Home
from store.publish import publish
from tests.weekly_shop import build_promoted

TOOLS = Path(__file__).parents[1] / "tools"
HOLE = "\0"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("chinese"))
    publish(home, "promoted", build_promoted, format="tests")
    return home


def names_in(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


def told() -> Iterator[str]:
    """Every text of the tools, with a hole where something is put in."""
    for path in TOOLS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                yield holed("".join(str(v.value) if isinstance(v, ast.Constant) else HOLE for v in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield holed(re.sub(r"\{\w*\}", HOLE, node.value))


def holed(text: str) -> str:
    """Without the quotes that something is put in, and without what may be put behind."""
    return text.replace(f"'{HOLE}'", HOLE).strip().removesuffix(f".{HOLE}").removesuffix(".")


def test_every_sentence_of_the_table_is_one_that_tools_say() -> None:
    said = set(told())
    assert [s for s in SAID if holed(re.sub(r"\{\w+\}", HOLE, s)) not in said] == []


@pytest.mark.parametrize("english", SAID)
def test_a_translation_takes_the_same_and_has_no_number(english: str) -> None:
    chinese = SAID[english]
    assert set(names_in(chinese)) <= set(names_in(english))
    assert not find_numbers(re.sub(r"\{\w+\}", "", chinese))
    assert not re.search(r"[a-z]", re.sub(r"\{\w+\}", "", chinese))


@pytest.mark.parametrize("english", [s for s in SAID if "{clause}" not in s])
def test_every_sentence_is_said_in_chinese_with_the_names_in_it(english: str) -> None:
    put_in = {name: f"Tea & Co. {name}" for name in names_in(english)}
    said = said_in("zh", english.format(**put_in))
    assert said == SAID[english].format(**put_in)
    assert said_in("en", english.format(**put_in)) == english.format(**put_in)


def test_labels_have_their_chinese_and_what_is_not_known_stays_english() -> None:
    assert said_in("zh", "Only units and revenue are forecast, not 'gross_profit'.").endswith("不能预测毛利。")
    assert said_in("zh", "This shop's data has no brand on any record.") == "店铺数据里没有品牌的信息。"
    assert (
        said_in("zh", "This shop's data has no costs (unit_cost), so neither cost, profit nor margin can be told.")[0]
        == "店"
    )
    near = said_in("zh", "This shop has no country 'Narnia'. The nearest: Norway, Namibia.")
    assert near == "本店没有名为“Narnia”的国家。最接近的是：Norway, Namibia。"
    for unknown in (
        "This shop's data has no such thing.",
        "There is no order A1. Nobody knows why.",
        "limit is a number.",
    ):
        assert said_in("zh", unknown) == unknown
    assert all(not find_numbers(word) for word in WORDS.values())


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("如果下个月降价10%能卖多少", "价格的影响只能针对商品或品类说明：请指明一个。"),
        ("如果下个月再做一次促销，Lamp能卖多少？", "Lamp至今没有过促销，因此无法判断促销会带来什么影响。"),
        ("未来三年能卖多少", "时间太远，无法作出有意义的预测。"),
        ("需要补多少Ball？", "店铺数据里没有Ball的库存。请告诉我还剩多少，就可以算出来。"),
        ("预测下个月的利润", "只能预测销量和销售额，不能预测毛利。"),
        ("上个月的毛利", "店铺数据里没有成本，因此无法得出成本、利润和毛利率。"),
        ("各品牌的销售额", "店铺数据里没有品牌的信息。"),
        ("对新顾客公平吗？", "在本店有自己的欺诈模型之前，无法判断各组是否被同等对待。"),
    ],
)
def test_a_chinese_question_is_refused_in_chinese(home: Home, question: str, said: str) -> None:
    answer = ask(Principal(home, "promoted"), f"t-{question}", question)
    assert (answer["status"], answer["answer"].strip("_")) == ("declined", said)
    assert answer["numbers"] == []


def test_of_a_refusal_with_a_number_what_holds_none_is_said(home: Home) -> None:
    answer = ask(Principal(home, "promoted"), "far", "How many balls will we sell in the next three years?")
    assert answer["answer"].strip("_") == "That is too far ahead to be forecast with sense."
