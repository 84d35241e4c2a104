"""How the sales of products answer prices and promotions, both at once: the elasticity and uplift of `effects.py`, and
what they multiply sales by.

A day's sales go with (1 + change) (1 − part taken off) to the power of the elasticity: a promotion takes its part off
the changed price. On a promoted day they also go with the uplift beyond that lower price. Errors are those of the
logarithm, to first order (delta method): elasticity and uplift with their covariance. Products are taken to err
together, so the bounds of a sum are rather too wide. N products asked about, D days.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.contract import NotThere
from tools.forecast.effects import NORMAL, Effect, taken_off
from tools.forecast.rows import Facts
from tools.forecast.sold import Doubles
from tools.forecast.whatif import Learned

Ints = npt.NDArray[np.int64]
ENDS = np.array([[0.0], [-NORMAL], [NORMAL]])  # middle, low, high: deviations


@dataclass(frozen=True)
class Offer:
    """The part that promotions take off (N, D), and that by which the usual price is changed before them."""

    cut: Doubles
    change: float = 0.0


@dataclass(frozen=True)
class Response:
    """(N,) each: elasticity and logarithm of the uplift, with their variances and covariance (`joint`)."""

    slope: Doubles
    uplift: Doubles
    slope_variance: Doubles
    uplift_variance: Doubles
    joint: Doubles

    def factors(self, then: Offer, now: Offer, money: bool) -> Doubles:
        """(3, N) what sales of `now` are multiplied by to be those of `then`: middle, low, high (8 of 10)."""
        (above, up), (below, down) = self._sold(then, money), self._sold(now, money)
        by_slope, by_uplift = up - down
        variance = (
            by_slope**2 * self.slope_variance
            + by_uplift**2 * self.uplift_variance
            + 2 * by_slope * by_uplift * self.joint
        )
        return np.asarray(above / below * np.exp(ENDS * np.sqrt(np.maximum(variance, 0.0))))

    def uplifts(self) -> Doubles:
        """(3, N) factors of a promotion beyond its lower price, likewise."""
        return np.asarray(np.exp(self.uplift + ENDS * np.sqrt(self.uplift_variance)))

    def _sold(self, offer: Offer, money: bool) -> tuple[Doubles, Doubles]:
        """(N,) a mean day's sales, and (2, N) how far its logarithm moves with the elasticity and with the uplift's."""
        price, on = np.log1p(offer.change) + taken_off(offer.cut), offer.cut > 0
        sold = np.exp(self.slope[:, None] * price + self.uplift[:, None] * on + (price if money else 0.0))
        mean = sold.mean(1)
        return mean, np.stack([(sold * price).mean(1), (sold * on).mean(1)]) / mean


def response_of(facts: Facts, of: Learned, members: Ints) -> Response:
    """A product whose price tells nothing has the mean elasticity of the others; a category that never had a promotion,
    beside others that had, their mean uplift. NotThere: there was no promotion at all."""
    kinds = [facts.look.sold.categories[i] for i in members]
    had = [kind for kind in dict.fromkeys(kinds) if kind in of.uplift]
    if not had:
        name = facts.label or ("this shop" if set(kinds) >= set(facts.look.sold.categories) else "these products")
        raise NotThere(f"There was no promotion of {name} so far, so what one would do can't be told.")
    own = [of.own[i] for i in members]
    told = [e for e in own if e] or [e for e, kind in zip(of.own, facts.look.sold.categories, strict=True)
                                     if e and kind in had]  # fmt: skip
    usual = Effect(
        *(float(np.mean([getattr(e, name) for e in told])) for name in ("elasticity", "error", "single", "lean"))
    )
    uplift = float(np.mean([np.log(of.uplift[kind]) for kind in had]))
    error = np.array([of.uplift_error.get(kind, np.mean([of.uplift_error[k] for k in had])) for kind in kinds])
    return Response(
        np.array([(e or usual).elasticity for e in own]),
        np.array([np.log(of.uplift[kind]) if kind in of.uplift else uplift for kind in kinds]),
        np.array([(e or usual).error for e in own]) ** 2,
        error**2,
        np.array([(e or usual).lean for e in own]) * error**2,
    )
