"""What a price does to units: a named causal estimate for "what if", which no forecaster is.

Poisson regression by maximum likelihood with effects of each product and of each week within its category (Gourieroux,
Monfort and Trognon 1984; Correia, Guimarães and Zylkin 2020): a product's price is compared with its own usual one and
with what its category sells that week, so that neither dear products nor good weeks are taken for an effect. A
promotion works by the lower price, as any other price does, and by an uplift of its own, which its products share. The
steps are days, as prices change and promotions begin within weeks. Errors are the larger of those of dispersion and of
months as clusters (Liang and Zeger 1986). A product's estimate leans on its category's, the more the less its price has
changed (empirical Bayes; DerSimonian and Laird 1986). Both effects are told from the same days: by how much an
elasticity leans on the uplift is kept, and makes their errors go together. N products of a category, T steps, G weeks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tools.forecast.sold import Bools, Doubles

Ints = npt.NDArray[np.int64]
ROUNDS, NEWTON, CLOSE = 60, 25, 1e-4
PRIOR = 1.0  # deviation of elasticities about their mean while the effects are sought: an error is found without it
ENOUGH = 0.02  # deviation of the logarithm of a product's own price, from which on it tells anything
LEAST_SOLD = 60  # units
NORMAL = 1.2816  # deviations on both sides of the middle that hold 8 of 10
CLUSTER = 4  # weeks
SWEEPS = 5
LEAST_BETWEEN = 0.1  # deviation of true elasticities: products are never all alike
MOST_OFF = 0.95
FARTHEST = 6.0  # elasticities are within ± so much


@dataclass(frozen=True)
class Effect:
    """An own-price elasticity with its standard error; `single` is that of its dispersion alone, before pooling; `lean`
    is what the elasticity would be more, had the logarithm of its category's uplift been found higher by one."""

    elasticity: float
    error: float
    single: float = 0.0
    lean: float = 0.0

    def factor(self, change: float) -> tuple[float, float, float]:
        """What units are multiplied by when the price changes by that part: middle, low, high (8 of 10)."""
        step = np.log1p(change)
        ends = sorted(float(np.exp((self.elasticity + s * self.error) * step)) for s in (-NORMAL, 0.0, NORMAL))
        return ends[1], ends[0], ends[2]


@dataclass(frozen=True)
class Effects:
    """Of each product, None where its price never changed enough, or it sold too little. `uplift` is the factor of a
    promotion beyond its lower price, None where there was none; `uplift_error` is that of its logarithm."""

    own: list[Effect | None]
    uplift: float | None
    uplift_error: float = 0.0


@dataclass
class _Fit:
    """Logarithms: of products (N,), weeks (G,) and days of the week (7,), slopes of price (N,), and of promotions."""

    own: Doubles
    week: Doubles
    weekday: Doubles
    slope: Doubles
    uplift: float


@dataclass(frozen=True)
class _Data:
    """y units, x log price after promotions, p whether there was one, held whether it was on sale, (N, T) each."""

    y: Doubles
    x: Doubles
    p: Doubles
    held: Bools
    week: Ints
    weekday: Ints


def effects_of(
    y: Doubles, price: Doubles, cut: Doubles, on_sale: Bools, week: Ints | None = None, weekday: Ints | None = None
) -> Effects:
    """y units, log price against the usual before promotions, part that these took off, whether it was on sale, (N, T)
    each; `week` (T,) tells which steps share an effect (each has its own unless told), `weekday` (T,) likewise."""
    steps = y.shape[1]
    held = on_sale & (y.sum(1, keepdims=True) > 0)
    x = price + taken_off(cut)
    told = [bool(t.any()) and price[i, t].std() >= ENOUGH and y[i, t].sum() >= LEAST_SOLD for i, t in enumerate(held)]
    if not any(told):
        return Effects([None] * len(y), None)
    of = _Data(
        np.where(held, y, 0.0), x, (cut > 0).astype(float), held,
        np.arange(steps) if week is None else week, np.zeros(steps, np.int64) if weekday is None else weekday,
    )  # fmt: skip
    fit = _fitted(of)
    single = [_single(of, fit, i) if told[i] else None for i in range(len(y))]
    if not (of.p * held).any():
        return Effects(single, None)
    own = [e and replace(e, lean=float(lean)) for e, lean in zip(single, _leans(of, fit), strict=True)]
    return Effects(own, float(np.exp(fit.uplift)), _uplift_error(of, fit))


