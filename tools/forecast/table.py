"""A table of sales (series_id, date, y, known_*, static_*) becomes a panel on a complete time axis. A column of
promotions is known ahead under its own heading too (`headings.py`).

Between a series' first date and the table's last, a missing date is zero sales. What can't be read so is refused by
name. S series, T periods, K known columns, G static ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from store.errors import UserError
from tools.forecast.headings import known_columns

if TYPE_CHECKING:
    import pandas as pd

Floats = np.ndarray[Any, np.dtype[np.float32]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Dates = np.ndarray[Any, np.dtype[np.datetime64]]
NEEDED = ("series_id", "date", "y")
NEGATIVE = 0.5  # of the rows that aren't zero: where more are negative, it is no table of sales
FEW = 8  # texts of a known column that get a column each
MANY = 1_000  # whole numbers are names of groups up to so many
RARE = 0.5  # a known column with more gaps than this is an event: what isn't given is none


@dataclass(frozen=True)
class Freq:
    """A period's length: in days, in a year of them, and the periods that make a season unless told otherwise."""

    code: str
    days: int
    year: int
    season: int
    name: str


FREQS = {
    "D": Freq("D", 1, 364, 7, "day"),
    "W": Freq("W", 7, 52, 52, "week"),
    "M": Freq("M", 30, 12, 12, "month"),
}


def place_in_year(days: Dates) -> np.ndarray[Any, np.dtype[np.float64]]:
    """From 0 to 1, of each day."""
    return np.asarray((days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.float64) / 365.25)


def weekday(days: Dates) -> Ints:
    """0 is Monday; 1970-01-01 was a Thursday."""
    return np.asarray((days.astype(np.int64) + 3) % 7)


@dataclass(frozen=True)
class Panel:
    """y (S, T): NaN before a series' first date. known (S, T, K). static (S, G): codes from 1, 0 for unknown."""

    freq: Freq
    season: int
    series: tuple[str, ...]
    dates: Dates  # (T,) as labelled in the table
    y: Floats
    first: Ints
    known: Floats
    known_names: tuple[str, ...]
    static: Ints
    static_names: tuple[str, ...]
    is_open: np.ndarray[Any, np.dtype[np.bool_]]  # (S, T)
    notes: tuple[str, ...] = ()

    def until(self, end: int) -> Panel:
        """The panel as it was known when period `end` began: later sales are not there, known columns are."""
        y = self.y.copy()
        y[:, end:] = np.nan
        return replace(self, y=y)


def freq_named(code: str) -> Freq:
    """UserError: it is none of D, W, M."""
    if code.upper() not in FREQS:
        raise UserError(f"--freq {code!r} is none of D (days), W (weeks), M (months).")
    return FREQS[code.upper()]


def read_table(path: Path) -> pd.DataFrame:
    """A Parquet or CSV file. UserError: it can't be read, or is neither."""
    import duckdb

    readers = {".parquet": "read_parquet", ".csv": "read_csv"}
    if path.suffix.lower() not in readers:
        raise UserError(f"{path} is neither .parquet nor .csv.")
    if not path.is_file():
        raise UserError(f"{path} is not there.")
    try:
        with duckdb.connect(":memory:") as con:
            return con.execute(f"SELECT * FROM {readers[path.suffix.lower()]}(?)", [str(path)]).df()
    except duckdb.Error as error:
        raise UserError(f"{path} can't be read: {str(error).splitlines()[0]}") from error


def panel_from(frame: pd.DataFrame, freq: Freq, season: int | None = None) -> Panel:
    """UserError names the column, series and date at fault."""
    _refuse_columns(frame)
    frame = frame.assign(series_id=frame["series_id"].astype(str), date=_dates(frame))
    _refuse_rows(frame)
    period = _periods(frame, freq)
    codes, series = _factorized(frame["series_id"])
    _refuse_duplicates(frame, codes, period)
    start, size = int(period.min()), int(period.max() - period.min()) + 1
    at = (codes, period - start)
    first = np.full(len(series), size, np.int64)
    np.minimum.at(first, *at)
    y = np.where(np.arange(size)[None, :] >= first[:, None], 0.0, np.nan).astype(np.float32)
    y[at] = frame["y"].to_numpy(np.float32)
    known, known_names, is_open = _known(frame, at, y.shape)
    static, static_names = _static(frame, codes, len(series))
    labels = _labels(frame, period - start, size, freq)
    return Panel(
        freq, season or _season(freq, size), tuple(series), labels, y, first, known, known_names,
        static, static_names, is_open, tuple(_notes(frame, period - start, size, freq)),
    )  # fmt: skip


