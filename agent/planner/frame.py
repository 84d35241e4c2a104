"""What has been understood of a question so far: the arguments of a query_metrics call, slot by slot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tools.metrics.periods import Period


@dataclass
class Frame:
    """Slots of one question; None or empty means that the question doesn't say."""

    metrics: list[str] = field(default_factory=list)
    dims: list[str] = field(default_factory=list)
    grain: str | None = None
    where: list[dict[str, Any]] = field(default_factory=list)
    period: dict[str, str] | None = None
    whole_history: bool = False
    compare_to: Any = None
    direction: str | None = None  # top | bottom
    limit: int | None = None
    offset: int = 0  # 'the third best' leaves out two
    share: bool = False
    rest: bool = False
    growth: bool = False  # the answer is the relative change
    by_growth: bool = False  # and the ranking goes by it
    together: bool = False
    threshold: dict[str, Any] | None = None  # a comparison whose subject only the last question tells
    union: dict[str, str] | None = None  # both periods of a pair, to be given together too
    per: str | None = None  # divide by this: orders, customers, days …
    asks: set[str] = field(default_factory=set)

    @property
    def ranked(self) -> bool:
        return self.direction is not None

    def args(self) -> dict[str, Any]:
        """The call's arguments, without those that say nothing."""
        metrics = [f"share({m})" if self.share and not m.startswith("share(") else m for m in self.metrics]
        if self.share and self.dims:
            metrics = [*self.metrics, *metrics]
        order = self._order() if self.ranked else None
        where = self.where if self.share else [{k: v for k, v in w.items() if k != "part"} for w in self.where]
        args = {
            "metrics": metrics, "by": self.dims, "grain": self.grain, "where": where, "period": self.period,
            "compare_to": self.compare_to, "order_by": order, "limit": self.limit if self.ranked else None,
            "offset": self.offset if self.ranked else None, "rest": self.rest and self.ranked,
        }  # fmt: skip
        return {k: v for k, v in args.items() if v not in (None, [], False, 0)}

    def _order(self) -> str:
        lowest = self.direction == "bottom"
        if not (self.by_growth and self.compare_to):
            return f"{self.metrics[0]} {'asc' if lowest else 'desc'}"
        lowest = lowest != ("fallen" in self.asks)  # 'fell most' begins with the deepest fall
        return f"{self.metrics[0]}_growth {'asc' if lowest else 'desc'}"


def frame_of(args: dict[str, Any]) -> Frame:
    """The frame that an earlier call came from."""
    order = args.get("order_by") or ""
    metrics = [m for m in args.get("metrics", []) if not m.startswith("share(")]
    shared = [m[6:-1] for m in args.get("metrics", []) if m.startswith("share(")]
    return Frame(
        metrics=metrics or shared, dims=list(args.get("by", [])), grain=args.get("grain"),
        where=[dict(w) for w in args.get("where", [])], period=args.get("period"), compare_to=args.get("compare_to"),
        direction=("bottom" if order.endswith("asc") else "top") if order else None, limit=args.get("limit"),
        offset=args.get("offset", 0),
        by_growth="_growth " in order, share=bool(shared), rest=bool(args.get("rest")),
        whole_history=args.get("period") is None,
    )  # fmt: skip


def spoken_period(p: Period) -> dict[str, str]:
    """A period as a call's argument: its natural bounds, so that an unfinished one is known to be so."""
    return {"start": p.start.isoformat(), "end": p.natural_end.isoformat()}


def field_of(condition: dict[str, Any]) -> str:
    return str(condition.get("field") or f"{condition.get('group')}:{condition.get('metric')}")
