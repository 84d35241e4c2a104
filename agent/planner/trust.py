"""How sure to be that a reading is right: what the parser says of itself, and whether the rules agree.

A logistic regression, fitted on voices that the parser never learned from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from agent.plan import Outcome, Plan
from agent.planner.lexer import CJK
from agent.planner.parser import Reading

FEATURES = ("always", "parser", "agreed", "against", "unheard", "chinese", "leans", "tool", "unheard_tool")


def features(reading: Reading, by_rules: Outcome, agreed: bool, unheard: bool) -> list[float]:
    """Numbers for FEATURES: the parser's own certainty as log odds, and facts as 0 or 1."""
    least = min(max(reading.least, 1e-4), 1 - 1e-4)
    against = isinstance(by_rules, Plan) and not agreed
    tool = bool(reading.meaning.tool)
    chinese, leans = bool(CJK.search(reading.text)), "lean" in reading.meaning.flags
    facts = (agreed, against, unheard, chinese, leans, tool, tool and unheard)
    return [1.0, math.log(least / (1 - least)), *map(float, facts)]


def chance(weights: Sequence[float], of: Sequence[float]) -> float:
    """The probability that the reading is right."""
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
