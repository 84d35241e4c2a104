"""Whether explain_change finds what was planted in demo shops, and nothing in the same shops without it.

The peer ranks by size alone: of all values of all dimensions, the one whose figure moved most with the whole.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from evals.bench.figures import Figure, Measured, figure
from store.demo.shop import draw_shop
from store.demo.tables import fill_tables
from store.demo.truths import truths_of
from store.errors import UserError
from store.schema import create_tables
from tools.explain.parts import parts_of
from tools.explain.rows import Facts
from tools.explain.search import dimensions_of
from tools.explain.tool import Explained, explained
from tools.explain.windows import THAT, THIS, Span, windows_of
from tools.metrics.dates import add_months
from tools.metrics.request import read_measure
from tools.metrics.sources import Scope, Window

SHOPS, FIRST_SEED = 200, 1_000
MISSED_GOAL, TIME_GOAL = 10.0, 2_000.0  # %, ms
HAVE = ("country", "region", "city", "channel", "payment_method", "segment", "category", "brand")

Named = tuple[str, str]  # a dimension and its value


@dataclass(frozen=True)
class Tried:
    """One shop: what caused its bad month, what was ranked first (None: nothing stands out), what the peer says."""

    cause: str
    causes: frozenset[Named]
    first: Named | None
    by_size: Named
    ms: float

    @property
    def found(self) -> bool:
        return self.first in self.causes


def measured(data: Sequence[Path], shops: int = SHOPS) -> Measured:
    """Demo shops of seeds that nothing was fitted to, each with its cause and without it.

    Interrupted, it tells what there is of the shops that were done.
    """
    if data:
        raise UserError("bench explain takes no --data: it asks about demo shops that it invents.")
    planted, none = list[Tried](), list[Tried]()
    with suppress(KeyboardInterrupt):
        for seed in range(FIRST_SEED, FIRST_SEED + shops):
            both = [tried(seed, planted=cause) for cause in (True, False)]
            planted.append(both[0])
            none.append(both[1])
            right, made_up = sum(t.found for t in planted), sum(t.first is not None for t in none)
            print(f"{len(none)}/{shops} shops: {right} found, {made_up} made up", file=sys.stderr, flush=True)
    if not none:
        raise UserError("Interrupted before the first shop was done.")
    return Measured("explain", _figures(planted, none), _notes(planted))


def _figures(planted: Sequence[Tried], none: Sequence[Tried]) -> list[Figure]:
    times = [t.ms for t in (*planted, *none)]
    return [
        _part("causes not ranked first", [not t.found for t in planted], MISSED_GOAL),
        _part("the same by size alone", [t.by_size not in t.causes for t in planted], None),
        _part("something stands out where nothing is", [t.first is not None for t in none], MISSED_GOAL),
        figure("time of an explanation", times, TIME_GOAL),
    ]


def _part(name: str, wrong: Sequence[bool], goal: float | None) -> Figure:
    share = round(100 * sum(wrong) / len(wrong), 2)
    return Figure(name, share, share, goal, "%")


def _notes(planted: Sequence[Tried]) -> list[str]:
    kinds = sorted({t.cause for t in planted})
    told = (
        f"{k}: {sum(t.found for t in planted if t.cause == k)} of {sum(t.cause == k for t in planted)}" for k in kinds
    )
    return [f"Each of {len(planted)} demo shops with its cause and without it. Found, by cause: {'; '.join(told)}."]


def tried(seed: int, *, planted: bool) -> Tried:
    """Asks why revenue moved in a shop's bad month."""
    shop = draw_shop(seed, lambda what, part: None, planted=planted)
    bad = truths_of(shop)["bad_month"]
    with duckdb.connect(":memory:") as con:
        create_tables(con)
        fill_tables(con, shop, lambda what, part: None)
        started = time.perf_counter()
        facts = _facts(con, bad)
        found = explained(read_measure("revenue"), facts)
        ms = (time.perf_counter() - started) * 1000
        return Tried(bad["cause"], _causes(bad, shop), _first(found), _by_size(found), ms)


def _facts(con: duckdb.DuckDBPyConnection, bad: dict[str, Any]) -> Facts:
    this = date.fromisoformat(f"{bad['month']}-01")
    that = add_months(this, -1 if bad["against"] == "month before" else -12)
    days = con.execute("SELECT CAST(MIN(ordered_at) AS DATE), CAST(MAX(ordered_at) AS DATE) FROM orders").fetchone()
    assert days is not None
    windows = windows_of(_month(this), _month(that), *days)
    return Facts(con, Scope((), (), (), Window(windows.first, windows.last)), windows, HAVE)


def _month(first: date) -> Span:
    return Span(first, add_months(first, 1) - timedelta(days=1))


def _causes(bad: dict[str, Any], shop: Any) -> frozenset[Named]:
    """The value that was struck; of products that sold out together, any."""
    if bad["dimension"] != "product":
        return frozenset({(bad["dimension"], bad["value"])})
    return frozenset(("product", shop.goods.variants[i].title) for i in shop.market.bad.products)


def _first(e: Explained) -> Named | None:
    if not e.found:
        return None
    best = e.found[0]
    known = e.vocabulary.names
    names = (known[d][k] if d in known else str(k) for d, k in zip(best.dims, best.key, strict=True))
    return " × ".join(best.dims), " × ".join(names)


def _by_size(e: Explained) -> Named:
    """The value whose figure moved most in the direction of the whole."""
    way = np.sign(e.figure.values[THIS] - e.figure.values[THAT])
    moved = [
        (float(way * added), dim, e.vocabulary.names[dim][key[0]])
        for dim in dimensions_of(e.figure)
        for parts in [parts_of(e.figure, (dim,))]
        for key, added in zip(parts.keys, parts.contributions, strict=True)
    ]
    return max(moved)[1:]