def taken_off(cut: Doubles) -> Doubles:
    """The logarithm of what promotions leave of a price; what is given away counts as 95 % off."""
    return np.asarray(np.log1p(-np.clip(cut, 0, MOST_OFF)))


def _fitted(of: _Data) -> _Fit:
    """Block by block, each given the others (iterative proportional fitting of the effects, Newton for the slopes)."""
    n, weeks = len(of.y), int(of.week.max()) + 1
    fit = _Fit(np.zeros(n), np.zeros(weeks), np.zeros(7), np.full(n, -1.0), 0.0)
    for _ in range(ROUNDS):
        before = np.concatenate([fit.slope, [fit.uplift]])
        fit.own += _ratio(of.y.sum(1), _mean(of, fit).sum(1))
        mu = _mean(of, fit).sum(0)
        fit.week += _ratio(_binned(of.week, of.y.sum(0), weeks), _binned(of.week, mu, weeks))
        mu = _mean(of, fit).sum(0)
        fit.weekday += _ratio(_binned(of.weekday, of.y.sum(0), 7), _binned(of.weekday, mu, 7))
        _step(of, fit)
        if np.abs(np.concatenate([fit.slope, [fit.uplift]]) - before).max() < CLOSE:
            break
    return fit


def _step(of: _Data, fit: _Fit) -> None:
    """One step of Newton's method for each product's slope, its own effect taken along, and for the uplift."""
    mu = _mean(of, fit)
    rest = of.y - mu
    total = np.maximum(mu.sum(1), 1e-9)
    centred = of.x - ((mu * of.x).sum(1) / total)[:, None]
    drawn = (fit.slope.mean() - fit.slope) / PRIOR**2
    info = (mu * centred**2).sum(1) + 1 / PRIOR**2
    fit.slope = np.clip(fit.slope + np.clip(((rest * centred).sum(1) + drawn) / info, -1, 1), -FARTHEST, FARTHEST)
    mu = _mean(of, fit)
    part = of.p - ((mu * of.p).sum(1) / np.maximum(mu.sum(1), 1e-9))[:, None]
    info_uplift = float((mu * part**2).sum())
    if info_uplift > 1:
        fit.uplift += float(np.clip(((of.y - mu) * part).sum() / info_uplift, -1, 1))


