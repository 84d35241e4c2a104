"""Seeded receipts of invented shops, and the arithmetic of the tests: nothing here is shared with agent/receipts.py.

A case is prose with the receipts it may draw on. A right case knows each number it must show, computed here by hand;
a fault has a twin, the same prose without the fault, so that it can't be refused for some other reason.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from agent.receipts import Receipt
from tools.contract import Cell, Column, Result

SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}
PLACES = {
    "en": ("Germany", "France", "Norway", "Japan", "Portugal", "Iceland", "Cyprus", "Malta", "Brazil", "Hong Kong"),
    "zh": ("德国", "法国", "挪威", "日本", "葡萄牙", "冰岛", "塞浦路斯", "马耳他", "巴西", "中国香港"),
}
CATEGORIES = {
    "en": ("Kitchen", "Garden", "Lighting", "Stationery", "Toys", "Textiles"),
    "zh": ("厨房", "园艺", "灯具", "文具", "玩具", "家纺"),
}
TITLES = {
    "en": (
        "{a} TIER CAKE STAND {b}CM",
        "SET OF {a} SPICE TINS {b}ML",
        "{b} LED STAR LIGHTS",
        "TIN No.{b} GREEN",
        "MUG {a}.5OZ BLUE",
        "SET OF TWO TEA TOWELS {b}",
        "DOZEN EGG CRATE {a}X{b}",
        "HALF MOON LAMP {b}W",
    ),
    "zh": (
        "{a}层蛋糕架 {b}厘米",
        "调料罐{a}件套 {b}毫升",
        "{b}灯星形灯串",
        "十二生肖杯 {b}号",
        "双人茶具 {a}X{b}",
        "百合花瓶 {b}CM",
        "三层果篮 {b}",
        "{b}W半月灯",
    ),
}
PLAIN = {
    "en": {
        "revenue": "{label} brought in {n}.",
        "revenue_before": "The period before, {label} brought in {n}.",
        "orders": "{label} had {n} orders.",
        "units": "{label} sold {n} units.",
        "share": "{label} made up {n} of revenue.",
        "up": "Revenue in {label} rose by {n}.",
        "down": "Revenue in {label} fell by {n}.",
    },
    "zh": {
        "revenue": "{label}的销售额为{n}。",
        "revenue_before": "上一时期{label}的销售额为{n}。",
        "orders": "{label}共有{n}笔订单。",
        "units": "{label}售出{n}件。",
        "share": "{label}占销售额的{n}。",
        "up": "{label}的销售额增长了{n}。",
        "down": "{label}的销售额下降了{n}。",
    },
}


@dataclass(frozen=True)
class Want:
    """A number that must be shown: its value by our own arithmetic and, for a plain cell, the place it comes from."""

    value: float
    how: str = "cell"
    at: tuple[str, int, str] | None = None


@dataclass(frozen=True)
class Case:
    """`shows` are texts that must stand in the answer; `twin` is a fault's prose with the fault put right."""

    kind: str
    prose: str
    receipts: tuple[Receipt, ...]
    locale: str = "en"
    question: str = ""
    plain: bool = False
    wants: tuple[Want, ...] = ()
    shows: tuple[str, ...] = ()
    twin: str | None = None
    twin_question: str | None = None


@dataclass(frozen=True)
class Spot:
    """One numeric cell, its row's label, and how a writer of plain digits would put it."""

    receipt: str
    row: int
    column: str
    unit: str
    label: str
    value: float
    text: str = field(default="")

    @property
    def want(self) -> Want:
        return Want(self.value, "cell", (self.receipt, self.row, self.column))

    @property
    def ref(self) -> str:
        return f"{{{self.receipt}.{self.row}.{self.column}}}"


# --- receipts ---------------------------------------------------------------------------------------------------------


def money(rng: Random, low: float = 2_000, high: float = 900_000) -> float:
    """Pounds and pence, never a whole or a half pound: no question of which way a half is rounded."""
    return rng.randrange(int(low), int(high)) + rng.choice([11, 23, 37, 48, 62, 74, 86, 93]) / 100


def receipt(
    key: str,
    columns: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[Any]],
    by: Sequence[str] = (),
    year: int = 2023,
) -> Receipt:
    measures = [name for name, unit in columns if name not in by and unit not in ("title", "id", "name")]
    asked = {
        "metrics": measures[:1],
        "by": list(by),
        "period": {"start": f"{year}-01-01", "end": f"{year}-12-31"},
    }
    result = Result(
        "query_metrics",
        asked,
        "SELECT …",
        tuple(Column(*c) for c in columns),
        [list(row) for row in rows],
        len(rows),
        False,
        4,
        "sha256:" + "ab" * 32,
    )
    return Receipt(key, result)


