"""How likely each of two readings of a message is right: from what the parser says of itself, whether thinned copies of
it say the same, and where the two readings differ.

Two logistic regressions, fitted on voices that the parser never learned from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from statistics import fmean

from agent.plan import Call, Outcome, Plan, same
from agent.planner.heard import says_nothing, unheard
from agent.planner.labels import kind_of
from agent.planner.lexer import CJK
from agent.planner.parser import Reading
from agent.planner.shop import Shop

SLOTS = {  # arguments of query_metrics in which two readings may differ
    "figures": ("metrics",),
    "rows": ("by", "grain", "order_by", "limit", "offset", "rest"),
    "conditions": ("where",),
    "times": ("period", "compare_to"),
}
FACTS = ("no_rules", "no_parser", "definite", "chinese", "leans", "tool", "says_nothing", *SLOTS)
PARTS: dict[str, Callable[[Reading], object]] = {  # of a reading, in which copies may say otherwise
    "all": lambda r: (r.meaning, r.spans),
    "meaning": lambda r: r.meaning,
    "spans": lambda r: r.spans,
    "kind": lambda r: kind_of(r.meaning),
    "metrics": lambda r: r.meaning.metrics,
    "by": lambda r: r.meaning.by,
    "flags": lambda r: r.meaning.flags,
}
SURE = ("kind", "metrics", "by", "flags", "marks")  # questions of labels.py
FEATURES = (
    "always", "parser", "figures_asked", "tool_asked", "unheard", *FACTS,
    *(f"copies {name}" for name in PARTS), "copies differing", *(f"sure {name}" for name in SURE),
)  # fmt: skip
MOST_NEW = 3
FEW = 0.04  # the share of copies that none of them comes to
HELD = 5.0  # how much weights are held towards zero, of one message's loss


def features(
    reading: Reading,
    others: Sequence[Reading],
    by_rules: Outcome,
    by_parser: Outcome,
    shop: Shop,
    heard: Collection[str],
) -> list[float]:
    """Numbers for FEATURES, shares and chances as log odds: how sure the parser is, in all and of the kind of question;
    how many words are new, at most MOST_NEW; facts as 0 or 1; which of the copies, `others`, agree; how sure it is of
    each part."""
    tool, kind = bool(reading.meaning.tool), _log_odds(reading.sure["kind"])
    facts = (
        not isinstance(by_rules, Plan), not isinstance(by_parser, Plan), is_definite(by_rules),
        bool(CJK.search(reading.text)), "lean" in reading.meaning.flags, tool, says_nothing(reading, shop),
        *_differing(by_rules, by_parser),
    )  # fmt: skip
    new = min(len(unheard(reading, shop, heard)), MOST_NEW)
    own = [1.0, _log_odds(reading.least), kind * (not tool), kind * tool, float(new), *map(float, facts)]
    return [*own, *_agreeing(reading, others), *(_log_odds(reading.sure.get(name, 1.0)) for name in SURE)]


def _agreeing(reading: Reading, others: Sequence[Reading]) -> list[float]:
    """The share of the others that say the same, a part each, and that of different readings among them."""
    shares = [fmean(part(o) == part(reading) for o in others) for part in PARTS.values()]
    different = len({repr(PARTS["all"](o)) for o in others}) / len(others)
    return [*(_log_odds(min(max(share, FEW), 1 - FEW)) for share in shares), different]


def _log_odds(chance: float) -> float:
    within = min(max(chance, 1e-4), 1 - 1e-4)
    return math.log(within / (1 - within))


def is_definite(by_rules: Outcome) -> bool:
    """A word that the rules know says what it is: another tool's question, what isn't there, what has two meanings."""
    if isinstance(by_rules, Plan):
        return by_rules.calls[0].tool != "query_metrics"
    return not by_rules.unread


def _differing(*outcomes: Outcome) -> list[bool]:
    """Of two plans for figures, which of SLOTS differ."""
    calls = [o.calls[0] for o in outcomes if isinstance(o, Plan) and o.calls[0].tool == "query_metrics"]
    if len(calls) < 2:
        return [False] * len(SLOTS)
    return [not same(*(_part(c, names) for c in calls)) for names in SLOTS.values()]


def _part(call: Call, names: Sequence[str]) -> Plan:
    return Plan((Call(call.tool, {k: v for k, v in call.args.items() if k in names}),))


def chance(weights: Sequence[float], of: Sequence[float]) -> float:
    """The probability that is learned for the features."""
    return 1 / (1 + math.exp(-sum(w * x for w, x in zip(weights, of, strict=True))))


def fitted(rows: Sequence[Sequence[float]], right: Sequence[bool]) -> list[float]:
    """The weights under which what was right is likeliest, held towards zero as if all features varied alike; the first
    feature is 1 always."""
    import torch

    x, y = torch.tensor(rows), torch.tensor(right, dtype=torch.float)
    mean, spread = x.mean(0), x.std(0).clamp(min=1e-6)
    mean[0], spread[0] = 0.0, 1.0
    x = (x - mean) / spread
    weights = torch.zeros(x.shape[1], requires_grad=True)
    steps = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        steps.zero_grad()
        found = torch.nn.functional.binary_cross_entropy_with_logits(x @ weights, y)
        found = found + HELD / len(y) * weights[1:].square().sum()
        found.backward()  # type: ignore[no-untyped-call]
        return found

    steps.step(loss)  # type: ignore[no-untyped-call]
    found = weights.detach() / spread
    found[0] -= (found[1:] * mean[1:]).sum()
    return [round(w, 4) for w in found.tolist()]
