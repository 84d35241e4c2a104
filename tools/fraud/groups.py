"""Whom an order belongs to, as far as treatment may be unequal: country, new or returning customer, age if known.

N rows.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from tools.fraud.features import Features
from tools.fraud.table import Ints

Names = np.ndarray[Any, Any]
COUNTRY, CUSTOMER, AGE = "country", "customer", "age"
KINDS = (COUNTRY, CUSTOMER, AGE)
NEW, RETURNING, UNKNOWN = "new", "returning", "unknown"
AGES = re.compile(r"\bage\b|^age_|_age$|age_?(?:band|group|range)", re.IGNORECASE)
BANDS = {25: "under 25", 35: "25–34", 45: "35–44", 55: "45–54", 65: "55–64"}  # the first year that is too old
OLDEST = "65 and over"


def groups_of(features: Features, rows: Ints) -> dict[str, Names]:
    """By kind, the group (N,) of each row; only the kinds of which there are several."""
    found = {kind: names for kind, names in known_groups(features, rows).items() if len(np.unique(names)) > 1}
    return dict(sorted(found.items()))


def known_groups(features: Features, rows: Ints) -> dict[str, Names]:
    """By kind, the group (N,) of each row; only the kinds that the table tells of."""
    table, out = features.table, dict[str, Names]()
    if CUSTOMER in features.histories:
        before = features.histories[CUSTOMER].before(rows).count
        out[CUSTOMER] = np.where(before > 0, RETURNING, NEW)
    if COUNTRY in table.categories:
        given = table.categories[COUNTRY][rows].astype(str)
        out[COUNTRY] = np.where(given == "", UNKNOWN, given)
    for name, years in table.numbers.items():
        if AGES.search(name):
            out[AGE] = _bands(years[rows])
    for name, values in table.categories.items():
        if AGES.search(name):
            out[AGE] = np.where(values[rows] == "", UNKNOWN, values[rows]).astype(str)
    return out


def _bands(years: np.ndarray[Any, Any]) -> Names:
    names = np.array([*BANDS.values(), OLDEST, UNKNOWN])
    return np.asarray(names[np.where(np.isnan(years), len(BANDS) + 1, np.searchsorted(list(BANDS), years, "right"))])
