"""Who asks. The store and the role come with whoever is signed in, never from text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from store.errors import UserError
from store.paths import Home
from store.users import Account

Role = Literal["owner", "analyst"]


@dataclass(frozen=True)
class Principal:
    """Somebody who asks one store: the home that holds it, and their role.

    `who` is "" for whoever owns the machine. An owner sees customers' names and contacts, an analyst doesn't.
    """

    home: Home
    store: str
    role: Role = "owner"
    who: str = ""

    def kept_as(self, thread: str) -> str:
        """What a conversation is called in the store's own records: nobody shares one with somebody else."""
        return f"{self.who}:{thread}" if self.who else thread


@dataclass(frozen=True)
class Person:
    """Somebody signed in, and what they may do: `stores` are those they may ask, None for all."""

    home: Home
    who: str = ""
    name: str = ""
    role: Role = "owner"
    stores: frozenset[str] | None = None

    @property
    def is_owner(self) -> bool:
        return self.role == "owner"

    def may_ask(self, store: str) -> bool:
        return self.stores is None or store in self.stores

    def names(self) -> list[str]:
        """The stores that there are for this person, sorted."""
        return [name for name in self.home.names() if self.may_ask(name)]

    def at(self, store: str) -> Principal:
        """UserError, the same for a store of somebody else's as for one that isn't there."""
        names = self.names()
        if store not in names:
            there = f"There are: {', '.join(names)}." if names else "There are none yet."
            raise UserError(f"There is no store {store!r}. {there}")
        return Principal(self.home, store, self.role, self.who)


def person_of(home: Home, account: Account) -> Person:
    stores = None if account.stores is None else frozenset(account.stores)
    return Person(home, account.id, account.name, account.role, stores)
