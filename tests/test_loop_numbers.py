"""Numbers that no receipt proves, planted in a model's prose: told back once, then the tables alone. None is shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from store.paths import Home
from tests.servers.door import Door, opened
from tests.servers.replies import Reply

QUESTION = "top 3 countries in 2024"
CALL: Reply = {"calls": [{"tool": "query_metrics", "args": {
    "metrics": ["revenue", "orders"], "period": "2024", "by": ["country"], "order_by": "revenue desc", "limit": 3}}]}  # fmt: skip
COMPARED: Reply = {
    "calls": [
        {"tool": "query_metrics", "args": {"metrics": ["revenue"], "period": "2024-06", "compare_to": "previous"}}
    ]
}
RIGHT: Reply = {"answer": "{r1.0.country} brought in {r1.0.revenue} from {r1.0.orders} orders."}

WRONG = {
    # digits of its own
    "another number": "{r1.0.country} brought in £2,345.67.",
    "one digit off": "United Kingdom brought in £2,256.21.",
    "two digits swapped": "United Kingdom brought in £2,265.20.",
    "rounded the wrong way": "United Kingdom brought in £2,257.",
    "a number of another row": "USA brought in £2,256.20.",
    "two rows exchanged": "USA brought in £2,256.20 and United Kingdom £578.00.",
    "another currency": "United Kingdom brought in $2,256.20.",
    "a count as money": "United Kingdom brought in £54.",
    "money without its row": "The best one brought in £2,256.20.",
    "few digits": "{r1.0.country} had 54 orders.",
    "a made-up share": "{r1.0.country} made 51.4 % of it.",
    "a made-up total": "Together they brought in £3,376.70.",
    "a made-up growth": "{r1.0.country} grew by 12.5 % to {r1.0.revenue}.",
    "money without its mark": "United Kingdom brought in 2,256.20.",
    "digits in disguise": "{r1.0.country} brought in ２，２５６.２０.",
    "a number beside a right one": "{r1.0.country} brought in {r1.0.revenue}, about 3 times as much as {r1.1.country}.",
    # words of its own
    "a number word": "{r1.0.country} had fifty-four orders.",
    "a word of quantity": "{r1.0.country} made nearly half of the revenue.",
    "doubled": "{r1.0.country} doubled its revenue to {r1.0.revenue}.",
    "a dozen": "A dozen countries were behind {r1.0.country}.",
    "a hundred thousand": "{r1.0.country} brought in hundreds of thousands.",
    "a Chinese number": "{r1.0.country}有五十四个订单。",
    # references that point nowhere, or to the wrong cell
    "no such receipt": "{r2.0.country} brought in {r2.0.revenue}.",
    "no such row": "{r1.7.country} brought in {r1.7.revenue}.",
    "no such column": "{r1.0.country} brought in {r1.0.profit}.",
    "the figure of another row": "{r1.1.country} brought in {r1.0.revenue}.",
    "no such function": "{r1.0.country} brought in {double(r1.0.revenue)}.",
    "a word that isn't true": "{r1.1.country} made {approx(ratio(r1.1.revenue, r1.0.revenue), \"half\")} of {r1.0.country}'s.",
    "a sum over other units": "{sum(r1.0.revenue, r1.0.orders)} in all.",
    "a brace left open": "{r1.0.country} brought in {r1.0.revenue.",
}  # fmt: skip
SHOWN = "United Kingdom brought in £2,256.20 from 54 orders."


@pytest.fixture(scope="module")
def door(tiny_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with opened(tiny_home, "tiny", tmp_path_factory.mktemp("numbers")) as door:
        yield door


@pytest.mark.parametrize("prose", [pytest.param(p, id=name) for name, p in list(WRONG.items())[::5]])
@pytest.mark.parametrize("kind", ["answer", "text"])
def test_a_wrong_number_is_told_back_and_never_shown(door: Door, prose: str, kind: str) -> None:
    answer = door.ask(QUESTION, [CALL, {kind: prose}, RIGHT])
    assert answer["answer"] == SHOWN
    told = door.told[2][-1]["content"]
    assert told.startswith("This can't be shown") and "“" in told


@pytest.mark.parametrize("prose", [pytest.param(p, id=name) for name, p in WRONG.items()])
def test_where_it_stays_wrong_the_table_stands_alone(door: Door, prose: str) -> None:
    answer = door.ask(QUESTION, [CALL, {"answer": prose}], repeat=True)
    assert len(door.server.requests) == 3
    assert (answer["status"], answer["usage"]["model"]) == ("answered", "scripted")
    lines = answer["answer"].split("\n")
    assert all(line.startswith("|") for line in lines) and len(lines) == 5
    assert answer["answer"].count("£") == 3 and len(answer["numbers"]) == 6


@pytest.mark.parametrize(
    "prose",
    [
        "Revenue rose to {r1.0.revenue}, up {r1.0.revenue_growth} on {r1.compare_period}.",
        "Revenue rose to {r1.0.revenue} from {r1.0.revenue_before}, {r1.0.revenue_growth}.",
        "Revenue fell by 100 %.",
    ],
)
def test_a_wrong_direction_is_refused(door: Door, prose: str) -> None:
    answer = door.ask("June against May 2024", [COMPARED, {"answer": prose}], repeat=True)
    assert answer["answer"].startswith("|")


@pytest.mark.parametrize(
    ("reply", "status", "shown"),
    [
        ({"clarify": "Do you mean the 3 largest or the 5 largest?", "options": ["top 3"]}, "clarify", "That can be read in more than one way. Which do you mean?"),
        ({"decline": "There are only 17 orders from there."}, "declined", "There is no data for that: the shop's data runs from 20 Nov 2023 to 12 Feb 2025."),
    ],
)  # fmt: skip
def test_no_number_stands_in_a_question_back_or_a_refusal(door: Door, reply: Reply, status: str, shown: str) -> None:
    answer = door.ask("the largest countries", [reply], repeat=True)
    assert (answer["status"], answer["answer"], len(door.server.requests)) == (status, shown, 2)
    assert answer["usage"]["input_tokens"] == 200


def test_right_digits_of_its_own_are_accepted(door: Door) -> None:
    answer = door.ask(QUESTION, [CALL, {"answer": "United Kingdom brought in £2,256.20, USA £578.00."}])
    assert [(n["text"], n["row"]) for n in answer["numbers"]] == [("£2,256.20", 0), ("£578.00", 1)]
    assert len(door.server.requests) == 2


def test_numbers_of_the_question_may_be_said_again(door: Door) -> None:
    answer = door.ask(
        QUESTION, [CALL, {"answer": "*Read as: top 3 countries by revenue.*\n\n{r1.0.country}: {r1.0.revenue}."}]
    )
    assert answer["answer"].startswith("*Read as: top 3 countries") and len(answer["numbers"]) == 1
