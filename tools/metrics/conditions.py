"""A condition on a dimension as SQL on one source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlglot import exp

from retrieval.names import Match
from retrieval.words import SPACE_RUN_SQL
from tools.metrics.definitions import PRODUCT_ID, TIME_GRAINS
from tools.metrics.expressions import Sql, literal, sql
from tools.metrics.keys import key
from tools.metrics.request import Filter

COMPARED = {"<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}


def predicate(f: Filter, source: str) -> Sql:
    """The condition on a source's rows. Raises NotThere where the source has no such field."""
    if f.op in ("is known", "is unknown"):
        null = exp.Is(this=key(f.field, source), expression=exp.Null())
        return exp.Not(this=null) if f.op == "is known" else null
    if f.op in COMPARED:
        return COMPARED[f.op](this=key(f.field, source), expression=_value(f.field, f.values[0]))
    test = _named(f, source) if f.matches else _one_of(key(f.field, source), [_value(f.field, v) for v in f.values])
    return _opposite(test) if f.op in ("!=", "not in") else test


def _value(field: str, value: str | int) -> Sql:
    return literal(date.fromisoformat(value) if field in TIME_GRAINS and isinstance(value, str) else value)


def _one_of(value: Sql, values: Sequence[Sql]) -> Sql:
    if len(values) == 1:
        return exp.EQ(this=value, expression=values[0])
    return exp.In(this=value, expressions=list(values))


def _opposite(test: Sql) -> Sql:
    if isinstance(test, exp.EQ):
        return exp.NEQ(this=test.this, expression=test.expression)
    return exp.Not(this=exp.paren(test) if isinstance(test, exp.Or) else test)


def _named(f: Filter, source: str) -> Sql:
    """The shop's own names: ids and exact values in one list, contained titles as patterns."""
    shown = key(f.field, source)
    if f.field != "product":
        return _one_of(shown, [literal(v) for m in f.matches for v in m.values])
    tests = [t for m in f.matches for t in _product_tests(m, source)]
    return exp.or_(*tests) if len(tests) > 1 else tests[0]


def _product_tests(m: Match, source: str) -> list[Sql]:
    if m.how == "code":
        return [_one_of(sql(PRODUCT_ID[source]), [literal(v) for v in m.ids])]
    if m.how == "title":
        return [_one_of(sql("p.title"), [literal(v) for v in m.values])]
    title = sql("p.title")
    if m.squeeze:
        runs = [exp.Literal.string(t) for t in (SPACE_RUN_SQL, " ", "g")]
        title = exp.Anonymous(this="REGEXP_REPLACE", expressions=[title, *runs])
    return [_contains(title.copy(), v) for v in m.values]


def _contains(title: Sql, text: str) -> Sql:
    """ILIKE, as an analyst writes it; CONTAINS where the text has characters that a pattern would read otherwise."""
    if set(text) & set("%_\\"):
        return exp.func("CONTAINS", exp.Lower(this=title), exp.Literal.string(text))
    return exp.ILike(this=title, expression=exp.Literal.string(f"%{text}%"))
