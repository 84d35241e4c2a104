"""Demo shops by seed, each built once a test run."""

from __future__ import annotations

import pytest

from store.demo.build import build_demo
from store.paths import Home

_HOMES: dict[int, Home] = {}


def demo_home(factory: pytest.TempPathFactory, seed: int) -> Home:
    """A home with one store, "demo". Don't write to it."""
    if seed not in _HOMES:
        home = Home(factory.mktemp(f"demo{seed}"))
        build_demo(home, "demo", seed)
        _HOMES[seed] = home
    return _HOMES[seed]