def countries(rng: Random, locale: str, key: str = "r1", rows: int = 0, currency: str = "GBP") -> Receipt:
    names = rng.sample(PLACES[locale], rows or rng.randint(3, 8))
    body: list[list[Cell]] = [[n, money(rng), rng.randint(101, 9_999), rng.randint(10_001, 98_999)] for n in names]
    columns = [("country", "name"), ("revenue", currency), ("orders", "count"), ("units", "count")]
    return receipt(key, columns, body, ["country"])


def products(rng: Random, locale: str, key: str = "r1", currency: str = "GBP") -> Receipt:
    forms = rng.sample(TITLES[locale], rng.randint(3, 6))
    titles = [f.format(a=rng.randint(2, 9), b=rng.randint(11, 99)) for f in forms]
    codes = rng.sample(range(20_001, 99_999), len(titles))
    body: list[list[Cell]] = [
        [str(c), t, money(rng, 300, 90_000), rng.randint(1_001, 9_999)] for c, t in zip(codes, titles, strict=True)
    ]
    columns = [("product_id", "id"), ("product", "title"), ("revenue", currency), ("units", "count")]
    return receipt(key, columns, body, ["product"])


def months(rng: Random, locale: str, key: str = "r1", currency: str = "GBP") -> Receipt:
    year, count = rng.randint(2015, 2024), rng.randint(3, 12)
    body: list[list[Cell]] = [[f"{year}-{m:02}", money(rng), rng.randint(101, 9_999)] for m in range(1, count + 1)]
    return receipt(key, [("month", "month"), ("revenue", currency), ("orders", "count")], body, ["month"], year)


def days(rng: Random, locale: str, key: str = "r1") -> Receipt:
    year, month = rng.randint(2015, 2024), rng.randint(1, 12)
    picked = sorted(rng.sample(range(1, monthrange(year, month)[1] + 1), 5))
    body: list[list[Cell]] = [[f"{year}-{month:02}-{d:02}", money(rng), rng.randint(101, 9_999)] for d in picked]
    return receipt(key, [("day", "day"), ("revenue", "GBP"), ("orders", "count")], body, ["day"], year)


def scalar(rng: Random, locale: str, key: str = "r1", currency: str = "GBP") -> Receipt:
    row: list[Cell] = [money(rng, 10_000, 9_000_000), rng.randint(1_001, 99_999), round(rng.uniform(1.1, 9.8), 4)]
    columns = [("revenue", currency), ("orders", "count"), ("units_per_order", "ratio")]
    return receipt(key, columns, [row], (), rng.randint(2015, 2024))


def comparison(rng: Random, locale: str, key: str = "r1", sign: int = 0) -> Receipt:
    """Growth of 11 to 89 % either way, so that a tenth of a percent has three digits. `sign` ±1 asks for one way."""
    body: list[list[Cell]] = []
    for name in rng.sample(PLACES[locale], rng.randint(3, 6)):
        before = money(rng, 20_000, 900_000)
        now = round(before * (1 + (sign or rng.choice([-1, 1])) * rng.uniform(0.11, 0.89)), 2)
        body.append([name, now, before, round(now - before, 2), (now - before) / before])
    columns = [("country", "name"), ("revenue", "GBP"), ("revenue_before", "GBP"), ("revenue_change", "GBP")]
    return receipt(key, [*columns, ("revenue_growth", "%")], body, ["country"])


def shares(rng: Random, locale: str, key: str = "r1") -> Receipt:
    names = rng.sample(CATEGORIES[locale], rng.randint(3, 6))
    parts = [money(rng) for _ in names]
    body: list[list[Cell]] = [[n, p, p / sum(parts)] for n, p in zip(names, parts, strict=True)]
    return receipt(key, [("category", "name"), ("revenue", "GBP"), ("share", "%")], body, ["category"])


def hours(rng: Random, locale: str, key: str = "r1") -> Receipt:
    body: list[list[Cell]] = [[h, rng.randint(101, 999)] for h in sorted(rng.sample(range(6, 22), 5))]
    return receipt(key, [("hour", "hour"), ("orders", "count")], body, ["hour"])


