"""How a column of texts is to be read: one way for the whole column, the one that every row fits."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from store.errors import UserError
from store.importers.reading import Source
from store.publish import quoted

_TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
_TIME = r"([ T]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?( ?(Z|[+-]\d{2}:?(\d{2})?))?)?"
_OFFSET = r"(:\d{2}(\.\d+)?) ?(Z|[+-]\d{2}:?(\d{2})?)$"  # times stay the shop's own: the offset is dropped, not added


@dataclass(frozen=True)
class Reading:
    """One way to read a text `x`: the texts it is for, and SQL that gives NULL where the text is none after all."""

    name: str
    example: str
    pattern: str
    sql: str

    def of(self, x: str) -> str:
        """SQL of the value of `x`, an SQL expression; NULL where it cannot be read this way."""
        return f"CASE WHEN regexp_full_match({x}, {quoted(self.pattern)}) THEN {self.sql.replace('{x}', x)} END"


def _number(name: str, example: str, pattern: str, *replaced: tuple[str, str]) -> Reading:
    sql = "{x}"
    for old, new in replaced:
        sql = f"replace({sql}, {quoted(old)}, {quoted(new)})"
    return Reading(name, example, pattern, f"TRY_CAST({sql} AS DOUBLE)")


NUMBERS = (
    _number("decimal point", "1234.56", r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"),
    _number("decimal point, thousands comma", "1,234.56", r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?", (",", "")),
    _number("decimal comma", "1234,56", r"[+-]?\d+(,\d+)?", (",", ".")),
    _number(
        "decimal comma, thousands point", "1.234,56", r"[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?", (".", ""), (",", ".")
    ),
)
_SEMICOLON = "semicolon"  # the delimiter where the comma is taken: 1,234 is no thousand there
_EUROPEAN = (NUMBERS[0], NUMBERS[2], NUMBERS[3], NUMBERS[1])


def _day(name: str, example: str, pattern: str, day: str) -> Reading:
    bare = f"regexp_replace({{x}}, {quoted(_OFFSET)}, '\\1')"
    slashed = f"regexp_replace({bare}, '[-.](\\d+)[-.]', '/\\1/')"
    spaced = f"regexp_replace(replace({slashed}, 'T', ' '), ' +', ' ')"
    formats = ", ".join(quoted(day + time) for time in _TIMES)
    sql = f"try_strptime({spaced}, [{formats}])"
    return Reading(name, example, pattern + _TIME, sql)


_SERIAL = "TIMESTAMP '1899-12-30' + to_seconds(CAST(round(CAST({x} AS DOUBLE) * 86400) AS BIGINT))"
_SEP = "[-/.]"
DATES = (
    _day("year-month-day", "2010-12-31 08:26", rf"\d{{4}}{_SEP}\d{{1,2}}{_SEP}\d{{1,2}}", "%Y/%m/%d"),
    _day("month/day/year", "12/31/2010 8:26", rf"\d{{1,2}}{_SEP}\d{{1,2}}{_SEP}\d{{4}}", "%m/%d/%Y"),
    _day("day/month/year", "31/12/2010 8:26", rf"\d{{1,2}}{_SEP}\d{{1,2}}{_SEP}\d{{4}}", "%d/%m/%Y"),
    _day("month/day/year, of two digits", "12/31/10 8:26", rf"\d{{1,2}}{_SEP}\d{{1,2}}{_SEP}\d{{2}}", "%m/%d/%y"),
    _day("day/month/year, of two digits", "31/12/10 8:26", rf"\d{{1,2}}{_SEP}\d{{1,2}}{_SEP}\d{{2}}", "%d/%m/%y"),
    Reading("spreadsheet day number", "40543.35", r"[1-9]\d{4}(\.\d+)?", _SERIAL),
)


@dataclass(frozen=True)
class Choice:
    """The reading of a column of a source; `doubt` says that another would have fitted every row too."""

    reading: Reading
    doubt: str = ""


def choose_numbers(con: duckdb.DuckDBPyConnection, source: Source, columns: Sequence[str]) -> Choice:
    """One reading for all number columns of a source, as an export writes them all alike. UserError: a bad cell."""
    ways = NUMBERS if _SEMICOLON not in source.kind else _EUROPEAN
    misfits = [sum(_misfits(con, source, c, r) for c in columns) for r in ways]
    reading = ways[misfits.index(min(misfits))]
    for column in columns:
        _refuse_misfit(con, source, column, reading, "number")
    others = [r for r, n in zip(ways, misfits, strict=True) if n == 0 and r is not reading]
    doubtful = [r.name for r in others if any(_differ(con, source, c, reading, r) for c in columns)]
    return Choice(reading, f"{' and '.join(doubtful)} fits every number too: look at the totals" if doubtful else "")


def _differ(con: duckdb.DuckDBPyConnection, source: Source, column: str, one: Reading, other: Reading) -> bool:
    texts = f"SELECT DISTINCT trim({column}) AS x FROM staging WHERE source = ?"
    return _count(con, f"SELECT count(*) FROM ({texts}) WHERE {one.of('x')} <> {other.of('x')}", source.number) > 0


def choose_dates(con: duckdb.DuckDBPyConnection, source: Source, column: str) -> Choice:
    """The reading of a date column: where several fit every row, the one that keeps the file in time order."""
    misfits = [_misfits(con, source, column, r) for r in DATES]
    fitting = [r for r, n in zip(DATES, misfits, strict=True) if n == min(misfits)]
    disorder = [_disorder(con, source, column, r) for r in fitting] if len(fitting) > 1 else [0]
    reading = fitting[disorder.index(min(disorder))]
    _refuse_misfit(con, source, column, reading, "date")
    return Choice(reading, _doubt(fitting, disorder, reading))


def _doubt(fitting: Sequence[Reading], disorder: Sequence[int], chosen: Reading) -> str:
    others = " and ".join(r.name for r in fitting if r is not chosen)
    if not others:
        return ""
    if len(set(disorder)) > 1:
        return f"{others} fits every row too, but not the order of the rows"
    return f"{others} fits every row just as well: look whether the days are right"


def _misfits(con: duckdb.DuckDBPyConnection, source: Source, column: str, reading: Reading) -> int:
    """How many different texts of the column cannot be read so."""
    texts = f"SELECT DISTINCT trim({column}) AS x FROM staging WHERE source = ? AND {column} IS NOT NULL"
    return _count(con, f"SELECT count(*) FROM ({texts}) WHERE {reading.of('x')} IS NULL", source.number)


def _disorder(con: duckdb.DuckDBPyConnection, source: Source, column: str, reading: Reading) -> int:
    """How many rows stand against the order of most, up or down."""
    times = f"SELECT {reading.of(f'trim({column})')} AS moment, row FROM staging WHERE source = ?"
    steps = f"SELECT moment, lag(moment) OVER (ORDER BY row) AS before FROM ({times})"
    sql = f"SELECT least(count(*) FILTER (moment < before), count(*) FILTER (moment > before)) FROM ({steps})"
    return _count(con, sql, source.number)


def _count(con: duckdb.DuckDBPyConnection, sql: str, source: int) -> int:
    return int(con.execute(sql, [source]).fetchall()[0][0])


def _refuse_misfit(con: duckdb.DuckDBPyConnection, source: Source, column: str, reading: Reading, what: str) -> None:
    refuse(con, source, column, f"{reading.of(f'trim({column})')} IS NULL", f"a {what} such as {reading.example}")


def refuse(con: duckdb.DuckDBPyConnection, source: Source, column: str, condition: str, expected: str) -> None:
    """UserError for the first row of the source that meets the condition, rows without any cell aside."""
    filled = " OR ".join(f"{name} IS NOT NULL" for name in source.headers)
    sql = f"SELECT row, {column} FROM staging WHERE source = ? AND ({condition}) AND ({filled}) ORDER BY row LIMIT 1"
    for row, value in con.execute(sql, [source.number]).fetchall():
        found = "the cell is empty" if value is None else f"found {value!r}"
        header = source.headers[column]
        raise UserError(
            f"{source.label}, row {row}, column {header}: {found}, expected {expected}. Nothing was imported."
        )


def case_by_source(readings: dict[int, str]) -> str:
    """SQL that takes each source's own expression; the plain one where all are the same."""
    if len(set(readings.values())) == 1:
        return next(iter(readings.values()))
    return "CASE source " + " ".join(f"WHEN {n} THEN {sql}" for n, sql in readings.items()) + " END"
