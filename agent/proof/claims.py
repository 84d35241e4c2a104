"""What a proof is made of: receipts, the claims that point into them, and the faults that stop a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from store.errors import StorewiseError
from tools.contract import Result


@dataclass(frozen=True)
class Receipt:
    """A tool's result under the name that prose uses for it: r1, r2 …"""

    id: str
    result: Result


@dataclass(frozen=True)
class Operand:
    """One cell."""

    receipt: str
    row: int
    column: str


@dataclass(frozen=True)
class Claim:
    """One number as shown. `value` is unrounded, in `unit`; `how` names the arithmetic over `operands`, or "cell"."""

    text: str
    value: float | None
    unit: str
    receipt: str
    row: int
    column: str
    how: str
    operands: tuple[Operand, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The entry of the answer's "numbers"."""
        operands = [{"receipt": o.receipt, "row": o.row, "column": o.column} for o in self.operands]
        return {
            "text": self.text,
            "value": self.value,
            "unit": self.unit,
            "receipt": self.receipt,
            "row": self.row,
            "column": self.column,
            "how": self.how,
            "operands": operands,
        }


@dataclass(frozen=True)
class Checked:
    """Text that may be shown, with a claim for every number in it, in order."""

    text: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Fault:
    """One thing that keeps a text from being shown. `why` tells its writer how to mend it."""

    kind: str
    text: str
    why: str


class Unproven(StorewiseError):
    """Prose with something in it that no receipt proves."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(f"{f.kind}: “{f.text}”: {f.why}" for f in faults))
        self.faults = faults
