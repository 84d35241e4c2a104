"""SQL as trees: the few builders that the other files share, and how the finished text is laid out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlglot import exp, parse_one
from sqlglot.generators.duckdb import DuckDBGenerator

Sql = exp.Expr  # whatever may stand in a SELECT, be it a column, a sum or a whole sub-query
WIDTH = 100  # characters up to which a list or a condition stays on one line


def sql(text: str) -> Sql:
    """A fragment of DuckDB's SQL as a tree."""
    return parse_one(text, dialect="duckdb")


def literal(value: str | float | date) -> Sql:
    """A value as SQL: dates as DATE '…', numbers bare, everything else as a string."""
    if isinstance(value, date):
        return sql(f"DATE '{value.isoformat()}'")
    return exp.Literal.number(value) if isinstance(value, (int, float)) else exp.Literal.string(str(value))


def number(value: float) -> str:
    """A finite number as written by hand: 10, not 10.0; 12345.67 in full."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def first_known(parts: Sequence[Sql]) -> Sql:
    """COALESCE of the parts, or the only one by itself."""
    return exp.Coalesce(this=parts[0], expressions=list(parts[1:])) if len(parts) > 1 else parts[0]


def or_zero(value: Sql) -> Sql:
    return first_known([value, literal(0)])


def not_zero(divisor: Sql) -> Sql:
    """A ratio over an empty bucket is NULL, no error."""
    return exp.Nullif(this=divisor.unnest(), expression=literal(0))


def wrapped(value: Sql) -> Sql:
    """In brackets, where it is a sum or a quotient that stands beside another operator."""
    return exp.paren(value) if isinstance(value, exp.Binary) else value


def to_the_cent(column: str, *, money: bool) -> Sql:
    """A measure as it is ranked and compared: money is rounded to 0.01 before ties and thresholds are decided."""
    return sql(f"ROUND({column}, 2)") if money else exp.column(column)


def text_of(tree: Sql) -> str:
    """The SQL text as an analyst would write it."""
    return _Readable(dialect="duckdb", pretty=True, max_text_width=WIDTH).generate(tree)


class _Readable(DuckDBGenerator):
    """DuckDB's SQL with short lists and brackets on one line, DATE '…', IS NOT NULL and NOT IN."""

    def op_expressions(self, op: str, expression: exp.Expr, flat: bool = False) -> str:
        items = self.expressions(expression, flat=True)
        if flat or "\n" in items or len(items) > WIDTH:
            return super().op_expressions(op, expression, flat)
        return f"{self.seg(op)} {items}"

    def paren_sql(self, expression: exp.Paren) -> str:
        inner = self.sql(expression, "this")
        return super().paren_sql(expression) if "\n" in inner or len(inner) > WIDTH else f"({inner})"

    def filter_sql(self, expression: exp.Filter) -> str:
        condition = f"WHERE {self.sql(expression.expression, 'this')}"
        if "\n" in condition:
            condition = f"{self.sep('')}{self.indent(condition)}{self.sep('')}"
        return f"{self.sql(expression, 'this')} FILTER ({condition})"

    def not_sql(self, expression: exp.Not) -> str:
        test = expression.this
        left = self.sql(test, "this")
        if isinstance(test, exp.Is):
            return f"{left} IS NOT {self.sql(test, 'expression')}"
        if isinstance(test, exp.In):
            return f"{left} NOT{self.in_sql(test).removeprefix(left)}"
        return super().not_sql(expression)

    def cast_sql(self, expression: exp.Cast, safe_prefix: str | None = None) -> str:
        if expression.is_type("date") and isinstance(expression.this, exp.Literal):
            return f"DATE {self.sql(expression, 'this')}"
        return super().cast_sql(expression, safe_prefix)
