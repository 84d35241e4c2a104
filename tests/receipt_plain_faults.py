"""Planted faults in prose with plain digits, as a model that ignores references writes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random

from agent.receipts import Receipt
from tests.receipt_cases import (
    PLAIN,
    SYMBOLS,
    Case,
    Spot,
    certain,
    comparison,
    countries,
    customers,
    equals,
    label,
    money,
    months,
    one_of,
    plainly,
    products,
    receipt,
    say,
    shares,
    spots,
    written,
)
from tests.receipt_faults import DATES, DISGUISED, FALLING, HIDDEN, RISING, WORDS, another_title

SUFFIXES = (
    "k",
    "K",
    "m",
    "bn",
    " million",
    " thousand",
    " hundred",
    "万",
    "亿",
    "千",
    " dozen",
    "%",
    "<b></b>k",
    "**m**",
    "\u200bk",
    "&percnt;",
)
CHANGES = {
    "en": ("doubled", "halved", "tripled", "quadrupled", "doubled again", "is half of what it was"),
    "zh": ("翻倍", "翻了一倍", "减半了", "是原来的两倍", "只剩一半", "增至三倍"),
}
NESTED = (
    ("Guinea", "Papua New Guinea"), ("Niger", "Nigeria"), ("RED MUG", "RED MUG LARGE"), ("MUG 12", "MUG 120"),
    ("几内亚", "几内亚比绍"), ("刚果", "刚果民主共和国"), ("红色杯", "红色杯垫"), ("杯 12", "杯 120"),
)  # fmt: skip


def no_cell(text: str, *receipts: Receipt) -> str:
    """The text, sure to equal none of the cells."""
    assert equals(text, receipts) == 0, text
    return text


def fault(kind: str, item: Receipt, locale: str, bad: str, good: str, question: str = "") -> Case:
    return Case(kind, bad, (item,), locale, question, plain=True, twin=good)


def pick(rng: Random, locale: str, *columns: str) -> tuple[Receipt, Spot, str]:
    """Countries, one of their cells and the right sentence about it."""
    item = countries(rng, locale)
    spot = rng.choice(certain([item], columns or ("revenue", "orders", "units")))
    return item, spot, plainly(spot, locale)


def said(kind: str, item: Receipt, locale: str, spot: Spot, text: str) -> Case:
    """The right sentence about a cell with its number put another way."""
    good = plainly(spot, locale)
    return fault(kind, item, locale, good.replace(spot.text, text), good)


# --- wrong numbers ----------------------------------------------------------------------------------------------------


def invented(rng: Random, locale: str) -> Case:
    item, spot, _ = pick(rng, locale)
    value = spot.value + rng.choice([-1, 1]) * rng.choice([2, 9, 10, 90, 90, 101, 270])
    return said("invented", item, locale, spot, no_cell(written(abs(value) + 1, spot.unit), item))


def transposed(rng: Random, locale: str) -> Case:
    item = countries(rng, locale)
    spots_ = [s for s in certain([item]) if len(set(s.text[-2:])) == 2]
    spot = rng.choice(spots_)
    return said("transposed", item, locale, spot, no_cell(spot.text[:-2] + spot.text[:-3:-1], item))


def shifted(rng: Random, locale: str) -> Case:
    """Ten times too much or too little, or a decimal point in place of the comma."""
    item, spot, _ = pick(rng, locale, "revenue", "units")
    swapped = spot.text.replace(",", ".")
    text = rng.choice([written(spot.value * 10, spot.unit), written(spot.value / 10, spot.unit), swapped])
    return said("shifted", item, locale, spot, no_cell(text, item))


def too_round(rng: Random, locale: str) -> Case:
    """One or two digits where three are the least."""
    item, spot, _ = pick(rng, locale, "revenue")
    digits = len(str(int(spot.value)))
    far, near = (f"{round(spot.value, k - digits):,.0f}" for k in (1, 2))
    short = [f"£{spot.value / 1e6:.1f}m", f"£{spot.value / 1e6:.2f}m", f"£{spot.value / 1000:.0f}k"]
    forms = [no_cell(f"£{far}", item), no_cell(f"£{near}", item)]
    forms += [f for f in short if len(re.sub(r"\D", "", f).lstrip("0")) < 3]
    text = rng.choice(forms)
    return said("too_round", item, locale, spot, rng.choice(["", say(locale, "about ", "约")]) + text)


def small_change(rng: Random, locale: str) -> Case:
    """Growth of a few percent has two digits: too few to know it by."""
    columns = [("region", "name"), ("revenue", "GBP"), ("revenue_growth", "%")]
    names = say(locale, "North South", "华北 华南").split()
    body = [[name, money(rng), rng.choice([-1, 1]) * rng.randint(12, 98) / 1000] for name in names]
    item = receipt("r1", columns, body, ["region"])
    spot = rng.choice([s for s in spots([item]) if s.column == "revenue_growth"])
    other = rng.choice(certain([item], ["revenue"]))
    return fault("small_change", item, locale, plainly(spot, locale), plainly(other, locale))


def truncated(rng: Random, locale: str) -> Case:
    item = countries(rng, locale, rows=9)
    spot = rng.choice([s for s in certain([item], ["revenue"]) if s.value % 1 > 0.5])
    return said("truncated", item, locale, spot, no_cell(f"£{int(spot.value):,}", item))


def lucky(rng: Random, locale: str) -> Case:
    """One or two digits that equal a cell: luck, as far as anyone can tell."""
    item = customers(rng, locale)
    spot = rng.choice([s for s in spots([item]) if s.column == "orders"])
    good = next(s for s in certain([item], ["revenue"]) if s.row == spot.row)
    return fault("lucky", item, locale, plainly(spot, locale), plainly(good, locale))


def twice(rng: Random, locale: str) -> Case:
    """A number that two cells equal."""
    item = countries(rng, locale, rows=4)
    spot = rng.choice([s for s in certain([item], ["revenue", "orders"]) if s.row == 0])
    rows = [list(r) for r in item.result.rows]
    rows[2][item.result.index(spot.column)] = spot.value
    same = receipt("r1", [(c.name, c.unit) for c in item.result.columns], rows, ["country"])
    assert equals(spot.text, [same]) == 2
    other = next(s for s in certain([same]) if s.row == 1)
    return fault("twice", same, locale, plainly(spot, locale), plainly(other, locale))


def own_sum(rng: Random, locale: str) -> Case:
    """Arithmetic over true cells, done by the writer."""
    item, spot, good = pick(rng, locale)
    values = [s.value for s in spots([item]) if s.column == spot.column]
    a, b = values[:2]
    value = rng.choice([a + b, abs(a - b), sum(values), sum(values) / len(values), (a + b) / 2])
    text = no_cell(written(value, spot.unit), item)
    names = f"{label(item, 0)}{say(locale, ' and ', '和')}{label(item, 1)}"
    more = PLAIN[locale][spot.column].format(label=names, n=text)
    return fault("own_sum", item, locale, f"{good}{say(locale, ' ', '')}{more}", good)


def own_percent(rng: Random, locale: str) -> Case:
    """A percentage of the writer's own, on whatever base."""
    item, spot, good = pick(rng, locale, "revenue")
    base = rng.choice([s.value for s in spots([item]) if s.column == "revenue" and s.row != spot.row])
    text = no_cell(f"{spot.value / base * 100:.1f}%", item)
    more = say(locale, f" {spot.label} made {text} of it.", f"{spot.label}占其中的{text}。")
    return fault("own_percent", item, locale, good + more, good)


