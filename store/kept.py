"""What is made of a store's data once and kept: each thing for its own store and version, and never without end."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from store.connect import Store

T = TypeVar("T")
MOST = 32  # things kept, the last used


class Kept(Generic[T]):
    """Two stores never share a thing, not even where their data are equal."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._things: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, store: Store, make: Callable[[], T], *more: Hashable) -> T:
        """The thing of this version of this store (and of `more`), made if it isn't kept."""
        key = (store.home, store.name, store.data_version, *more)
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
                return self._things[key]
        made = make()  # others need not wait: two that come at once both make it
        with self._lock:
            self._things[key] = made
            while len(self._things) > self._most:
                self._things.popitem(last=False)
        return made

    def __len__(self) -> int:
        return len(self._things)
