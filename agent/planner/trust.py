"""How likely each of two readings of a message is right: from what the parser says of itself, and where they differ.

Two logistic regressions, fitted on voices that the parser never learned from.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from agent.plan import Call, Outcome, Plan, same
from agent.planner.heard import says_nothing, unheard
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
FEATURES = ("always", "parser", "figures_asked", "tool_asked", "unheard", *FACTS)
MOST_NEW = 3


def features(
    reading: Reading, by_rules: Outcome, by_parser: Outcome, shop: Shop, heard: Collection[str]
) -> list[float]:
    """Numbers for FEATURES: how sure the parser is, in all and of the kind of question, as log odds; how many words
    are new, at most MOST_NEW; and facts as 0 or 1."""
    tool, kind = bool(reading.meaning.tool), _log_odds(reading.sure["kind"])
    facts = (
        not isinstance(by_rules, Plan), not isinstance(by_parser, Plan), is_definite(by_rules),
        bool(CJK.search(reading.text)), "lean" in reading.meaning.flags, tool, says_nothing(reading, shop),
        *_differing(by_rules, by_parser),
    )  # fmt: skip
    new = min(len(unheard(reading, shop, heard)), MOST_NEW)
    return [1.0, _log_odds(reading.least), kind * (not tool), kind * tool, float(new), *map(float, facts)]


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
    """The weights under which what was right is likeliest, held a little towards zero."""
    import torch

    x, y = torch.tensor(rows), torch.tensor(right, dtype=torch.float)
    weights = torch.zeros(x.shape[1], requires_grad=True)
    steps = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        steps.zero_grad()
        found = torch.nn.functional.binary_cross_entropy_with_logits(x @ weights, y) + 1e-3 * weights.square().sum()
        found.backward()  # type: ignore[no-untyped-call]
        return found

    steps.step(loss)  # type: ignore[no-untyped-call]
    return [round(w, 4) for w in weights.tolist()]
