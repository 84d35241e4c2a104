"""How far a store's orders were from what their entities' histories led one to expect: learned, said and kept.

What counts is who came with whom, a customer on a device, say; in a shop that knows of its customers alone, where an
order came from and how. What is bought, how much and when differs from one time to the next in honest orders too, and a
ring goes on as it began. N orders, G traits.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tools.fraud.features import TOGETHER, Features, Spec
from tools.fraud.kept import read_spec, spec_kept
from tools.fraud.pretrain import Foreteller
from tools.fraud.standing import Said, said_of, standing
from tools.fraud.table import Floats, Ints, Table
from tools.fraud.train import Effort
from tools.fraud.traits import Traits

if TYPE_CHECKING:
    from tools.fraud.masked import Masked

FORM = 1
AT_ONCE = 5_000  # orders that came since it learned: an answer can wait for so many
FINE = 3  # decimals of a nat
NET, SAID = "net.", "said"


@dataclass(frozen=True)
class Learned:
    """A foreteller, and the surprise that it `said` of the orders that it learned from."""

    foreteller: Foreteller
    spec: Spec
    said: Said
    version: str = ""

    @property
    def counts(self) -> bool:
        """Whether it foretells better than each trait's frequency does, and there is anything that counts."""
        return self.foreteller.nats < self.foreteller.marginal and any(_counted(self.foreteller.traits))

    def stands(self, features: Features) -> int | None:
        """How many of the first orders it has spoken of; None where it can't speak of these."""
        own, theirs = self.spec, features.spec
        if own.entities != theirs.entities or not {*own.numbers, *own.frequent} <= {*theirs.numbers, *theirs.frequent}:
            return None
        held = standing(self.said, features.table, own)
        return held if len(features.table) - held <= AT_ONCE else None

    def lent(self, table: Table, effort: Effort) -> Masked | None:
        """What a Transformer of this table may begin with."""
        settings = self.foreteller.settings
        is_like = (settings["width"], settings["layers"]) == (effort.width, effort.layers)
        return self.foreteller.net if is_like and self.spec.entities == tuple(table.entities) else None


def learned_from(foreteller: Foreteller, features: Features) -> Learned:
    rows = np.arange(len(features.table))
    said = said_of(features.table, features.spec, surprise_of(foreteller, features, rows))
    return Learned(foreteller, features.spec, said)


def surprise_of(foreteller: Foreteller, features: Features, rows: Ints) -> Floats:
    """(N,) nats of what counts."""
    found = foreteller.say(features, rows)[:, _counted(foreteller.traits)]
    return np.asarray(np.round(found.sum(1, dtype=np.float64), FINE))


def surprise(learned: Learned | None, features: Features) -> Floats | None:
    """(N,) of all orders; None where nothing is to be said of them, or not before it has learned anew."""
    held = learned.stands(features) if learned and learned.counts else None
    if learned is None or held is None:
        return None
    rest = np.arange(held, len(features.table))
    late = surprise_of(learned.foreteller, features, rest) if len(rest) else np.zeros(0)
    return np.concatenate([learned.said.p[:held], late])


def save(folder: Path, learned: Learned, data_version: str, seed: int) -> None:
    """CheckpointError: the disk's."""
    import torch

    from ml.checkpoint import About
    from ml.checkpoint import save as keep

    it, traits = learned.foreteller, learned.foreteller.traits
    tensors = {f"{NET}{name}": t for name, t in it.weights.items()}
    tensors[SAID] = torch.from_numpy(learned.said.p)
    config = {
        "form": FORM, "net": it.settings, "last": it.last, "spec": spec_kept(learned.spec),
        "edges": [[name, list(edges)] for name, edges in traits.edges.items()],
        "values": [[name, list(values)] for name, values in traits.values.items()],
        "nats": it.nats, "marginal": it.marginal, "mark": learned.said.mark,
    }  # fmt: skip
    keep(folder, tensors, config, About("train fraud", seed, data_version))


def load(folder: Path) -> Learned:
    """CheckpointError: a file is not as it was written, or of another form."""
    from ml.checkpoint import load_form

    kept = load_form(folder, FORM, "net that foretells orders,")
    config = kept.config
    traits = Traits(*({name: tuple(found) for name, found in config[part]} for part in ("edges", "values")))
    said = kept.tensors.pop(SAID).numpy()
    weights = {name.removeprefix(NET): t for name, t in kept.tensors.items()}
    it = Foreteller(config["net"], weights, traits, config["last"], config["nats"], config["marginal"])
    return Learned(it, read_spec(config["spec"]), Said(said, np.full(len(said), np.nan), config["mark"]), kept.version)


def _counted(traits: Traits) -> list[bool]:
    ties = [name.endswith(TOGETHER) for name in traits.names]
    return ties if any(ties) else [name in traits.values for name in traits.names]
