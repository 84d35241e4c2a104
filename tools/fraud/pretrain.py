"""Learning what to expect of an order from orders alone, no label among them; and how far an order was from that.

N rows, G traits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.fraud.features import TOLD, Features
from tools.fraud.kept import settings_of
from tools.fraud.table import Floats, Ints
from tools.fraud.train import GLANCE, SAMPLE, Effort
from tools.fraud.traits import Traits, traits_from
from tools.fraud.trees import Told

if TYPE_CHECKING:
    import torch

    from tools.fraud.masked import Masked

CHECKED = 0.1  # of the orders, the last: those that are foretold while it learns


@dataclass(frozen=True)
class Foreteller:
    """`nats` an order on the mean of those it was checked on, `marginal` where each trait is told by its frequency.
    Of its net the settings and weights: who asks for what was said already needn't wait for more."""

    settings: dict[str, Any]
    weights: Mapping[str, torch.Tensor]
    traits: Traits
    last: int
    nats: float
    marginal: float

    @cached_property
    def net(self) -> Masked:
        from tools.fraud.masked import Masked
        from tools.fraud.model import ScorerConfig

        net = Masked(ScorerConfig(**self.settings), self.traits.sizes)
        net.load_state_dict(self.weights)
        return net.eval()

    def say(self, features: Features, rows: Ints, size: int = 2_048) -> Floats:
        """(N, G) nats: −ln of how likely each trait was, by the entities' histories and the traits before it."""
        return said(self.net, _Given(features, self.traits, self.last), rows, size)


class _Given:
    """What the net is told of any rows."""

    def __init__(self, features: Features, traits: Traits, last: int) -> None:
        self.features, self.last = features, last
        self.codes = traits.codes(features, np.arange(len(features.table)))

    def of(self, rows: Ints) -> dict[str, torch.Tensor]:
        import torch

        events, held = self.features.events(rows, self.last, unseen=True)
        past = np.stack([self.codes[h.last(rows, self.last)[0]] for h in self.features.histories.values()], 1)
        found = {"events": events, "held": held, "past": past, "codes": self.codes[rows]}
        return {name: torch.from_numpy(values) for name, values in found.items()}


def said(net: Any, given: _Given, rows: Ints, size: int = 2_048) -> Floats:
    import torch

    from tools.fraud.masked import READ

    out = [np.zeros((0, given.codes.shape[1]))]
    with torch.inference_mode():
        for i in range(0, len(rows), size):
            batch = given.of(rows[i : i + size])
            out.append(net(*(batch[name] for name in READ)).numpy())
    return np.concatenate(out)


def pretrain(features: Features, rows: Ints, effort: Effort, kept: Path, told: Told) -> Foreteller:
    """On rows, by time; the last of them are only foretold, and it ends where it did that best."""
    at = int(len(rows) * (1 - CHECKED))
    learn, check = rows[:at], rows[at:]
    traits = traits_from(features, learn)
    given, rng = _Given(features, traits, effort.last), np.random.default_rng(effort.seed)
    glance = np.sort(rng.permutation(check)[:GLANCE])
    net = _new(features, given, traits, learn, effort)
    _fit(net, given, learn, glance, effort, kept, told)
    nats = float(said(net, given, glance).sum(1).mean())
    marginal = _marginal(given.codes[learn], given.codes[glance], traits.sizes)
    settings = settings_of(net.scorer.config)
    return Foreteller(settings, net.state_dict(), traits, effort.last, nats, marginal)


def _new(features: Features, given: _Given, traits: Traits, learn: Ints, effort: Effort) -> Masked:
    import torch

    from tools.fraud.masked import Masked
    from tools.fraud.model import ScorerConfig, edges_of

    torch.manual_seed(effort.seed)
    net = Masked(
        ScorerConfig(
            features=1, entities=len(features.histories), told=TOLD, hashes=1, width=effort.width, layers=effort.layers,
        ),
        traits.sizes,
    )  # fmt: skip
    at = np.random.default_rng(effort.seed).permutation(learn)[: SAMPLE // 4]
    batch = given.of(at)
    net.scorer.past.settle(edges_of(batch["events"][batch["held"] > 0], net.scorer.config.steps))
    return net


def _fit(net: Masked, given: _Given, learn: Ints, check: Ints, effort: Effort, kept: Path, told: Told) -> None:
    from ml.checkpoint import About
    from ml.fit import Fit, fit
    from tools.fraud.masked import loss

    def since(step: int) -> Iterator[dict[str, Any]]:
        while True:
            yield given.of(np.random.default_rng((effort.seed, step)).choice(learn, effort.batch))
            step += 1

    how = Fit(
        effort.steps, {"": effort.rate}, decay=0.02, every=effort.every, seed=effort.seed, patience=effort.patience
    )
    about = About("train fraud", effort.seed, str(int(given.features.table.time[learn[-1]])))
    fit(
        net, since, loss, how, kept, about,
        lambda step, _: told("learning what to expect of orders", step / max(1, effort.steps)),
        lambda model: float(said(model, given, check).sum(1).mean()),
    )  # fmt: skip


def _marginal(learn: Ints, check: Ints, sizes: tuple[int, ...]) -> float:
    """Nats of an order by each trait's frequency among what was learned from, one added to each."""
    nats = 0.0
    for g, size in enumerate(sizes):
        count = np.bincount(learn[:, g], minlength=size) + 1.0
        nats -= float(np.log(count / count.sum())[check[:, g]].mean())
    return nats