def customers(rng: Random, locale: str, key: str = "r1") -> Receipt:
    codes = rng.sample(range(12_001, 18_999), 4)
    body: list[list[Cell]] = [[str(c), money(rng, 1_000, 90_000), rng.randint(1, 9)] for c in codes]
    return receipt(key, [("customer", "id"), ("revenue", "GBP"), ("orders", "count")], body, ["customer"])


def gaps(rng: Random, locale: str, key: str = "r1") -> Receipt:
    """Rows with a zero and with an empty cell, as a ratio over an empty bucket gives."""
    a, b, c = rng.sample(PLACES[locale], 3)
    body: list[list[Cell]] = [[a, 0.0, 0, None], [b, money(rng), 321, 12.34], [c, 0.0, 0, None]]
    columns = [("country", "name"), ("revenue", "GBP"), ("orders", "count"), ("average_order_value", "GBP")]
    return receipt(key, columns, body, ["country"])


def one_of(rng: Random, locale: str, *shops: Callable[[Random, str], Receipt]) -> Receipt:
    return rng.choice(shops)(rng, locale)


def portions(rng: Random, locale: str, about: float, unit: str = "%") -> Receipt:
    """One row whose `part` lies within two percent of `about`."""
    name = "share" if unit == "%" else "multiple"
    row: list[Cell] = [rng.choice(CATEGORIES[locale]), about * rng.uniform(0.98, 1.02)]
    return receipt("r1", [("category", "name"), (name, unit)], [row], ["category"])


# --- our own arithmetic -----------------------------------------------------------------------------------------------


def label(item: Receipt, row: int) -> str:
    """The row's last key: the title rather than the code."""
    keys = [i for i, c in enumerate(item.result.columns) if c.is_key]
    return str(item.result.rows[row][keys[-1]]) if keys else ""


def spots(receipts: Sequence[Receipt]) -> Iterator[Spot]:
    """Every numeric cell that isn't a key, in reading order."""
    for item in receipts:
        for i, row in enumerate(item.result.rows):
            for column, cell in zip(item.result.columns, row, strict=True):
                if not column.is_key and isinstance(cell, int | float):
                    text = written(cell, column.unit)
                    yield Spot(item.id, i, column.name, column.unit, label(item, i), cell, text)


def written(value: float, unit: str) -> str:
    """As a careful writer puts it, without its sign."""
    if unit in SYMBOLS:
        return f"{SYMBOLS[unit]}{abs(value):,.0f}"
    if unit == "%":
        return f"{abs(value) * 100:.1f} %"
    return f"{abs(value):,.0f}" if unit == "count" else f"{abs(value):.2f}"


def read(text: str) -> tuple[float, int] | None:
    """The number in a text and its decimal places; None for words alone."""
    found = re.search(r"\d[\d,]*(?:\.(\d+))?", text)
    if not found:
        return None
    return float(found[0].replace(",", "")), len(found[1] or "")


def equals(text: str, receipts: Sequence[Receipt]) -> int:
    """How many cells the number could be said to equal: as it is or as a percentage, whatever its sign."""
    found = read(text)
    assert found, text
    number, places = found
    cells = [abs(s.value) for s in spots(receipts)]
    return sum(round(c * k, places) == number for c in cells for k in (1, 100))


def significant(text: str) -> int:
    """Significant digits at the least: zeros at either end aren't counted."""
    return len(re.sub(r"\D", "", text).strip("0"))


def certain(receipts: Sequence[Receipt], columns: Sequence[str] = ()) -> list[Spot]:
    """The cells that plain digits may name: one cell, three significant digits."""
    return [
        s
        for s in spots(receipts)
        if (not columns or s.column in columns) and significant(s.text) >= 3 and equals(s.text, receipts) == 1
    ]


# --- words -----------------------------------------------------------------------------------------------------------


def say(locale: str, en: str, zh: str) -> str:
    return zh if locale == "zh" else en


def wants(item: Receipt, row: int, *columns: str) -> tuple[Want, ...]:
    return tuple(s.want for c in columns for s in spots([item]) if (s.row, s.column) == (row, c))


def number(item: Receipt, row: int, column: str) -> float:
    value = item.result.cell(row, column)
    assert isinstance(value, int | float)
    return value


def plainly(spot: Spot, locale: str) -> str:
    """The sentence that a writer of plain digits makes of one cell, direction in words."""
    signed = spot.column.endswith(("_growth", "_change"))
    name = ("up" if spot.value > 0 else "down") if signed else spot.column
    subject = spot.label if not spot.label.isdigit() else say(locale, f"Customer {spot.label}", f"客户{spot.label}")
    return PLAIN[locale][name].format(label=subject, n=spot.text)