# --- right numbers in the wrong place ---------------------------------------------------------------------------------


def wrong_row(rng: Random, locale: str) -> Case:
    item = one_of(rng, locale, countries, products, months, shares, customers)
    columns = () if item.result.columns[0].name != "customer" else ("revenue",)
    spot = rng.choice(certain([item], columns))
    other = rng.choice([label(item, i) for i in range(len(item.result.rows)) if i != spot.row])
    good = plainly(spot, locale)
    return fault("wrong_row", item, locale, good.replace(spot.label, other), good)


def no_label(rng: Random, locale: str) -> Case:
    item, spot, good = pick(rng, locale)
    bad = good.replace(
        spot.label, say(locale, rng.choice(["The shop", "It", "Everyone"]), rng.choice(["本店", "其", "全部"]))
    )
    return fault("no_label", item, locale, bad, good)


def next_sentence(rng: Random, locale: str) -> Case:
    """The label stands in the sentence before."""
    item, spot, good = pick(rng, locale, "revenue")
    bad = say(
        locale,
        f"{spot.label} did well{rng.choice('.!?')} Revenue was {spot.text}.",
        f"{spot.label}表现不错{rng.choice('。！？')}销售额为{spot.text}。",
    )
    return fault("next_sentence", item, locale, bad, good)


