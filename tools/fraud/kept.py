"""How a model of fraud is kept: its Transformers, its trees, its calibration and what it said, as one checkpoint.

The weights are tensors; LightGBM's own text of the trees is bytes among them. `said` has the probabilities of the
orders of the data that it was trained on, by time: an answer need not wait for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tools.fraud.backtest import as_array, backtest_from, group_names
from tools.fraud.blend import Blend
from tools.fraud.features import Spec
from tools.fraud.scorer import Checked, Model
from tools.fraud.standing import Said
from tools.fraud.trees import Trees

FORM = 4
TREES, SAID, LABEL, USUAL, TESTED, NET = "trees", "said", "label", "usual", "tested", "net"
BLENDS = ("blend", "net_alone", "trees_alone")


@dataclass(frozen=True)
class Opened:
    """A kept model; what it `said` of the orders of `data_version`; its own version, and when it was made."""

    model: Model
    said: Said
    data_version: str
    version: str
    made_at: str


def save(
    folder: Path, model: Model, said: Said, data_version: str, seed: int, fairness: Mapping[str, float | None]
) -> None:
    """`fairness` by kind of group is for whoever reads the card: how even it was. CheckpointError: the disk's."""
    import torch

    from ml.checkpoint import About
    from ml.checkpoint import save as keep

    tensors = {f"{NET}{n}.{name}": t for n, net in enumerate(model.nets) for name, t in net.state_dict().items()}
    tensors[TREES] = torch.frombuffer(bytearray(model.trees.booster.model_to_string().encode()), dtype=torch.uint8)
    tensors |= {
        SAID: torch.from_numpy(said.p.astype(np.float32)),
        LABEL: torch.from_numpy(np.nan_to_num(said.label, nan=-1).astype(np.int8)),
        TESTED: torch.from_numpy(as_array(model.tested)),
        USUAL: torch.from_numpy(model.usual.astype(np.float32)),
    }
    config = {
        "form": FORM, "nets": [settings_of(net.config) for net in model.nets], "spec": spec_kept(model.spec),
        "last": model.last, "trees": {"settings": model.trees.settings, "rounds": model.trees.rounds},
        "checked": asdict(model.checked), **{name: asdict(getattr(model, name)) for name in BLENDS},
        "until": model.until, "groups": group_names(model.tested), "mark": said.mark,
        "fairness": dict(fairness),
    }  # fmt: skip
    keep(folder, tensors, config, About("train fraud", seed, data_version))


def load(folder: Path) -> Opened:
    """CheckpointError: a file is not as it was written, or of another form."""
    import lightgbm

    from ml.checkpoint import load_form

    kept = load_form(folder, FORM, "model of fraud")
    config = kept.config
    booster = lightgbm.Booster(model_str=bytes(kept.tensors[TREES].numpy()).decode())
    trees = Trees(config["trees"]["settings"], config["trees"]["rounds"], booster)
    nets = [_net(settings, _of(kept.tensors, f"{NET}{n}.")) for n, settings in enumerate(config["nets"])]
    blend, net_alone, trees_alone = (Blend(**config[name]) for name in BLENDS)
    usual, checked = kept.tensors[USUAL].numpy(), Checked(**config["checked"])
    spec, tested = read_spec(config["spec"]), backtest_from(kept.tensors[TESTED].numpy(), config["groups"])
    model = Model(spec, nets, trees, blend, net_alone, trees_alone, config["last"], checked, usual, tested,
                  config["until"])  # fmt: skip
    about = kept.about
    return Opened(model, _said(kept.tensors, config["mark"]), about.data_version, kept.version, about.made_at)


def _said(tensors: dict[str, Any], mark: str) -> Said:
    label = tensors[LABEL].numpy().astype(np.float64)
    return Said(tensors[SAID].numpy().astype(np.float64), np.where(label < 0, np.nan, label), mark)


def _of(tensors: dict[str, Any], mark: str) -> dict[str, Any]:
    return {name.removeprefix(mark): t for name, t in tensors.items() if name.startswith(mark)}


def _net(settings: dict[str, Any], state: dict[str, Any]) -> Any:
    from tools.fraud.model import Scorer, ScorerConfig

    net = Scorer(ScorerConfig(**settings))
    net.load_state_dict(state)
    net.eval()  # type: ignore[no-untyped-call]
    return net


def settings_of(config: Any) -> dict[str, Any]:
    names = "features entities told steps hashes width layers heads inner dropout".split()
    return {name: getattr(config, name) for name in names}


def spec_kept(spec: Spec) -> dict[str, Any]:
    frequent = [[name, list(values)] for name, values in spec.frequent.items()]
    return {"delay": spec.delay, "entities": list(spec.entities), "numbers": list(spec.numbers), "frequent": frequent,
            "alike": [list(pair) for pair in spec.alike]}  # fmt: skip


def read_spec(kept: dict[str, Any]) -> Spec:
    frequent = {name: tuple(values) for name, values in kept["frequent"]}
    alike = tuple((a, b) for a, b in kept["alike"])
    return Spec(kept["delay"], tuple(kept["entities"]), tuple(kept["numbers"]), frequent, alike)