def _season(freq: Freq, periods: int) -> int:
    return 1 if freq.code == "W" and periods < 2 * freq.year else freq.season


def _refuse_columns(frame: pd.DataFrame) -> None:
    missing = [name for name in NEEDED if name not in frame.columns]
    if missing:
        raise UserError(f"The table has no column {', '.join(missing)}; it has {', '.join(map(str, frame.columns))}.")
    if frame.empty:
        raise UserError("The table has no rows.")


def _dates(frame: pd.DataFrame) -> pd.Series:
    import pandas as pd

    found: pd.Series = pd.to_datetime(frame["date"], errors="coerce").dt.normalize()
    bad = frame["date"][found.isna()]
    if len(bad):
        raise UserError(f"Column date: {bad.iloc[0]!r} (row {bad.index[0] + 1}) is no date.")
    return found


def _refuse_rows(frame: pd.DataFrame) -> None:
    import pandas as pd

    numbers = pd.to_numeric(frame["y"], errors="coerce").astype(float)
    bad = frame[~np.isfinite(numbers)]
    if len(bad):
        row = bad.iloc[0]
        raise UserError(f"Column y: {row['y']!r} of series {row['series_id']} on {row['date']:%Y-%m-%d} is no number.")
    if (numbers < 0).sum() > NEGATIVE * (numbers != 0).sum():
        raise UserError(f"Column y has {_negative(frame)}: more than there are sales. Are returns and sales mixed up?")


def _negative(frame: pd.DataFrame) -> str:
    less = frame[frame["y"] < 0]
    row = less.iloc[0]
    return (
        f"{len(less):,} negative values of {len(frame):,}, the first {row['y']:g} of series {row['series_id']} on "
        f"{row['date']:%Y-%m-%d}"
    )


