"""Trains the priors of days, weeks and months on invented shops; stopped, it goes on where it was."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.forecast.features import FAR, SPANS, Windows
from tools.forecast.invented import invented
from tools.forecast.kept import settings_of
from tools.forecast.prior import AHEAD, CHANNELS, SHIPPED, WAVES, anchors_of, context_of, steps_of, told
from tools.forecast.table import FREQS
from tools.forecast.train import picked

if TYPE_CHECKING:
    import torch

    from ml.checkpoint import About
    from tools.forecast.model import Forecaster

RUN = Path(__file__).parent.parent.parent / "var" / "train" / "forecast"
STEPS = {"D": 14_000, "W": 20_000, "M": 20_000}
BATCH, EVERY, SEED = 64, 500, 7
RATE, WARM, DECAY = 1e-3, 0.03, 0.05
WIDTH, LAYERS, DROPOUT = 64, 2, 0.05
SHOPS, EACH = 16, 128  # shops that a block of windows is drawn from, and windows of each
BLOCK = SHOPS * EACH // BATCH  # steps
SEEN = 8  # blocks that tell the ranges of features


def block(code: str, number: int, seed: int) -> dict[str, torch.Tensor]:
    """Windows of some shops, mixed; the same whenever it is made."""
    import torch

    from tools.forecast.model import GIVEN

    random = np.random.default_rng((seed, number))
    parts: list[dict[str, Any]] = []
    while len(parts) < SHOPS:
        panel = invented(code, random)
        size = panel.y.shape[1]
        windows = Windows(panel, AHEAD[code], size)
        pick = picked(windows, 2, size)
        if len(pick.i) < EACH:
            continue
        at = random.choice(len(pick.i), EACH, p=pick.part / pick.part.sum(dtype=np.float64))
        batch = told(windows, pick.i[at], pick.t[at])
        found = {name: getattr(batch, name) for name in GIVEN}
        parts.append(found | {"target": np.clip(batch.target, 0, FAR), "weight": pick.part[at]})
    order = random.permutation(SHOPS * EACH)
    return {name: torch.from_numpy(np.concatenate([p[name] for p in parts])[order]) for name in parts[0]}


def batches(code: str, seed: int) -> Any:
    def since(step: int) -> Iterator[dict[str, torch.Tensor]]:
        while True:
            some = block(code, step // BLOCK, seed)
            for k in range(step % BLOCK, BLOCK):
                yield {name: values[k * BATCH : (k + 1) * BATCH] for name, values in some.items()}
            step += BLOCK - step % BLOCK

    return since


def new_prior(code: str, seed: int) -> Forecaster:
    """Not trained yet, but it knows the ranges of the features of some blocks."""
    import torch

    from tools.forecast.model import Forecaster, ForecasterConfig

    freq, spans = FREQS[code], SPANS[code]
    torch.manual_seed(seed)
    model = Forecaster(ForecasterConfig(
        context=spans.context, patch=spans.patch, channels=CHANNELS, horizon=AHEAD[code],
        features=len(steps_of(freq)) + 2 * WAVES, anchors=len(anchors_of(freq)), window=len(context_of(freq)),
        statics=(1,), width=WIDTH, layers=LAYERS, dropout=DROPOUT,
    ))  # fmt: skip
    seen = [block(code, number, seed + 1) for number in range(SEEN)]
    steps = torch.cat([some["step"] for some in seen])
    model.of_step.learn(steps.reshape(-1, steps.shape[2]))
    model.of_window.learn(torch.cat([some["context"] for some in seen]))
    return model


def pretrain(code: str, steps: int, kept: Path, seed: int, told: Callable[[int, float], None]) -> Forecaster:
    """`kept` is the folder that a stopped training goes on from."""
    from ml.fit import Fit, fit
    from tools.forecast.model import loss

    model = new_prior(code, seed)
    how = Fit(steps, {"": RATE}, warm=WARM, decay=DECAY, every=EVERY, seed=seed)
    fit(model, batches(code, seed), loss, how, kept, _about(code, steps, seed), told)
    return model


def ship(model: Forecaster, folder: Path, about: About) -> None:
    """CheckpointError: the disk's."""
    from ml.checkpoint import save

    save(folder, dict(model.state_dict()), settings_of(model.config.to_dict()), about)


def _about(code: str, steps: int, seed: int) -> About:
    from ml.checkpoint import About

    return About(
        f"python -m tools.forecast.pretrain --freq {code} --steps {steps} --seed {seed}", seed, "invented shops"
    )


def main() -> None:
    from ml.progress import bar

    parser = argparse.ArgumentParser(prog="python -m tools.forecast.pretrain", description=__doc__)
    parser.add_argument("--freq", choices=list(STEPS), help="days, weeks or months (all three unless said)")
    parser.add_argument("--steps", type=int, help=f"batches of {BATCH} windows ({STEPS})")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=SHIPPED, help="folder for the weights")
    given = parser.parse_args()
    for code in [given.freq] if given.freq else STEPS:
        steps, kept = given.steps or STEPS[code], RUN / f"{code}-{given.seed}"
        with bar(steps, f"Training on {FREQS[code].name}s") as told:
            model = pretrain(code, steps, kept, given.seed, told)
        ship(model, given.out / code, _about(code, steps, given.seed))
        shutil.rmtree(kept, ignore_errors=True)


if __name__ == "__main__":
    main()
