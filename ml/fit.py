"""Fitting a model: steps of AdamW over batches, kept as it goes: a run that was stopped goes on from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from ml.checkpoint import About, load, save

Batch = Mapping[str, Tensor]
Batches = Callable[[int], Iterator[Batch]]  # those from a step on


@dataclass(frozen=True)
class Fit:
    """How to fit: `rates` are the peak learning rates of the parameters whose names begin so, the first that fits.

    The rate rises over the first `warm` of the steps and then falls to zero. The state is kept, and the model scored,
    every `every` steps; after `patience` scores in a row that were no better it stops (0: it doesn't).
    """

    steps: int
    rates: Mapping[str, float]
    warm: float = 0.1
    decay: float = 0.01
    clip: float = 1.0
    every: int = 100
    seed: int = 7
    patience: int = 0


@dataclass
class _Best:
    """The lowest score so far, the weights that had it, and how many scores since were no better."""

    score: float = float("inf")
    waited: int = 0
    tensors: dict[str, Tensor] = field(default_factory=dict)

    def heard(self, score: float, model: nn.Module) -> None:
        self.waited += 1
        if score < self.score:
            self.score, self.waited = score, 0
            self.tensors = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def fit(
    model: nn.Module,
    batches: Batches,
    loss: Callable[[nn.Module, Batch], Tensor],
    how: Fit,
    kept: Path,
    about: About,
    told: Callable[[int, float], None] = lambda step, loss: None,
    score: Callable[[nn.Module], float] | None = None,
) -> None:
    """Fits the model in place, going on from what is in the folder `kept`. `told` hears of each step and its loss.

    With a `score` the model ends with the weights that had the lowest.
    """
    optimizer, best = torch.optim.AdamW(_groups(model, how), lr=0.0), _Best()
    step = _resume(model, optimizer, best, kept, how)
    model.train()
    for batch in batches(step):
        if step >= how.steps or 0 < how.patience <= best.waited:
            break
        torch.manual_seed(how.seed * 1_000_003 + step)  # each step its own dropout, whenever it is made
        _set_rate(optimizer, how, step)
        found = loss(model, batch)
        optimizer.zero_grad()
        torch.autograd.backward(found)
        nn.utils.clip_grad_norm_(model.parameters(), how.clip)
        optimizer.step()
        step += 1
        told(step, found.item())
        if step % how.every == 0 or step == how.steps:
            if score:
                best.heard(_scored(model, score), model)
            save(kept, _state(model, optimizer, best), _where(step, how, best), about)
    if best.tensors:
        model.load_state_dict(best.tensors)
    model.eval()


def _scored(model: nn.Module, score: Callable[[nn.Module], float]) -> float:
    model.eval()
    with torch.no_grad():
        found = score(model)
    model.train()
    return found


def _where(step: int, how: Fit, best: _Best) -> dict[str, int | float]:
    where: dict[str, int | float] = {"step": step, "steps": how.steps}
    return where | ({"best": best.score, "waited": best.waited} if best.tensors else {})


def _groups(model: nn.Module, how: Fit) -> Sequence[dict[str, object]]:
    """A group for each rate; biases and norms, which have one dimension, don't decay."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        rate = next((r for prefix, r in how.rates.items() if name.startswith(prefix)), None)
        parameter.requires_grad_(rate is not None and rate > 0)
        if rate:
            groups.setdefault((rate, how.decay if parameter.dim() > 1 else 0.0), []).append(parameter)
    return [{"params": found, "peak": rate, "weight_decay": decay} for (rate, decay), found in groups.items()]


def _set_rate(optimizer: torch.optim.Optimizer, how: Fit, step: int) -> None:
    rise = max(1, round(how.warm * how.steps))
    part = (step + 1) / rise if step < rise else (how.steps - step) / max(1, how.steps - rise)
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * part


def _state(model: nn.Module, optimizer: torch.optim.Optimizer, best: _Best) -> dict[str, Tensor]:
    out = {f"model.{name}": tensor for name, tensor in model.state_dict().items()}
    out |= {f"best.{name}": tensor for name, tensor in best.tensors.items()}
    for name, parameter in model.named_parameters():
        for what, value in optimizer.state.get(parameter, {}).items():
            out[f"{what}.{name}"] = value if isinstance(value, Tensor) else torch.tensor(value)
    return out


def _resume(model: nn.Module, optimizer: torch.optim.Optimizer, best: _Best, kept: Path, how: Fit) -> int:
    """The step to go on from: 0 where nothing is kept, or what is kept is of another run."""
    if not kept.is_dir():
        return 0
    found = load(kept)
    if found.config["steps"] != how.steps:
        return 0
    model.load_state_dict(_named("model.", found.tensors))
    best.tensors = _named("best.", found.tensors)
    best.score, best.waited = float(found.config.get("best", best.score)), int(found.config.get("waited", 0))
    for name, parameter in model.named_parameters():
        state = {
            what: found.tensors[f"{what}.{name}"]
            for what in ("step", "exp_avg", "exp_avg_sq")
            if f"{what}.{name}" in found.tensors
        }
        if state:
            optimizer.state[parameter] = state
    return int(found.config["step"])


def _named(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
