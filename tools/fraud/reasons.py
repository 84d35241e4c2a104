"""Why an order stands out, in a merchant's words, and which orders it is linked with."""

from __future__ import annotations

import numpy as np

from tools.fraud.features import DAY, Features
from tools.fraud.scores import Scores
from tools.fraud.unusual import ABROAD, AMOUNT, BULK, FAST, NIGHT, SHARED, UNLIKE

MOST = 3
SEPARATOR = "; "
WORTH = 0.15  # of the score: a smaller part is no reason
LINKED_DAYS = 30
NAMES = {"customer": "customer", "device": "device", "address": "internet address"}
PLAIN = {
    AMOUNT: "an unusually large amount or dear item",
    BULK: "unusually many of one product",
    UNLIKE: "far more than this customer usually spends",
    ABROAD: "delivered to another country than the customer's own",
    NIGHT: "at an hour when hardly anybody orders",
}


def said(reason: str) -> str:
    if reason in PLAIN:
        return PLAIN[reason]
    kind, _, entity = reason.partition(" ")
    name = NAMES.get(entity, entity)
    return {
        FAST: f"unusually many orders of one {name} in a short time",
        SHARED: f"many customers on one {name}",
    }[kind]


def reasons_of(scores: Scores, row: int) -> str:
    """The reasons that add most, the first one first; nothing where nothing stands out."""
    parts, total = scores.parts[row], float(scores.parts[row].sum())
    order = np.argsort(-parts, kind="stable")[:MOST]
    return SEPARATOR.join(said(scores.reasons[r]) for r in order if total > 0 and parts[r] > WORTH * total)


def linked(features: Features, row: int) -> list[int]:
    """Rows of the table, by time, that share a device or address with an order within a month of it, before or after;
    where the shop knows of neither, those of the same customer."""
    names = [n for n in features.histories if n != "customer"] or list(features.histories)
    time = features.table.time
    found: set[int] = set()
    for name in names:
        history = features.histories[name]
        same = np.flatnonzero(history.codes == history.codes[row])
        found |= set(same[np.abs(time[same] - time[row]) <= LINKED_DAYS * DAY].tolist())
    return sorted(found - {row})
