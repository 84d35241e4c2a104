"""What each kind of thing about an order adds to its score: Shapley values (Shapley 1953) of groups of features.

A group that is left out is as in a usual order, an entity's without its history. The parts of an order add up, exactly,
to its logit less a usual order's. N orders, F features, G groups, 2^G coalitions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import factorial
from typing import TYPE_CHECKING

import numpy as np

from tools.fraud.blend import logits
from tools.fraud.features import TOGETHER, Features
from tools.fraud.scorer import Model
from tools.fraud.table import Bools, Floats, Ints
from tools.fraud.train import given

if TYPE_CHECKING:
    from torch import Tensor

ORDER, TIME, ORIGIN = "order", "time", "origin"
TIMES = frozenset({"hour", "night", "weekday"})


@dataclass(frozen=True)
class Attributions:
    """parts (N, G) in logits, and the logit (N,) that they lead to from `base` (N,); `worth` (N, 2^G) are the logits
    with some groups alone: the g-th is one of them where the g-th bit is set."""

    groups: tuple[str, ...]
    parts: Floats
    logit: Floats
    base: Floats
    worth: Floats


def attributions(model: Model, features: Features, rows: Ints) -> Attributions:
    groups = groups_of(features)
    coalitions = ((np.arange(2 ** len(groups))[:, None] >> np.arange(len(groups))) & 1).astype(bool)
    worth = np.stack([_worth(model, features, int(row), groups, coalitions) for row in rows])
    return Attributions(tuple(groups), _shapley(worth, coalitions), worth[:, -1], worth[:, 0], worth)


def groups_of(features: Features) -> dict[str, Ints]:
    """The columns of each group: what was bought, when, where from and how, and each entity's history."""
    found: dict[str, list[int]] = {}
    for i, name in enumerate(features.names):
        found.setdefault(_group(name, features), []).append(i)
    return {group: np.array(at) for group, at in found.items()}


def _group(name: str, features: Features) -> str:
    entities = list(features.histories)
    if name in TIMES:
        return TIME
    if name == "amount" or name in features.spec.numbers:
        return ORDER
    if name.endswith(TOGETHER):
        return name.removesuffix(TOGETHER).split(" and ")[-1]
    return next((e for e in entities if name.startswith(f"{e}: ")), ORIGIN)


def _worth(
    model: Model, features: Features, row: int, groups: Mapping[str, Ints], coalitions: Bools
) -> Floats:  # fmt: skip
    """(2^G,) the logit of an order of which only some groups are its own."""
    at = np.array([row])
    own = features.matrix(at)
    x = np.repeat(model.usual[None].astype(np.float32), len(coalitions), 0)
    for g, columns in enumerate(groups.values()):
        x[np.ix_(coalitions[:, g], columns)] = own[0, columns]
    tensors = _tensors(given(features, at, own, model.last), features, groups, coalitions, x)
    net = np.mean([_logit(net, tensors) for net in model.nets], 0)
    return logits(net, model.trees.predict(x), model.blend, features.waits(x))


def _tensors(
    own: Mapping[str, Tensor], features: Features, groups: Mapping[str, Ints], coalitions: Bools, x: Floats
) -> list[Tensor]:
    """Of each coalition: its features, and the histories of the entities that are in it."""
    import torch

    count, names = len(coalitions), list(groups)
    held = own["held"].repeat(count, 1, 1)
    for e, entity in enumerate(features.histories):
        if entity in names:
            held[:, e] *= torch.from_numpy(coalitions[:, names.index(entity)].astype(np.float32))[:, None]
    hashed = own["hashed"].repeat(count, 1)
    if ORIGIN in names:
        hashed = hashed * torch.from_numpy(coalitions[:, names.index(ORIGIN)])[:, None]
    return [torch.from_numpy(x), hashed, own["events"] * held[..., None], held]


def _logit(net: object, tensors: list[Tensor]) -> Floats:
    import torch

    with torch.inference_mode():
        return np.asarray(net(*tensors).numpy(), np.float64)  # type: ignore[operator]


def _shapley(worth: Floats, coalitions: Bools) -> Floats:
    """worth (N, 2^G) → (N, G): what a group adds, the mean over all orders in which groups could come."""
    count = coalitions.shape[1]
    sizes = coalitions.sum(1)
    out = np.zeros((len(worth), count))
    for g in range(count):
        without = np.flatnonzero(~coalitions[:, g])
        share = np.array([factorial(s) * factorial(count - s - 1) / factorial(count) for s in sizes[without]])
        out[:, g] = ((worth[:, without + (1 << g)] - worth[:, without]) * share).sum(1)
    return out
