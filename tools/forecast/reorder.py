"""plan_stock: when will it run out, and how many should be ordered."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.contract import READ, Cell, Column, NotThere, Result, ToolError
from tools.forecast.asked import Item, read_items
from tools.forecast.book import HORIZON
from tools.forecast.levels import CATEGORY, COUNTRY, PRODUCT, SHOP, categories_of
from tools.forecast.outlook import Outlook, farthest, outlook
from tools.forecast.rows import NAMES, RANGE, rounded
from tools.forecast.sold import UNITS, sold_until
from tools.forecast.stock import HALF, Advice, Stocked, Terms, advised
from tools.forecast.tool import BULK, NO_TEST, until_day, version_of
from tools.forecast.totals import Target, means
from tools.metrics.arguments import Arguments
from tools.metrics.dates import DAY, Period
from tools.metrics.periods import parse_period
from tools.metrics.reading import spoken
from tools.metrics.tool import names_of

if TYPE_CHECKING:
    from store.connect import Store

LEAD, REVIEW, SERVICE = 14, 7, 0.95  # where nobody says otherwise, which the answer says
LONGEST = 365  # days
SOONEST, GONE = 10, 5  # products in a list: that run out first; that are out already and are wanted most
ASSUMED = {
    "lead_days": "Nobody said how long a delivery takes, so that is assumed.",
    "review_days": "Nobody said how often orders are placed, so that is assumed.",
    "service": "Nobody said how sure it is to be, so that is assumed.",
}
UNSTOCKED = "This shop's data doesn't say how much of {} is on hand. Say how many are left, and it can be told."
PAST = "What was on hand on an earlier day isn't in the data: say how many were left then."
SOME_UNKNOWN = "Products of which nobody knows what is on hand are left out."
OUT = "While something is out of stock nothing is sold of it, so more may be wanted than this says."
ONLY_SOONEST = "There are more products: these run out first."
NOT_ORDERED = "What is on order already isn't in the data, and not counted."
COLUMNS = (
    Column("what", "title"), Column("stock", "count"), Column("runs_out", "day"), Column("runs_out_earliest", "day"),
    Column("runs_out_latest", "day"), Column("looked_until", "day"), Column("lead_days", "days"),
    Column("review_days", "days"), Column("service", "%"), Column("cover_until", "day"), Column("demand", "count"),
    Column("order_up_to", "count"), Column("to_order", "count"), Column("order_by", "day"), Column("method", "name"),
    Column("error", "%"), Column("periods_tested", "count"), Column("times_inside", "count"),
    Column("times_in_all", "count"),
)  # fmt: skip


@READ
def plan_stock(
    store: Store,
    what: str | Sequence[str] = "",
    stock: float | None = None,
    lead_days: int | None = None,
    review_days: int | None = None,
    service: float | None = None,
    where: Sequence[Mapping[str, Any]] = (),
    *,
    today: date | None = None,
    period: Any = None,
    until: str | None = None,
    model: str | None = None,
) -> Result:
    """When stock runs out and how many to order: "when will we run out of X", "how many X should I reorder".

    Of one product a row; of several, of a category or of the whole shop the products that run out first, a row each,
    and then those that are out already (stock 0). runs_out is when it is expected to, and times_inside of times_in_all
    it happens from runs_out_earliest to runs_out_latest; an empty one is later than looked_until. demand is what is
    expected until cover_until (lead time and review period), order_up_to what suffices for it as often as service
    says, to_order what is missing of that, order_by the last day for the order. Say what the notes call assumed.

    what: a product or category by its name, or a list of products; nothing is the whole shop.
    stock: how many the merchant says are left, of all that `what` names together; else what the data says.
    lead_days: days from an order to its delivery. review_days: days between orders. service: 0.95 for 95 %.
    where: as in query_metrics, with "=" or "in" on product or category; in place of `what`.
    period, until, model: how a receipt says the days covered, the last day known, and the model's version; leave out.
    today: the day that is counted from, the last of the data unless given.
    Raises NotThere (no such name, no stock known), Ambiguous, ToolError (too far, too little history).
    """
    started = time.perf_counter()
    terms, stock, day = _terms(lead_days, review_days, service), _stock(stock), today or store.today
    last = min(store.today, until_day(until) or day)
    start = _start(period, day, last, stock is not None)
    items = read_items(what, Arguments.read(metrics=[], where=where).where, names_of(store))
    weeks = math.ceil(((start - last).days - 1 + terms.cover) / 7)
    look = outlook(store, last, UNITS, max(weeks, min(HORIZON, farthest(sold_until(store, last)))), model)
    found, notes = _stocked(store, look, items, stock, last)
    chosen = _soonest(look, found, terms) if len(found) > 1 else found
    notes += [ONLY_SOONEST] if len(chosen) < len(found) else []
    advice = [advised(look, each, terms, start) for each in chosen]
    advice.sort(key=lambda a: ((a.of.stock or 0) <= 0, a.runs_out or date.max))
    kept = {
        "what": what if isinstance(what, str) else list(what), "where": [dict(w) for w in where], "stock": stock,
        "lead_days": terms.lead, "review_days": terms.review, "service": terms.service,
        "period": spoken(Period(start, start + timedelta(days=terms.cover - 1))), "until": last.isoformat(),
        "model": version_of(look),
    }  # fmt: skip
    rows = [_row(look, a, terms, start) for a in advice]
    assumed = [ASSUMED[k] for k, v in zip(ASSUMED, (lead_days, review_days, service), strict=True) if v is None]
    told = (*notes, *_notes(look, advice), *assumed)
    ms = round((time.perf_counter() - started) * 1000)
    return Result("plan_stock", kept, None, COLUMNS, rows, len(rows), False, ms, store.data_version, told)


def _terms(lead: Any, review: Any, service: Any) -> Terms:
    days = {"lead_days": LEAD if lead is None else lead, "review_days": REVIEW if review is None else review}
    for name, value in days.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST:
            raise ToolError(f"{name} is a number of days up to {LONGEST}, not {value!r}.")
    sure = SERVICE if service is None else service
    if isinstance(sure, bool) or not isinstance(sure, int | float) or not HALF <= sure < 1:
        raise ToolError("service is the chance that stock suffices, such as 0.95: at least a half, and under 1.")
    if days["lead_days"] + days["review_days"] < 1:
        raise ToolError("lead_days and review_days come to at least a day.")
    return Terms(math.ceil(days["lead_days"]), math.ceil(days["review_days"]), float(sure))


def _stock(given: Any) -> float | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given < 1e9:
        raise ToolError(f"stock is how many are on hand, such as 120, not {given!r}.")
    return given


def _start(period: Any, day: date, last: date, is_said: bool) -> date:
    """The first day that stock has to last for: after today where the merchant says what is left, else after the data.
    A receipt says it."""
    if period:
        return parse_period(period, day).start
    return (max(day, last) if is_said else last) + DAY


def _stocked(
    store: Store, look: Outlook, items: Sequence[Item], stock: float | None, last: date
) -> tuple[list[Stocked], list[str]]:
    """What is asked about with what is on hand. NotThere: nobody knows that."""
    if items[0].field == COUNTRY:
        raise NotThere("Stock is of products, not of countries.")
    if stock is not None:
        targets = [item.target(look.sold) for item in items]
        together = Target(targets[0].level, np.unique(np.concatenate([t.members for t in targets])))
        return [Stocked(", ".join(item.label for item in items if item.label), together, stock)], []
    if last < store.today:
        raise NotThere(PAST)
    on_hand = _on_hand(store)
    members = _products(look, items)
    known = [i for i in members if on_hand.get(look.sold.ids[i]) is not None]
    if not known:
        names = [item.label for item in items if item.label]
        raise NotThere(UNSTOCKED.format(", ".join(names) if names else "its products"))
    found = [
        Stocked(look.sold.titles[i], Target(PRODUCT, np.array([i])), float(on_hand[look.sold.ids[i]] or 0))
        for i in known
    ]
    return found, [SOME_UNKNOWN] if len(known) < len(members) else []


def _on_hand(store: Store) -> dict[str, int | None]:
    with store.connect() as con:
        return {str(i): n for i, n in con.execute("SELECT product_id, stock FROM products").fetchall()}


def _products(look: Outlook, items: Sequence[Item]) -> list[int]:
    """The products that are asked about, as far as any of them was ever sold. NotThere: none was."""
    sold = look.sold
    if items[0].field == SHOP:
        wanted = set(range(len(sold.ids) - 1))
    elif items[0].field == CATEGORY:
        kinds = {categories_of(sold)[m] for item in items for m in item.target(sold).members}
        wanted = {i for i, kind in enumerate(sold.categories) if kind in kinds}
    else:
        wanted = {int(m) for item in items for m in item.target(sold).members}
    return sorted(i for i in wanted if sold.product[UNITS][i].sum() > 0)


def _soonest(look: Outlook, found: Sequence[Stocked], terms: Terms) -> list[Stocked]:
    """Those whose stock lasts the least days, and of those that are out the ones that are wanted most."""
    mean = means(look.shop, look.opening, PRODUCT, 0, terms.cover)
    rates = [(each, float(mean[each.target.members].sum())) for each in found]
    wanted = [(each, expected) for each, expected in rates if expected > 0]
    here = sorted(((e, r) for e, r in wanted if (e.stock or 0) > 0), key=lambda of: (of[0].stock or 0) / of[1])
    gone = sorted(((e, r) for e, r in wanted if (e.stock or 0) <= 0), key=lambda of: -of[1])
    return [each for each, _ in (*here[:SOONEST], *gone[:GONE])] or list(found[:SOONEST])


def _row(look: Outlook, a: Advice, terms: Terms, start: date) -> list[Cell]:
    def said(d: date | None) -> str | None:
        return d.isoformat() if d else None

    level = look.shop.level[a.of.target.level]
    stock = a.of.stock
    return [
        a.of.label or None, int(stock) if stock is not None and float(stock).is_integer() else stock, said(a.runs_out),
        said(a.earliest), said(a.latest), said(look.sold.last + timedelta(weeks=look.shop.horizon)), terms.lead,
        terms.review, terms.service, said(start + timedelta(days=terms.cover - 1)), rounded(a.demand, UNITS), a.up_to,
        a.order, said(a.order_by), NAMES[level.best], a.tested.errors.get("answer"), a.tested.periods or None, *RANGE,
    ]  # fmt: skip


def _notes(look: Outlook, advice: Sequence[Advice]) -> list[str]:
    notes = [look.note] if look.note else []
    notes += [NO_TEST] if not any(a.tested.periods for a in advice) else []
    notes += [OUT] if any((a.of.stock or 0) <= 0 for a in advice) else []
    own = {int(m) for a in advice if a.of.target.level == PRODUCT for m in a.of.target.members}
    notes += [BULK] if any(b.product in own for b in look.sold.bulk) else []
    return [*notes, NOT_ORDERED]