def longer_name(rng: Random, locale: str, names: tuple[str, str]) -> Case:
    """The sentence names the row whose name contains the other's."""
    body = [[n, money(rng), rng.randint(10_001, 98_999)] for n in names]
    item = receipt("r1", [("product", "title"), ("revenue", "GBP"), ("units", "count")], body, ["product"])
    short, long = (next(s for s in spots([item]) if (s.row, s.column) == (i, "units")) for i in (0, 1))
    good = plainly(long, locale)
    return fault("longer_name", item, locale, good.replace(long.text, short.text), good)


def swapped(rng: Random, locale: str) -> Case:
    """Both rows are named, each beside the other's number."""
    item = countries(rng, locale)
    a, b = rng.sample(certain([item], ["revenue"]), 2)
    frame = say(locale, "{a} brought in {x} and {b} {y}.", "{a}的销售额为{x}，{b}为{y}。")
    bad, good = (frame.format(a=a.label, b=b.label, x=x, y=y) for x, y in ((b.text, a.text), (a.text, b.text)))
    return fault("swapped", item, locale, bad, good)


def code_as_number(rng: Random, locale: str) -> Case:
    """A number that is nothing but another customer's code."""
    item = customers(rng, locale)
    spot, other = rng.sample(certain([item], ["revenue"]), 2)
    no_cell(other.label, item)
    code = rng.choice([other.label, f"{int(other.label):,}"])
    who = say(locale, f"Customer {spot.label}", f"客户{spot.label}")
    bad = PLAIN[locale]["units"].format(label=who, n=code)
    return fault("code_as_number", item, locale, bad, plainly(spot, locale))


def year_as_number(rng: Random, locale: str) -> Case:
    """A number that is nothing but the receipt's year."""
    item = months(rng, locale)
    spot = rng.choice(certain([item], ["orders"]))
    year = no_cell(spot.label[:4], item)
    return said("year_as_number", item, locale, spot, rng.choice([year, f"{int(year):,}"]))


def up_or_down(rng: Random, locale: str) -> Case:
    item = comparison(rng, locale)
    spot = rng.choice(certain([item], ["revenue_growth"]))
    way = say(locale, "up" if spot.value < 0 else "down", "上升" if spot.value < 0 else "下降")
    bad = say(locale, f"{spot.label} is {way} {spot.text} on before.", f"{spot.label}较之前{way}{spot.text}。")
    return fault("up_or_down", item, locale, bad, plainly(spot, locale))


def signed(rng: Random, locale: str) -> Case:
    item, spot, _ = pick(rng, locale, "revenue", "orders")
    return said("signed", item, locale, spot, rng.choice("-−") + spot.text)


def unit(rng: Random, locale: str) -> Case:
    item = one_of(rng, locale, countries, shares)
    spot = rng.choice(certain([item]))
    bare = re.sub(r"[^\d.,]", "", spot.text)
    counted = say(locale, " orders", "笔订单")
    forms = {"count": [f"£{bare}", f"{bare}%", f"${bare}"], "%": [f"£{bare}", bare + counted, f"€{bare}"]}
    money_forms = [f"${bare}", f"€{bare}", f"{bare}%", f"{bare} %", bare + counted]
    assert spot.unit in forms or spot.unit in SYMBOLS
    return said("unit", item, locale, spot, rng.choice(forms.get(spot.unit, money_forms)))


