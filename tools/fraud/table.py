"""A table of orders (transaction_id, occurred_at, amount, entity_*, other features, is_fraud) in the order of time.

What can't be read so is refused by name. Columns that give the answer away, or are clocks, are left out: it is said.
N rows, C numbers, G categories.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from store.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

Floats = np.ndarray[Any, np.dtype[np.floating[Any]]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]
NEEDED = ("transaction_id", "occurred_at", "amount")
LABEL = "is_fraud"
ENTITY = "entity_"
TELLING = re.compile(r"fraud|chargeback|scenario", re.IGNORECASE)  # names of what is known only afterwards
FEW = 50  # values of a column that may give the answer away, and frauds from which on that can be told
CLOCK = 0.999  # of a column's steps go up with time: it is a clock
TRUTHS: dict[str, float] = {"true": 1, "1": 1, "1.0": 1, "yes": 1, "false": 0, "0": 0, "0.0": 0, "no": 0}


@dataclass(frozen=True)
class Table:
    """Rows by time, then id. `time` in seconds since 1970. Of entities a code each (N,): an unknown one has its own, so
    that it has no history. `label` is 1, 0 or NaN for unknown; `notes` say what was left out."""

    ids: np.ndarray[Any, Any]
    time: Ints
    amount: Floats
    entities: dict[str, Ints]
    numbers: dict[str, Floats]
    categories: dict[str, np.ndarray[Any, Any]]  # texts, "" for missing
    label: Floats
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.time)


def table_from(frame: pd.DataFrame, drop: Collection[str] = (), until: int | None = None) -> Table:
    """Whether a column is a feature is judged by the rows before `until`. UserError: names the column and row."""
    frame = _sorted(_without(frame, drop))
    label = _labels(frame)
    time = frame["occurred_at"].to_numpy("datetime64[s]").astype(np.int64)
    others = [c for c in frame.columns if c not in (*NEEDED, LABEL) and not str(c).startswith(ENTITY)]
    past = slice(len(frame) if until is None else int(np.searchsorted(time, until)))
    left_out = {str(c): why for c in others if (why := _unfit(frame[c].iloc[past], str(c), label[past]))}
    numbers, categories = _features(frame[[c for c in others if str(c) not in left_out]])
    entities = {str(c).removeprefix(ENTITY): _codes(frame[c]) for c in frame.columns if str(c).startswith(ENTITY)}
    notes = tuple(f"Column {name} is not read: {why}." for name, why in left_out.items())
    ids = frame["transaction_id"].to_numpy()
    return Table(ids, time, frame["amount"].to_numpy(np.float64), entities, numbers, categories, label, notes)


def _without(frame: pd.DataFrame, drop: Collection[str]) -> pd.DataFrame:
    frame = frame.rename(columns=_spelt)
    left_out = {_spelt(name) for name in drop}
    unknown = sorted(left_out - set(map(str, frame.columns)))
    if unknown:
        raise UserError(f"There is no column {unknown[0]} to leave out; there are {_listed(frame)}.")
    frame = frame.drop(columns=list(left_out))
    missing = [name for name in NEEDED if name not in frame.columns]
    if missing:
        raise UserError(f"The table has no column {', '.join(missing)}; it has {_listed(frame)}.")
    if frame.empty:
        raise UserError("The table has no rows.")
    return frame


def _spelt(name: object) -> str:
    """The names that mean something are read in capitals too, as some databases write them."""
    low = str(name).lower()
    return low if low in (*NEEDED, LABEL) or low.startswith(ENTITY) else str(name)


def _listed(frame: pd.DataFrame) -> str:
    return ", ".join(map(str, frame.columns))


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    date = pd.to_datetime(frame["occurred_at"], errors="coerce")
    _refuse(frame, "occurred_at", date.isna(), "is no date")
    amount = pd.to_numeric(frame["amount"], errors="coerce").astype(float)
    _refuse(frame, "amount", ~np.isfinite(amount), "is no number")
    _refuse(frame, "transaction_id", frame["transaction_id"].isna(), "is no id")
    _refuse(frame, "transaction_id", frame["transaction_id"].duplicated(), "stands there twice")
    found = frame.assign(occurred_at=date, amount=amount)
    return found.sort_values(["occurred_at", "transaction_id"], kind="stable", ignore_index=True)


def _refuse(frame: pd.DataFrame, column: str, bad: Any, why: str) -> None:
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise UserError(f"Column {column}: {frame[column].iloc[row]!r} (row {row + 1}) {why}.")


def _labels(frame: pd.DataFrame) -> Floats:
    if LABEL not in frame.columns:
        return np.full(len(frame), np.nan)
    given = frame[LABEL]
    found = given.astype("string").str.strip().str.lower().map(TRUTHS).to_numpy(np.float64, na_value=np.nan)
    empty = given.isna() | (given.astype("string").str.strip() == "")
    _refuse(frame, LABEL, (np.isnan(found) & ~empty.to_numpy(bool)), "is neither true nor false")
    return np.asarray(found)


def _unfit(column: pd.Series, name: str, label: Floats) -> str | None:
    """Why a column is no feature, if it is none: judged by rows whose label is known."""
    import pandas as pd

    if TELLING.search(name):
        return "by its name it is known only afterwards"
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    if pd.api.types.is_datetime64_any_dtype(column):
        return "it is a date"
    if numeric and column.nunique() > FEW and (column.ffill().diff().iloc[1:] >= 0).mean() > CLOCK:
        return "it only goes up with time"
    if _settles(column, label):
        return "by itself it settles every known label, as only the answer does"
    return None


def _settles(column: pd.Series, label: Floats) -> bool:
    """Whether each value stands for one label alone, of which there are enough to tell."""
    known = ~np.isnan(label)
    frauds = int(label[known].sum())
    if min(frauds, int(known.sum()) - frauds) < FEW or column.nunique() > FEW:
        return False
    share = _codes_of(column)[known]
    total, bad = np.bincount(share), np.bincount(share, weights=label[known])
    return bool(np.all((bad == 0) | (bad == total)))


def _codes_of(column: pd.Series) -> Ints:
    import pandas as pd

    return np.asarray(pd.factorize(column, use_na_sentinel=False)[0], np.int64)


def _codes(column: pd.Series) -> Ints:
    """A code for each value; every row without one is somebody of its own."""
    import pandas as pd

    codes = pd.factorize(column)[0].astype(np.int64)
    gone = codes < 0
    codes[gone] = codes.max(initial=-1) + 1 + np.arange(int(gone.sum()))
    return np.asarray(codes)


def _features(frame: pd.DataFrame) -> tuple[dict[str, Floats], dict[str, np.ndarray[Any, Any]]]:
    numbers: dict[str, Floats] = {}
    categories: dict[str, np.ndarray[Any, Any]] = {}
    for name, column in _columns(frame):
        if _is_number(column):
            found = column.to_numpy(np.float64, na_value=np.nan)
            numbers[name] = np.where(np.isfinite(found), found, np.nan)
        else:
            categories[name] = column.astype("string").fillna("").to_numpy(object)
    return numbers, categories


def _columns(frame: pd.DataFrame) -> Iterator[tuple[str, pd.Series]]:
    yield from ((str(name), frame[name]) for name in frame.columns)


def _is_number(column: pd.Series) -> bool:
    import pandas as pd

    return bool(pd.api.types.is_numeric_dtype(column))
