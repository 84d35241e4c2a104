"""Who asks. The store and the role come with the principal, never from text."""

from __future__ import annotations

from dataclasses import dataclass

from store.paths import Home


@dataclass(frozen=True)
class Principal:
    """Somebody signed in: the home that holds the stores, the one store they see, and their role."""

    home: Home
    store: str
    role: str = "owner"
