"""Orders and their lines as columns: one array a column, one entry a row."""

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np

from store.demo.draws import Bools, Floats, Ints


@dataclass(frozen=True)
class _Columns:
    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def rows(self, which: Bools | Ints) -> Self:
        return replace(self, **{f.name: getattr(self, f.name)[which] for f in fields(self)})

    def followed_by(self, other: Self) -> Self:
        joined = {f.name: np.concatenate([getattr(self, f.name), getattr(other, f.name)]) for f in fields(self)}
        return replace(self, **joined)


@dataclass(frozen=True)
class Lines(_Columns):
    order: Ints  # index of its order
    product: Ints
    quantity: Ints
    price: Floats  # of a unit, before the line's discount
    discount: Floats  # of the whole line
    cost: Floats


@dataclass(frozen=True)
class Orders(_Columns):
    second: Ints  # since the first midnight of the data
    customer: Ints  # -1: guest
    channel: Ints
    place: Ints  # index into the shop's places
    device: Ints  # -1: none
    address: Ints  # of the network; -1: none
    payment: Ints
    status: Ints
    fraud: Bools

    @property
    def day(self) -> Ints:
        return self.second // 86400


COMPLETED, CANCELLED, PENDING = range(3)
STATUSES = ("completed", "cancelled", "pending")
PAYMENTS = ("card", "paypal", "bank transfer", "invoice", "instalments")
CARD, PAYPAL, TRANSFER, INVOICE, INSTALMENTS = range(5)


def in_time_order(orders: Orders, lines: Lines) -> tuple[Orders, Lines, Ints]:
    """Both sorted by time, and for each old index of an order its new one."""
    by_time = np.argsort(orders.second, kind="stable")
    fresh = np.empty(len(orders), dtype=np.int64)
    fresh[by_time] = np.arange(len(orders))
    moved = replace(lines, order=fresh[lines.order])
    return orders.rows(by_time), moved.rows(np.argsort(moved.order, kind="stable")), fresh
