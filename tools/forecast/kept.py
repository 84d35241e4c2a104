"""How a forecaster is kept: its Transformers, its trees, what they were calibrated to, and its book, as one checkpoint.

The weights are tensors; LightGBM's own text of each tree model is bytes among them. The config says what the models
are of: the data's version, its days, how they did.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.forecast.blend import Blend
from tools.forecast.book import Book
from tools.forecast.forecaster import Trained
from tools.forecast.train import Effort
from tools.forecast.trees import Trees

if TYPE_CHECKING:
    import torch

    from ml.checkpoint import Checkpoint

FORM = 3
ARRAYS = ("mean", "spread")


@dataclass(frozen=True)
class Card:
    """What a kept forecaster is of: first and last day of the data and its version; `made_at` and `version` its own."""

    first: date
    last: date
    data_version: str
    version: str = ""
    made_at: str = ""


def save(folder: Path, found: Trained, book: Book, card: Card) -> None:
    """CheckpointError: the disk's."""
    from ml.checkpoint import About
    from ml.checkpoint import save as keep

    tensors = {f"net{n}.{name}": t for n, net in enumerate(found.nets) for name, t in net.state_dict().items()}
    tensors |= {f"tree{n}": _bytes(booster.model_to_string()) for n, booster in enumerate(found.trees.boosters)}
    tensors |= {f"book.{name}": _tensor(getattr(book, name)) for name in ARRAYS}
    tensors["blend.shifts"] = _tensor(found.blend().shifts)
    config = {
        "form": FORM, "nets": [settings_of(net.config.to_dict()) for net in found.nets],
        "trees": {"count": len(found.trees.boosters), "settings": found.trees.settings, "young": found.trees.young,
                  "rounds": [[level, count] for level, count in found.trees.rounds.items()]},
        "blend": {"weight": list(found.blend().weight), "factor": found.blend().factor},
        "trained": {"horizon": found.horizon, "start": found.start, "end": found.end, "effort": asdict(found.effort)},
        "book": {"series": list(book.series), "origins": list(book.origins)},
        "data": {"first": card.first.isoformat(), "last": card.last.isoformat()},
    }  # fmt: skip
    keep(folder, tensors, config, About("train forecast", found.effort.seed, card.data_version))


def load(folder: Path) -> tuple[Book, Card]:
    """What is needed to answer. CheckpointError: a file is not as it was written, or of another form."""
    kept = _opened(folder)
    return _book(kept), _card(kept)


def load_forecaster(folder: Path) -> Trained:
    """The models themselves, which go on where they were. CheckpointError likewise."""
    kept = _opened(folder)
    config, blend = kept.config, kept.config["blend"]
    rounds, known = dict(map(tuple, config["trees"]["rounds"])), config["trees"]
    trees = Trees(known["settings"], rounds, known["young"], _boosters(kept))
    shifts = kept.tensors["blend.shifts"].numpy()
    trained = config["trained"]
    return Trained(
        [_net(kept, n) for n in range(len(config["nets"]))], trees, trained["horizon"], trained["start"],
        trained["end"], Effort(**trained["effort"]), folder,
        fixed=Blend(tuple(blend["weight"]), shifts, blend["factor"]),
    )  # fmt: skip


def _opened(folder: Path) -> Checkpoint:
    from ml.checkpoint import load_form

    return load_form(folder, FORM, "forecaster")


def _book(kept: Checkpoint) -> Book:
    arrays = {name: kept.tensors[f"book.{name}"].numpy().astype(np.float64) for name in ARRAYS}
    return Book(tuple(kept.config["book"]["series"]), tuple(kept.config["book"]["origins"]), **arrays)


def _card(kept: Checkpoint) -> Card:
    first, last = (date.fromisoformat(kept.config["data"][end]) for end in ("first", "last"))
    return Card(first, last, kept.about.data_version, kept.version, kept.about.made_at)


def _net(kept: Checkpoint, n: int) -> Any:
    from tools.forecast.model import Forecaster, ForecasterConfig

    net = Forecaster(ForecasterConfig(**kept.config["nets"][n]))
    mark = f"net{n}."
    net.load_state_dict({k.removeprefix(mark): t for k, t in kept.tensors.items() if k.startswith(mark)})
    net.eval()  # type: ignore[no-untyped-call]
    return net


def settings_of(config: dict[str, Any]) -> dict[str, Any]:
    """The net's own settings: plain values that its config takes."""
    from tools.forecast.model import ForecasterConfig

    usual = ForecasterConfig().to_dict()
    own = ForecasterConfig.__init__.__annotations__
    return {name: value for name, value in config.items() if name in own and name in usual}


def _boosters(kept: Checkpoint) -> list[Any]:
    import lightgbm

    texts = (bytes(kept.tensors[f"tree{n}"].numpy()).decode() for n in range(kept.config["trees"]["count"]))
    return [lightgbm.Booster(model_str=text) for text in texts]


def _bytes(text: str) -> torch.Tensor:
    import torch

    return torch.frombuffer(bytearray(text.encode()), dtype=torch.uint8)


def _tensor(values: Any) -> torch.Tensor:
    import torch

    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))
