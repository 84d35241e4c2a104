"""Chance by name: every part of the shop draws from a stream of its own, so that a change in one leaves the others."""

import zlib
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
T = TypeVar("T")


def stream(seed: int, part: str) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(part.encode())])


def one_of(rng: np.random.Generator, things: Sequence[T]) -> T:
    return things[int(rng.integers(len(things)))]


def some_of(rng: np.random.Generator, things: Sequence[T], count: int) -> list[T]:
    """`count` different ones, in random order."""
    return [things[i] for i in rng.permutation(len(things))[:count]]


def weighted(rng: np.random.Generator, weights: Floats, count: int) -> Ints:
    """`count` indices, each as likely as its weight says, with replacement."""
    edges = np.cumsum(weights)
    found = np.searchsorted(edges, rng.random(count) * edges[-1], side="right")
    return np.asarray(np.minimum(found, len(weights) - 1), dtype=np.int64)


def filled(rng: np.random.Generator, pattern: str) -> str:
    """A telephone number: # becomes a digit."""
    return "".join(str(rng.integers(10)) if c == "#" else c for c in pattern)


def plain(value: Any) -> Any:
    """Numpy's numbers and arrays as Python's, for JSON; floats to 6 significant digits."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(v) for v in value]
    if isinstance(value, (np.bool_, bool)):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.6g}")
    return value