def _periods(frame: pd.DataFrame, freq: Freq) -> Ints:
    """Whole periods since 1970. UserError: a date that is off the grid of the others."""
    date = frame["date"]
    if freq.code == "M":
        return np.asarray(date.dt.year * 12 + date.dt.month, np.int64)
    days = date.to_numpy("datetime64[D]").astype(np.int64)
    off = (days - days[0]) % freq.days != 0
    if off.any():
        row = frame[off].iloc[0]
        raise UserError(
            f"Series {row['series_id']} has the date {row['date']:%Y-%m-%d}, which is no whole number of {freq.name}s "
            f"from {date.iloc[0]:%Y-%m-%d}: weeks are labelled by one weekday throughout."
        )
    return np.asarray((days - days.min()) // freq.days, np.int64)


def _factorized(column: pd.Series) -> tuple[Ints, list[str]]:
    import pandas as pd

    codes, names = pd.factorize(column, sort=True)
    return codes.astype(np.int64), [str(name) for name in names]


def _refuse_duplicates(frame: pd.DataFrame, codes: Ints, period: Ints) -> None:
    import pandas as pd

    again = pd.DataFrame({"s": codes, "p": period}).duplicated().to_numpy()
    if again.any():
        row = frame[again].iloc[0]
        raise UserError(
            f"Series {row['series_id']} has more than one row for {row['date']:%Y-%m-%d} "
            f"({int(again.sum()):,} such rows in all): add them up, or leave one."
        )


def _labels(frame: pd.DataFrame, at: Ints, size: int, freq: Freq) -> Dates:
    """Each period's date as the table labels it."""
    given = frame["date"].to_numpy("datetime64[D]")
    if freq.code == "M":
        out = np.arange(size) + given[at == 0][0].astype("datetime64[M]")
        out = out.astype("datetime64[D]")
    else:
        out = given.min() + np.arange(size) * np.timedelta64(freq.days, "D")
    out[at] = given
    return np.asarray(out)


def _notes(frame: pd.DataFrame, at: Ints, size: int, freq: Freq) -> list[str]:
    bare = np.setdiff1d(np.arange(size), at)
    notes = [f"{len(bare)} of {size} {freq.name}s have no row of any series: zero sales."] if len(bare) else []
    if (frame["y"] < 0).any():
        notes.append(
            f"Column y has {_negative(frame)}: taken for periods with more returns than sales. They count as they are "
            "in what is looked back on and in scores; what is learned from them is that nothing was sold."
        )
    return notes


def _known(
    frame: pd.DataFrame, at: tuple[Ints, Ints], shape: tuple[int, ...]
) -> tuple[Floats, tuple[str, ...], np.ndarray[Any, np.dtype[np.bool_]]]:
    columns: dict[str, Floats] = {}
    for name, called in known_columns(frame.columns).items():
        for label, values in _numbers(frame[name], called):
            grid = np.full(shape, np.nan, np.float32)
            grid[at] = values
            columns[label] = _filled(grid, values)
    known = np.stack(list(columns.values()), -1) if columns else np.zeros((*shape, 0), np.float32)
    is_open = columns["open"] > 0 if "open" in columns else np.ones(shape, bool)
    return known, tuple(columns), is_open


def _numbers(column: pd.Series, name: str) -> list[tuple[str, Floats]]:
    """A column as numbers: texts become a column of 0 and 1 each, of the most frequent ones."""
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce")
    if numbers.notna().sum() == column.notna().sum():
        return [(name, numbers.to_numpy(np.float32, na_value=np.nan))]
    text = column.astype("string").fillna("")
    often = [t for t in text.value_counts().index if t][:FEW]
    return [(f"{name}={t}", (text == t).to_numpy(np.float32)) for t in often]


def _filled(grid: Floats, given: Floats) -> Floats:
    """What a known column is on dates without a row. Whether there is a row must not show: it tells of sales."""
    if np.isnan(given).mean() > RARE:
        return np.nan_to_num(grid, nan=0.0)
    with np.errstate(all="ignore"):
        held = ~np.isnan(grid)
        count = held.sum(0)
        mean = np.where(count > 0, np.nansum(grid, 0) / np.maximum(count, 1), np.nan)
        spread = np.nansum(np.abs(np.where(held, grid - mean, 0)), 0)
    usual = _usual(given)
    if (spread <= 1e-6 * np.abs(np.nan_to_num(mean)) * np.maximum(count, 1)).mean() > 0.99:  # one value for all series
        return np.where(held, grid, np.nan_to_num(mean, nan=usual)[None, :]).astype(np.float32)
    if len(np.unique(given[~np.isnan(given)])) <= 2:
        return np.nan_to_num(grid, nan=usual)
    return _carried(grid, usual)


def _usual(values: Floats) -> float:
    found, count = np.unique(values[~np.isnan(values)], return_counts=True)
    return float(found[count.argmax()]) if len(found) else 0.0


def _carried(grid: Floats, usual: float) -> Floats:
    """The last value goes on; before the first, the first."""
    periods = np.arange(grid.shape[1])
    held = ~np.isnan(grid)
    last = np.maximum.accumulate(np.where(held, periods, -1), 1)
    first = np.where(held.any(1), held.argmax(1), 0)
    at = np.where(last < 0, first[:, None], last)
    return np.nan_to_num(np.take_along_axis(grid, at, 1), nan=usual)


def _static(frame: pd.DataFrame, codes: Ints, size: int) -> tuple[Ints, tuple[str, ...]]:
    """A code for each text or whole number; other numbers, or very many, become eight classes of equal size."""
    import pandas as pd

    out, names = [], [str(c) for c in frame.columns if str(c).startswith("static_")]
    for name in names:
        column = frame.groupby(codes)[name].first().reindex(range(size))
        if pd.api.types.is_numeric_dtype(column) and (column.nunique() > MANY or not (column.dropna() % 1 == 0).all()):
            column = pd.qcut(column.rank(method="first"), 8, labels=False)
        found, _ = pd.factorize(column, sort=True)
        out.append(found.astype(np.int64) + 1)
    return np.stack(out, 1) if out else np.zeros((size, 0), np.int64), tuple(n.removeprefix("static_") for n in names)
