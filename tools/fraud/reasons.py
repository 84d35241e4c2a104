"""Why an order stands out, in a merchant's words, and which orders it is linked with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tools.fraud.attributions import ORDER, ORIGIN, TIME, attributions
from tools.fraud.features import DAY, Features
from tools.fraud.scores import Scores
from tools.fraud.table import Ints
from tools.fraud.unusual import ABROAD, AMOUNT, BULK, FAST, NIGHT, SHARED, UNEXPECTED, UNLIKE

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
    UNEXPECTED: "from elsewhere or otherwise than this customer's history leads one to expect",
    ORDER: "what was bought and for how much",
    TIME: "when it was ordered",
    ORIGIN: "where it came from and how it was paid",
}
KINDS = {
    FAST: "unusually many orders of one {name} in a short time",
    SHARED: "many customers on one {name}",
    "": "what is known of this {name}",
}
GROUPS = {AMOUNT: ORDER, BULK: ORDER, UNLIKE: "customer", ABROAD: ORIGIN, NIGHT: TIME}  # of a model's attributions


def said(reason: str) -> str:
    if reason in PLAIN:
        return PLAIN[reason]
    kind, _, entity = reason.rpartition(" ")
    return KINDS[kind].format(name=NAMES.get(entity, entity))


def reasons_of(scores: Scores, row: int) -> str:
    """The reasons that add most, the first one first; nothing where nothing stands out."""
    told = list(_learned(scores, row) if scores.trained else _rare(scores, row))
    return SEPARATOR.join(said(reason) for reason in told[:MOST])


def _rare(scores: Scores, row: int) -> Iterator[str]:
    parts = scores.unusual.parts[row]
    for r in np.argsort(-parts, kind="stable"):
        if parts[r] > WORTH * parts.sum():
            yield scores.unusual.reasons[r]


def _learned(scores: Scores, row: int) -> Iterator[str]:
    """Of each kind of thing that raised the model's score: what is unusual about it, else the kind itself."""
    assert scores.trained is not None
    found = attributions(scores.trained.model, scores.features, np.array([row]))
    parts, rare = found.parts[0], list(_rare(scores, row))
    for g in np.argsort(-parts, kind="stable"):
        if parts[g] > WORTH * np.maximum(parts, 0).sum():
            own = [reason for reason in rare if GROUPS.get(reason, reason.rpartition(" ")[2]) == found.groups[g]]
            yield from own[:1] or [found.groups[g]]


def linked(features: Features, row: int) -> list[int]:
    """Rows of the table, by time, that share a device or address with an order within a month of it, before or after;
    where the shop knows of neither, those of the same customer."""
    time, found = features.table.time, sharing(features, row)
    return [int(other) for other in found if other != row and abs(time[other] - time[row]) <= LINKED_DAYS * DAY]


def sharing(features: Features, row: int, entity: str | None = None) -> Ints:
    """The rows of all times with the entity of a row, its own included; of its device or address where none is named,
    and of its customer where the shop knows of neither."""
    usual = [name for name in features.histories if name != "customer"] or list(features.histories)
    found = np.array([row])
    for name in [entity] if entity else usual:
        if name in features.histories:
            codes = features.histories[name].codes
            found = np.union1d(found, np.flatnonzero(codes == codes[row]))
    return found
