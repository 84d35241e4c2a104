"""Prose with plain digits that must be shown: each number is one cell's, in a sentence that names its row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from agent.receipts import Receipt
from tests.receipt_cases import (
    PLAIN,
    Case,
    certain,
    comparison,
    countries,
    customers,
    months,
    plainly,
    products,
    say,
    shares,
)
from tests.receipt_rights import Maker


def written(rng: Random, locale: str, item: Receipt, kind: str, *columns: str) -> Case:
    """A sentence for each of up to three cells that can be told apart."""
    good = certain([item], columns)
    chosen = rng.sample(good, min(3, len(good)))
    prose = (" " if locale == "en" else "").join(plainly(s, locale) for s in chosen)
    return Case(kind, prose, (item,), locale, plain=True, wants=tuple(s.want for s in chosen))


def plain_countries(rng: Random, locale: str) -> Case:
    return written(rng, locale, countries(rng, locale), "plain_countries")


def plain_euros(rng: Random, locale: str) -> Case:
    item = countries(rng, locale, currency=rng.choice(["EUR", "USD"]))
    return written(rng, locale, item, "plain_euros", "revenue")


def plain_titles(rng: Random, locale: str) -> Case:
    return written(rng, locale, products(rng, locale), "plain_titles")


def plain_months(rng: Random, locale: str) -> Case:
    return written(rng, locale, months(rng, locale), "plain_months")


def plain_shares(rng: Random, locale: str) -> Case:
    case = written(rng, locale, shares(rng, locale), "plain_shares")
    return replace(case, prose=case.prose.replace(" %", rng.choice(["%", " %"])))


def plain_customers(rng: Random, locale: str) -> Case:
    return written(rng, locale, customers(rng, locale), "plain_customers", "revenue")


def plain_growth(rng: Random, locale: str) -> Case:
    item = comparison(rng, locale)
    return written(rng, locale, item, "plain_growth", "revenue_growth", "revenue_change", "revenue_before")


def plain_pence(rng: Random, locale: str) -> Case:
    item = countries(rng, locale)
    spot = rng.choice([s for s in certain([item], ["revenue"])])
    prose = PLAIN[locale]["revenue"].format(label=spot.label, n=f"£{spot.value:,.2f}")
    return Case("plain_pence", prose, (item,), locale, plain=True, wants=(spot.want,))


def plain_list(rng: Random, locale: str) -> Case:
    item = countries(rng, locale)
    good = certain([item], ["revenue"])[:4]
    prose = "\n".join(f"{i}. {plainly(s, locale)}" for i, s in enumerate(good, 1))
    return Case("plain_list", prose, (item,), locale, plain=True, wants=tuple(s.want for s in good), shows=("1. ",))


def plain_restated(rng: Random, locale: str) -> Case:
    item, n = countries(rng, locale), rng.randint(4, 9)
    spot = rng.choice(certain([item], ["revenue", "orders"]))
    question = say(locale, f"top {n} countries?", f"前{n}名的国家?")
    line = say(locale, f"Read as: the top {n} countries by revenue.", f"理解为：销售额前{n}名的国家。")
    return Case("plain_restated", f"{line}\n\n{plainly(spot, locale)}", (item,), locale, question, True, (spot.want,))


def plain_several(rng: Random, locale: str) -> Case:
    items = (countries(rng, locale, "r1"), products(rng, locale, "r2"))
    good = certain(items)
    chosen = [rng.choice([s for s in good if s.receipt == r]) for r in ("r1", "r2")]
    prose = "\n\n".join(plainly(s, locale) for s in chosen)
    return Case("plain_several", prose, items, locale, plain=True, wants=tuple(s.want for s in chosen))


def plain_pair(rng: Random, locale: str) -> Case:
    """Two rows in one sentence, each beside its own number."""
    item = countries(rng, locale)
    a, b = rng.sample(certain([item], ["revenue"]), 2)
    prose = say(
        locale,
        f"{a.label} brought in {a.text} and {b.label} {b.text}.",
        f"{a.label}的销售额为{a.text}，{b.label}为{b.text}。",
    )
    return Case("plain_pair", prose, (item,), locale, plain=True, wants=(a.want, b.want))


MAKERS: tuple[Maker, ...] = (
    plain_countries, plain_euros, plain_titles, plain_months, plain_shares, plain_customers, plain_growth, plain_pence,
    plain_list, plain_restated, plain_several, plain_pair,
)  # fmt: skip


def rights(rounds: int) -> Iterator[Case]:
    """`rounds` cases of every kind in each language."""
    for maker in MAKERS:
        for i in range(rounds):
            for locale in ("en", "zh"):
                yield maker(Random(f"{maker.__name__} {locale} {i}"), locale)
