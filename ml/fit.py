"""Fitting a model: steps of AdamW over batches, kept as it goes: a run that was stopped goes on from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from ml.checkpoint import About, load, save

Batch = Mapping[str, Tensor]
Batches = Callable[[int], Iterator[Batch]]  # those from a step on


@dataclass(frozen=True)
class Fit:
    """How to fit: `rates` are the peak learning rates of the parameters whose names begin so, the first that fits.

    The rate rises over the first `warm` of the steps and then falls to zero. The state is kept every `every` steps.
    """

    steps: int
    rates: Mapping[str, float]
    warm: float = 0.1
    decay: float = 0.01
    clip: float = 1.0
    every: int = 100
    seed: int = 7


def fit(
    model: nn.Module,
    batches: Batches,
    loss: Callable[[nn.Module, Batch], Tensor],
    how: Fit,
    kept: Path,
    about: About,
    told: Callable[[int, float], None] = lambda step, loss: None,
) -> None:
    """Fits the model in place, going on from what is in the folder `kept`. `told` hears of each step and its loss."""
    optimizer = torch.optim.AdamW(_groups(model, how), lr=0.0)
    step = _resume(model, optimizer, kept, how)
    model.train()
    for batch in batches(step):
        if step >= how.steps:
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
            save(kept, _state(model, optimizer), {"step": step, "steps": how.steps}, about)
    model.eval()


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


def _state(model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    out = {f"model.{name}": tensor for name, tensor in model.state_dict().items()}
    for name, parameter in model.named_parameters():
        for what, value in optimizer.state.get(parameter, {}).items():
            out[f"{what}.{name}"] = value if isinstance(value, Tensor) else torch.tensor(value)
    return out


def _resume(model: nn.Module, optimizer: torch.optim.Optimizer, kept: Path, how: Fit) -> int:
    """The step to go on from: 0 where nothing is kept, or what is kept is of another run."""
    if not kept.is_dir():
        return 0
    found = load(kept)
    if found.config["steps"] != how.steps:
        return 0
    model.load_state_dict({n.removeprefix("model."): t for n, t in found.tensors.items() if n.startswith("model.")})
    for name, parameter in model.named_parameters():
        state = {
            what: found.tensors[f"{what}.{name}"]
            for what in ("step", "exp_avg", "exp_avg_sq")
            if f"{what}.{name}" in found.tensors
        }
        if state:
            optimizer.state[parameter] = state
    return int(found.config["step"])