def _uplift_error(of: _Data, fit: _Fit) -> float:
    """The larger of the errors of dispersion and of months as clusters, of what promotions have that products, weeks,
    weekdays and prices don't tell (Frisch, Waugh and Lovell), each taken out in turn."""
    mu = _mean(of, fit)
    part = of.p * of.held
    centred = of.x - _share(mu * of.x, mu)[:, None]
    for _ in range(SWEEPS):
        part = part - _share(mu * part, mu)[:, None]
        part = part - centred * _share(mu * part * centred, mu * centred**2)[:, None]
        for bins in (of.week, of.weekday):
            size = int(bins.max()) + 1
            below = np.maximum(_binned(bins, mu.sum(0), size), 1e-9)
            part = part - (_binned(bins, (mu * part).sum(0), size) / below)[bins]
    info = max(float((mu * part**2).sum()), 1e-9)
    rest = of.y - mu
    excess = max(1.0, float((rest**2 / np.maximum(mu, 1e-6))[of.held].mean()))
    scores = _binned(of.week // CLUSTER, (rest * part).sum(0), int(of.week.max()) // CLUSTER + 1)
    robust = (scores @ scores) * len(scores) / max(len(scores) - 1, 1) / info**2
    return float(np.sqrt(max(excess / info, float(robust))))


def _leans(of: _Data, fit: _Fit) -> Doubles:
    """(N,) of the slopes, to first order: what the uplift would take is left to the price, and the other way round."""
    mu = _mean(of, fit)
    centred = of.x - _share(mu * of.x, mu)[:, None]
    return -_share(mu * of.p * centred, mu * centred**2)


def _share(above: Doubles, below: Doubles) -> Doubles:
    return np.asarray(above.sum(1) / np.maximum(below.sum(1), 1e-9))


def _mean(of: _Data, fit: _Fit) -> Doubles:
    eta = fit.own[:, None] + fit.week[of.week] + fit.weekday[of.weekday] + fit.slope[:, None] * of.x + fit.uplift * of.p
    return np.where(of.held, np.exp(np.clip(eta, -12, 12)), 0.0)


def _ratio(came: Doubles, said: Doubles) -> Doubles:
    """The step by which a logarithm has to move so that its total comes out."""
    return np.log(np.maximum(came, 0.5)) - np.log(np.maximum(said, 1e-9))


def _binned(bins: Ints, values: Doubles, size: int) -> Doubles:
    return np.asarray(np.bincount(bins, values, size), dtype=np.float64)


def _single(of: _Data, fit: _Fit, i: int) -> Effect | None:
    """A product's own slope, all other effects given, without what draws it to the others."""
    held = of.held[i]
    y, x = of.y[i, held], of.x[i, held]
    offset = (fit.week[of.week] + fit.weekday[of.weekday] + fit.uplift * of.p[i])[held]
    ones = np.stack([np.ones_like(x), x])
    beta = np.array([fit.own[i], fit.slope[i]])
    for _ in range(NEWTON):
        mu = np.exp(np.clip(beta @ ones + offset, -12, 12))
        step = np.linalg.solve((ones * mu) @ ones.T + 1e-9 * np.eye(2), ones @ (y - mu))
        beta = beta + np.clip(step, -1, 1)
        if np.abs(step).max() < CLOSE:
            break
    mu = np.exp(np.clip(beta @ ones + offset, -12, 12))
    bread = np.linalg.inv((ones * mu) @ ones.T + 1e-9 * np.eye(2))
    excess = max(1.0, float((((y - mu) ** 2) / np.maximum(mu, 1e-6)).sum() / max(len(y) - 2, 1)))
    block = of.week[held] // CLUSTER
    meat = np.stack([_binned(block, row * (y - mu), int(block.max()) + 1) for row in ones])
    clusters = len(np.unique(block))
    robust = bread @ (meat @ meat.T) @ bread * clusters / max(clusters - 1, 1)
    single = float(np.sqrt(excess * bread[1, 1]))
    error = float(np.sqrt(max(excess * bread[1, 1], robust[1, 1])))
    if not np.isfinite(error) or error <= 0 or abs(beta[1]) > 3 * FARTHEST:
        return None
    return Effect(float(beta[1]), error, single)


def pooled(groups: Sequence[Effects]) -> list[list[Effect | None]]:
    """Each drawn towards the mean of its category, by how little it tells itself and how much products differ.

    That is one variance for the whole shop, since a single category tells it badly (by Paule and Mandel 1982, with as
    many degrees of freedom as there are products beyond the categories' means).
    """
    known = [np.array([(e.elasticity, e.single**2, e.lean) for e in group.own if e]).reshape(-1, 3) for group in groups]
    between = _between([k for k in known if len(k)])
    return [_drawn(group, own, between) for group, own in zip(groups, known, strict=True)]


def _between(known: Sequence[Doubles]) -> float:
    """The variance of true elasticities about their category's mean, at which deviations are as large as they ought
    to be."""
    free = sum(len(k) for k in known) - len(known)
    if free < 1:
        return PRIOR**2

    def excess(between: float) -> float:
        return sum(float(((k[:, 0] - _middle(k, between)) ** 2 / (k[:, 1] + between)).sum()) for k in known) - free

    low, high = LEAST_BETWEEN**2, (3 * PRIOR) ** 2
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return low


def _middle(known: Doubles, between: float, of: int = 0) -> float:
    w = 1 / (known[:, 1] + between)
    return float((w * known[:, of]).sum() / w.sum())


def _drawn(group: Effects, known: Doubles, between: float) -> list[Effect | None]:
    if not len(known):
        return group.own
    middle, lean_of_middle = _middle(known, between), _middle(known, between, 2)
    of_middle = 1 / float((1 / (known[:, 1] + between)).sum())

    def drawn(e: Effect) -> Effect:
        part = between / (between + e.error**2)
        lean = part * e.lean + (1 - part) * lean_of_middle
        error = np.sqrt(part * e.error**2 + (1 - part) ** 2 * of_middle + (lean * group.uplift_error) ** 2)
        return Effect(float(part * e.elasticity + (1 - part) * middle), float(max(error, 1e-6)), lean=float(lean))

    return [e and drawn(e) for e in group.own]
