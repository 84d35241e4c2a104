"""A training that is killed, whenever that is, goes on from what it kept and ends as an uninterrupted one."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path

import numpy as np
import pytest

from tests.test_forecast import no_one, panel, sales, small

KILLS = 20
PRELOADED = ["tools.forecast.forecaster", "tools.forecast.model", "lightgbm", "ml.fit", "safetensors.torch"]


def trained(folder: Path) -> None:
    """Trains and writes down all that was learned: the weights, the trees, what had been said of the past."""
    from tools.forecast.forecaster import train

    whole = panel(sales(4, 90))
    found = train(whole, 5, 80, small(), folder / "kept", no_one)
    arrays = {f"{k} {name}": t.numpy() for k, net in enumerate(found.nets) for name, t in net.state_dict().items()}
    arrays |= {f"past {k}": past.net.q for k, past in enumerate(found.pasts)}
    text = "".join(booster.model_to_string() for booster in found.trees.boosters)
    np.savez(folder / "learned.npz", trees=np.array(text), **arrays)


def learned(folder: Path) -> dict[str, np.ndarray]:
    with np.load(folder / "learned.npz") as found:
        return dict(found)


@pytest.mark.slow
def test_killed_at_twenty_random_moments_it_ends_with_the_same_weights(tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)

    def begun(name: str) -> multiprocessing.process.BaseProcess:
        (tmp_path / name).mkdir(exist_ok=True)
        process = context.Process(target=trained, args=(tmp_path / name,))
        process.start()
        return process

    begun("warm").join()
    began = time.perf_counter()
    begun("whole").join()
    length, whole, rng, killed = time.perf_counter() - began, learned(tmp_path / "whole"), np.random.default_rng(), 0
    for k in range(KILLS):
        process = begun(f"run {k}")
        time.sleep(rng.uniform(0, length))
        process.kill()
        process.join()
        killed += process.exitcode != 0
        again = begun(f"run {k}")
        again.join()
        found = learned(tmp_path / f"run {k}")
        assert again.exitcode == 0 and found.keys() == whole.keys()
        assert all(np.array_equal(found[name], whole[name]) for name in whole), f"run {k}"
    assert killed >= KILLS // 2
