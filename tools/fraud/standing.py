"""What a model said of orders, and of how many that still stands: of those whose past is as it was.

N orders, by time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from tools.fraud.features import Spec
from tools.fraud.table import Floats, Table


@dataclass(frozen=True)
class Said:
    """p (N,), the label known then (N,) 1, 0 or NaN, and a mark of all else that the model read of these orders."""

    p: Floats
    label: Floats
    mark: str


def said_of(table: Table, spec: Spec, p: Floats) -> Said:
    return Said(p, table.label, _mark(table, spec, len(table)))


def standing(said: Said, table: Table, spec: Spec) -> int:
    """How many of the first orders have what was said of them. A label that has changed counts for later orders only,
    once the delay has passed."""
    n = len(said.p)
    if len(table) < n or _mark(table, spec, n) != said.mark:
        return 0
    changed = np.flatnonzero(~np.isclose(table.label[:n], said.label, equal_nan=True))
    if not len(changed):
        return n
    return min(n, int(np.searchsorted(table.time, table.time[changed[0]] + max(spec.delay, 0))))


def _mark(table: Table, spec: Spec, n: int) -> str:
    """Of the first n orders. A code of an entity depends on later ones: which are equal doesn't."""
    import pandas as pd

    digest = hashlib.sha256("\n".join(map(str, table.ids[:n])).encode())
    numbers = [table.numbers[name] for name in spec.numbers if name in table.numbers]
    for values in (table.time, table.amount, *numbers):
        digest.update(np.ascontiguousarray(values[:n]).tobytes())
    for name in spec.entities:
        digest.update(pd.factorize(table.entities[name][:n])[0].tobytes())
    for name in spec.frequent:
        digest.update("\n".join(map(str, table.categories.get(name, [])[:n])).encode())
    return digest.hexdigest()[:16]
