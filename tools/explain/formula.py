"""A metric's formula as a sum of signed components, or as such a sum divided by another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sqlglot import exp

from tools.contract import ToolError
from tools.explain.rows import ROWS, Facts, Rows, together
from tools.metrics.definitions import PERIOD_LENGTHS
from tools.metrics.expressions import Sql, sql
from tools.metrics.request import Measure

Terms = tuple[tuple[str, int], ...]  # (component, its sign)
LENGTHS = {"days": 1.0, "weeks": 7.0, "months": 365.25 / 12}  # of each, in days


@dataclass(frozen=True)
class Formula:
    """`per` is the period's length that a figure is divided by, as "revenue / days" is."""

    top: Terms
    bottom: Terms = ()
    per: str | None = None

    @property
    def is_ratio(self) -> bool:
        return bool(self.bottom)

    @property
    def components(self) -> set[str]:
        return {name for name, _ in (*self.top, *self.bottom)}


def formula_of(m: Measure) -> Formula:
    """ToolError for what is neither a sum nor a ratio, and so has no parts that add up."""
    if m.share:
        raise ToolError(f"A share isn't explained by itself: ask for {m.label.removeprefix('share of ')}.")
    top, bottom = _split(sql(m.formula))
    per = m.over if m.over in PERIOD_LENGTHS else None
    if m.over and not per:
        over, under = _split(sql(m.over))
        if bottom or under:
            raise ToolError(f"{m.label} is a ratio of ratios: ask for one of the two.")
        bottom = over
    found = Formula(top, bottom, per)
    if found.components - set(ROWS):
        raise ToolError(
            f"{_capital(m.label)} can't be explained: it is neither a sum nor a ratio, so it has no parts that add up."
        )
    return found


def _split(tree: Sql) -> tuple[Terms, Terms]:
    tree = tree.unnest()
    if isinstance(tree, exp.Div):
        return _terms(tree.this, 1), _terms(tree.expression, 1)
    return _terms(tree, 1), ()


def _terms(tree: Sql, sign: int) -> Terms:
    tree = tree.unnest()
    if isinstance(tree, exp.Sub):
        return (*_terms(tree.this, sign), *_terms(tree.expression, -sign))
    if isinstance(tree, exp.Column):
        return ((tree.name, sign),)
    raise ValueError(f"{tree.sql()} is no sum of components")


def top_rows(f: Formula, facts: Facts) -> Rows:
    """The rows whose sum is the figure, or its numerator; divided by the period's length where that is meant."""
    rows = together([(facts.rows(name), sign) for name, sign in f.top])
    if f.per is None:
        return rows
    lengths = np.array([s.days / LENGTHS[f.per] for s in facts.windows.spans])
    return rows.times(1 / lengths[rows.window])


def bottom_rows(f: Formula, facts: Facts) -> Rows | None:
    return together([(facts.rows(name), sign) for name, sign in f.bottom]) if f.bottom else None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
