"""The Transformer that learned from invented shops: it reads any table, sees no future, and goes on where it stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.test_forecast import panel, sales
from tools.forecast.features import Windows
from tools.forecast.invented import LENGTH, invented
from tools.forecast.prior import AHEAD, WAVES, anchors_of, context_of, prior_of, prior_says, reaches, steps_of, told
from tools.forecast.table import FREQS

CODES = tuple(FREQS)


def shop(code: str, seed: int = 3) -> Any:
    return invented(code, np.random.default_rng(seed))


@pytest.mark.parametrize("code", CODES)
def test_an_invented_shop_sells_from_each_series_first_period_on(code: str) -> None:
    for seed in range(20):
        found = shop(code, seed)
        assert found.y.shape == found.is_open.shape == (len(found.series), len(found.dates))
        assert LENGTH[code][0] <= len(found.dates) < LENGTH[code][1]
        for y, first in zip(found.y, found.first, strict=True):
            assert (
                np.isnan(y[:first]).all() and np.isfinite(y[first:]).all() and (y[first:] >= 0).all() and y[first] > 0
            )
        again = shop(code, seed)
        assert np.array_equal(found.y, again.y, equal_nan=True) and (found.static == again.static).all()


@pytest.mark.parametrize("code", CODES)
def test_tables_of_any_columns_are_told_in_the_same_words(code: str) -> None:
    """Without groups, with two, with three, and with known columns: arrays of one width, and no number missing."""
    plain = next(p for p in map(lambda seed: shop(code, seed), range(50)) if not p.static_names)
    code_of = 1 + np.arange(len(plain.series)) % 3
    three = replace(plain, static=np.stack([code_of] * 3, 1), static_names=("a", "b", "c"))
    known = replace(three, known=np.ones((*plain.y.shape, 1), np.float32), known_names=("price",))
    for found in (plain, three, known):
        windows = Windows(found, 3, found.y.shape[1])
        i = np.flatnonzero(found.first < 10)
        batch, freq = told(windows, i, np.full(len(i), 10)), found.freq
        assert batch.step.shape[1] >= AHEAD[code]
        assert (batch.past.shape[2], batch.step.shape[2]) == (3, len(steps_of(freq)) + 2 * WAVES)
        assert (batch.context.shape[1], batch.anchor.shape[2]) == (len(context_of(freq)), len(anchors_of(freq)))
        assert all(np.isfinite(values).all() for values in (batch.past, batch.step, batch.context, batch.anchor))


@pytest.mark.parametrize("code", CODES)
def test_it_forecasts_a_table_and_sees_nothing_of_its_future(code: str) -> None:
    found = shop(code)
    origin = found.y.shape[1] - 3
    later = found.y.copy()
    later[:, origin:] = 1e4
    i = np.flatnonzero(found.first < origin)
    said, other = (prior_says(Windows(p, 3, origin), i, origin) for p in (found, replace(found, y=later)))
    assert said.q.shape == (len(i), 3, 11) and said.mean.shape == (len(i), 3)
    assert (np.diff(said.q, axis=2) >= 0).all() and (said.q >= 0).all() and (said.mean > 0).all()
    assert np.array_equal(said.q, other.q) and np.array_equal(said.mean, other.mean)


def test_it_takes_no_part_beyond_its_horizon() -> None:
    days = panel(sales())
    assert reaches(Windows(days, AHEAD["D"], 100)) and not reaches(Windows(days, AHEAD["D"] + 1, 100))


@pytest.mark.parametrize("code", CODES)
def test_what_is_shipped_beats_the_recent_mean_on_shops_that_it_never_saw(code: str) -> None:
    """On each of ten drawn with other seeds together, by the median's absolute error."""
    ours = naive = 0.0
    for seed in range(1_000, 1_010):
        found = shop(code, seed)
        horizon = AHEAD[code] // 2
        origin = found.y.shape[1] - horizon
        i = np.flatnonzero(found.first < origin)
        windows = Windows(found, horizon, origin)
        y, level = found.y[i, origin:], windows.level(i, np.full(len(i), origin))[:, None]
        ours += float((np.abs(prior_says(windows, i, origin).q[..., 5] - y) / level).clip(max=10).sum())
        naive += float((np.abs(level - y) / level).clip(max=10).sum())
    assert ours < 0.95 * naive


def test_a_stopped_training_ends_with_the_same_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from ml.checkpoint import load
    from tools.forecast import pretrain as training
    from tools.forecast.pretrain import _about, pretrain, ship

    monkeypatch.setattr(training, "EVERY", 2)
    monkeypatch.setattr(training, "SEEN", 1)

    class Stopped(Exception):
        pass

    def stop(step: int, loss: float) -> None:
        if step == 3:
            raise Stopped

    whole = pretrain("M", 5, tmp_path / "whole", 1, lambda step, loss: None)
    with pytest.raises(Stopped):
        pretrain("M", 5, tmp_path / "parts", 1, stop)
    again = pretrain("M", 5, tmp_path / "parts", 1, lambda step, loss: None)
    assert load(tmp_path / "parts").config["step"] == 5
    assert all(torch.equal(a, b) for a, b in zip(whole.state_dict().values(), again.state_dict().values(), strict=True))
    ship(whole, tmp_path / "M", _about("M", 5, 1))
    assert load(tmp_path / "M").config["horizon"] == AHEAD["M"]


@pytest.mark.parametrize("code", CODES)
def test_what_is_shipped_says_what_trained_it(code: str) -> None:
    from ml.checkpoint import load
    from tools.forecast.pretrain import SEED, SHIPPED, STEPS

    about = load(SHIPPED / code).about
    assert about.command == f"python -m tools.forecast.pretrain --freq {code} --steps {STEPS[code]} --seed {SEED}"
    assert prior_of(code).config.horizon == AHEAD[code]