def altered(rng: Random, locale: str) -> Case:
    item = products(rng, locale)
    good = plainly(next(s for s in certain([item]) if s.row == 0), locale)
    return fault("altered", item, locale, good.replace(label(item, 0), another_title(rng, item)), good)


def asked(rng: Random, locale: str) -> Case:
    """A number of the question, large enough, but of no cell."""
    item, _, good = pick(rng, locale)
    text = no_cell(f"{rng.randrange(2_000_001, 3_000_000):,}", item)
    question = say(locale, f"Did we sell more than {text} units?", f"销量超过{text}件吗?")
    more = say(locale, f" {label(item, 0)} sold {text} units.", f"{label(item, 0)}售出{text}件。")
    return fault("asked", item, locale, good + more, good, question)


# --- one case for every entry of a catalogue --------------------------------------------------------------------------


def direction(rng: Random, locale: str, verb: str) -> Case:
    item = comparison(rng, locale, sign=-1 if verb in RISING[locale] else 1)
    spot = rng.choice(certain([item], ["revenue_growth", "revenue_change"]))
    bad = say(locale, f"Revenue in {spot.label} {verb} by {spot.text}.", f"{spot.label}的销售额{verb}了{spot.text}。")
    return fault("direction", item, locale, bad, plainly(spot, locale))


def suffixed(rng: Random, locale: str, suffix: str) -> Case:
    item, spot, _ = pick(rng, locale, "revenue")
    return said("suffixed", item, locale, spot, spot.text + suffix)


def changed(rng: Random, locale: str, words: str) -> Case:
    item, _, good = pick(rng, locale, "revenue")
    more = say(locale, f" Revenue {words}.", f"销售额{words}。")
    return fault("changed", item, locale, good + more, good)


def worded(rng: Random, locale: str, words: str) -> Case:
    item, _, good = pick(rng, locale)
    more = say(locale, f" It took {words} orders to get there.", f"共有{words}个订单。")
    return fault("worded", item, locale, good + more, good)


def disguised(rng: Random, locale: str, text: str) -> Case:
    item, _, good = pick(rng, locale)
    assert not any(equals(part, [item]) for part in ("48213", "8213", "213"))
    more = say(locale, f" {label(item, 0)} had {text} visits.", f"{label(item, 0)}共有 {text} 次访问。")
    return fault("disguised", item, locale, good + more, good)


def hidden(rng: Random, locale: str, text: str) -> Case:
    item, _, good = pick(rng, locale)
    no_cell("48213", item)
    return fault("hidden", item, locale, f"{good}\n\n{text}\n", good)


def dated(rng: Random, locale: str, text: str) -> Case:
    item, _, good = pick(rng, locale)
    no_cell("2009", item)
    return fault("dated", item, locale, f"{text}{say(locale, ' ', '')}{good}", good)


MAKERS: tuple[Callable[[Random, str], Case], ...] = (
    invented, transposed, shifted, too_round, small_change, truncated, lucky, twice, own_sum, own_percent, wrong_row,
    no_label, next_sentence, swapped, code_as_number, year_as_number, up_or_down, signed, unit, altered,
    asked,
)  # fmt: skip


def faults(rounds: int) -> Iterator[Case]:
    """Every entry of every catalogue in each language it is meant for, and `rounds` seeds of every maker."""
    for locale in ("en", "zh"):
        for maker, entries in (
            (suffixed, SUFFIXES), (changed, CHANGES[locale]), (worded, WORDS[locale]), (disguised, DISGUISED),
            (hidden, HIDDEN), (dated, DATES[locale]), (direction, RISING[locale] + FALLING[locale]),
        ):  # fmt: skip
            yield from (maker(Random(f"plain {maker.__name__} {i}"), locale, x) for i, x in enumerate(entries))
        pairs = NESTED[4:] if locale == "zh" else NESTED[:4]
        yield from (longer_name(Random(f"longer {i}"), locale, x) for i, x in enumerate(pairs))
        for seeded in MAKERS:
            yield from (seeded(Random(f"plain {seeded.__name__} {locale} {i}"), locale) for i in range(rounds))
