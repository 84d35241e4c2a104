"""Measures of a ranking against graded judgements."""

from __future__ import annotations

import math
from collections.abc import Sequence

Ratings = dict[str, dict[str, float]]  # query → docid → rating, 0 for a bad one


def ndcg(ranked: Sequence[str], ratings: dict[str, float], k: int = 10) -> float | None:
    """Normalised discounted cumulative gain at k with linear gains (Järvelin and Kekäläinen 2002).

    What nobody judged counts 0. None where no document is good.
    """
    most = _gain(sorted(ratings.values(), reverse=True)[:k])
    return _gain([ratings.get(doc, 0.0) for doc in ranked[:k]]) / most if most > 0 else None


def judged_only(ranked: Sequence[str], ratings: dict[str, float], k: int = 10) -> float | None:
    """nDCG of the ranking without what nobody judged."""
    return ndcg([doc for doc in ranked if doc in ratings], ratings, k)


def recall(ranked: Sequence[str], ratings: dict[str, float], k: int = 100) -> float | None:
    """The part of the good documents among the first k; of k where there are more. None where there is none."""
    good = {doc for doc, rating in ratings.items() if rating > 0}
    return len(good.intersection(ranked[:k])) / min(k, len(good)) if good else None


def _gain(ratings: Sequence[float]) -> float:
    return sum(rating / math.log2(place + 2) for place, rating in enumerate(ratings))
