"""forecast_sales: what will be sold, of what, when, and how sure that is."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.contract import READ, Result, ToolError
from tools.forecast.asked import Asked, read_grain, read_items, read_metric, read_period
from tools.forecast.bounds import FEW
from tools.forecast.levels import CATEGORY, PRICED_OVER, PRODUCT, SHOP, categories_of
from tools.forecast.outlook import SIMPLE, Outlook, outlook
from tools.forecast.rows import Facts, columns_of, rows_of
from tools.forecast.sold import REVENUE, UNITS, Doubles, daily
from tools.forecast.supposed import read_scenario
from tools.forecast.totals import Target
from tools.metrics.arguments import Arguments
from tools.metrics.reading import spoken
from tools.metrics.request import Filter
from tools.metrics.tool import names_of

if TYPE_CHECKING:
    from store.connect import Store

FEW_PERIODS = "Only few such periods could be looked back at, so the bounds are rough."
LEVELLING = ("recent", "longer")  # ways that know no season
NO_TEST = "There is too little history to look back at, so nobody knows how far off it may be."
BULK = "One-off bulk orders were counted only as far as usual sales go."
CLOSED = "Days on which the shop is likely to be closed count as such."


@READ
def forecast_sales(
    store: Store,
    what: str | Sequence[str] = "",
    horizon: Any = None,
    grain: str | None = None,
    scenario: Mapping[str, Any] | None = None,
    metric: str | None = None,
    where: Sequence[Mapping[str, Any]] = (),
    *,
    today: date | None = None,
    period: Any = None,
    until: str | None = None,
    model: str | None = None,
) -> Result:
    """What will be sold in days to come: a mean, the bounds between which it lies 8 times out of 10, the error so far.

    Use it for "will we sell", "expect", "forecast", "next month's sales". Row 0 is the period's total (its part
    "already sold of it" included, where the period has begun). Rows "forecast by week" are its buckets; "same days a
    year before" and "as many days before" tell what was sold then; rows "back-test" tell how far off (error) the answer
    and each simpler way were over the last such periods. Say the bounds and the error with every forecast.

    what: a product, category or country by its name, or a list of them; nothing is the whole shop.
    horizon: "next month", "December", "next 4 weeks", "2027-01" or {"start", "end"}; nothing is the next 4 weeks.
    grain: day, week or month, where the course is asked for.
    scenario: {"price_change": -0.1} for "what if the price were 10 % lower", of products or a category: adds the row
        "at that price", moved by what past price changes did. {"promotion": true} for "with a promotion" (a usual one
        on all days), 0.2 for one at 20 % off, "November" or {"start", "end"} for "the same promotion as in November",
        false for "without any promotion": adds a row moved by what past promotions did. Both keys for another price
        and a promotion, which takes its part off that price: rows "brought by the price" and "brought by the
        promotion" add up to the difference from row 0.
    metric: "units" or "revenue"; nothing is units of products, else revenue.
    where: as in query_metrics, with "=" or "in" on product, category or country; in place of `what`.
    period, until, model: how a receipt says horizon, the last day known, and the model's version; leave them out.
    today: the day that "next month" counts from, the last of the data unless given.
    Raises NotThere (no such name, never sold), Ambiguous (two readings), ToolError (over, too far, too little history).
    """
    started = time.perf_counter()
    day = today or store.today
    last = min(store.today, until_day(until) or day)
    items = read_items(what, Arguments.read(metrics=[], where=where).where, names_of(store))
    span = read_period(period or horizon, day, last, store.first_day)
    by, said = read_grain(grain, span)
    asked = Asked(items, read_metric(metric, items), span, by, said)
    look = outlook(store, last, asked.metric, math.ceil(((span.end - last).days) / 7), model)
    facts = _facts(store, asked, look)
    supposed = read_scenario(scenario, day, store.first_day)
    columns, rows, notes = columns_of(facts, store.currency), rows_of(facts), _notes(facts)
    if supposed is not None:
        more, what_if, said_of_it = supposed.rows(store, facts)
        columns, notes = (*columns, *more), [*said_of_it, *notes]
        rows = [*([*row, *[None] * len(more)] for row in rows), *what_if]
    kept = {
        "what": what if isinstance(what, str) else list(what), "where": [dict(w) for w in where],
        "metric": asked.metric, "period": spoken(span), "grain": grain,
        "scenario": dict(supposed.said) if supposed else {}, "until": last.isoformat(), "model": version_of(look),
    }  # fmt: skip
    ms = round((time.perf_counter() - started) * 1000)
    return Result("forecast_sales", kept, None, columns, rows, len(rows), False, ms, store.data_version, tuple(notes))


def until_day(given: Any) -> date | None:
    if given in (None, ""):
        return None
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        raise ToolError(f"until is a date (YYYY-MM-DD), not {given!r}.") from None


def version_of(look: Outlook) -> str:
    return look.card.version if look.card else SIMPLE


def _facts(store: Store, asked: Asked, look: Outlook) -> Facts:
    items = tuple((item, item.target(look.sold)) for item in asked.items)
    members = np.unique(np.concatenate([target.members for _, target in items]))
    whole = Target(items[0][1].level, members)
    return Facts(asked, look, whole, items, _days(store, asked, look, members), _season(store, look, whole))


def _season(store: Store, look: Outlook, whole: Target) -> Doubles | None:
    """That of the categories which are asked about, weighed by what they sell of late; a country's is the shop's. None
    where the way that answers knows of none."""
    from tools.forecast.season import season_of, seasons

    if look.shop.level[whole.level].best in LEVELLING:
        return None
    sold, known = look.sold, categories_of(look.sold)
    names = {PRODUCT: sold.categories, CATEGORY: known}.get(whole.level)
    lately = dict.fromkeys([names[i] for i in whole.members] if names else known, 0.0)
    for i, kind in enumerate(sold.categories):
        if kind in lately:
            lately[kind] += float(sold.product[UNITS][i, -PRICED_OVER:].sum())
    return season_of(seasons(store, sold), {k: v for k, v in lately.items() if v > 0})


def _days(store: Store, asked: Asked, look: Outlook, members: Any) -> Doubles:
    """What was sold of it each day since the first whole week."""
    sold, field = look.sold, asked.items[0].field
    if field == SHOP:
        return sold.days[asked.metric]
    matches = tuple(item.found for item in asked.items if item.found)
    filters = (Filter(field, "in", tuple(m.asked for m in matches), matches),)
    with store.connect() as con:
        out = daily(con, filters, sold.first, sold.last)
    for b in sold.bulk:
        if (b.product in members) if field == "product" else _is_of(b, field, look, members):
            at = (b.day - sold.first).days
            part = b.units * b.left_out / max(out[UNITS][at], 1e-9)
            out[REVENUE][at] *= max(0.0, 1 - part)
            out[UNITS][at] -= b.units * b.left_out
    return out[asked.metric]


def _is_of(b: Any, field: str, look: Outlook, members: Any) -> bool:
    known = look.sold.countries if field == "country" else categories_of(look.sold)
    name = b.country if field == "country" else look.sold.categories[b.product]
    return bool(known.index(name) in members)


def _notes(facts: Facts) -> list[str]:
    """What is to be said beside a forecast; the sentences with digits follow those without."""
    look, period = facts.look, facts.asked.period
    found = facts.tested()
    coming = facts.total(facts.whole, period.start, period.end)
    notes = [look.note] if look.note else []
    if not found.periods:
        notes.append(NO_TEST)
    elif coming.cases < FEW:
        notes.append(FEW_PERIODS)
    begin = max(0, (period.start - facts.origin).days)
    days = look.opening.weight[len(facts.days) + begin : len(facts.days) + (period.end - facts.origin).days + 1]
    if (days <= 0).any():
        notes.append(CLOSED)
    if look.sold.bulk:
        notes.append(BULK)
    return [*notes, *_with_digits(facts)]


def _with_digits(facts: Facts) -> list[str]:
    from tools.forecast.weekly import notes_of

    look = facts.look
    said = [] if look.card is None else [
        f"Model {look.card.version}, trained {look.card.made_at} on {look.card.first} to {look.card.last}; "
        f"the bounds rest on {len(look.shop.origins) - 1} past weeks from which it was tried."
    ]  # fmt: skip
    return [*said, *notes_of(look.sold), *(item.found.said() for item in facts.asked.items if item.found)]
