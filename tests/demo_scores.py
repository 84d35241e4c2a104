"""How near simple estimates come to a demo shop's truths: scores, and the bounds within which they must lie."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from tests import demo_estimates as demand
from tests import demo_findings as plain

Floats = NDArray[np.float64]
Truths = dict[str, Any]
BEST_SOLD = 120  # products whose own elasticity is asked for one by one


@dataclass(frozen=True)
class Estimates:
    """Everything estimated from one shop's tables."""

    panel: demand.Panel
    fit: demand.Fit
    naive: Floats
    season: Floats
    trend: Floats
    uplift: float
    hazards: dict[str, float]
    lifts: dict[frozenset[str], float]
    devices: set[str]
    bursts: list[set[str]]
    abroad: list[set[str]]
    returns: dict[str, float]


def estimate(con: duckdb.DuckDBPyConnection) -> Estimates:
    panel = demand.read_panel(con)
    fit = demand.fit_panel(panel)
    season, trend = demand.season_and_trend(panel, fit)
    return Estimates(
        panel=panel,
        fit=fit,
        naive=demand.naive_slopes(panel),
        season=season,
        trend=trend,
        uplift=demand.promotion_uplift(panel, fit),
        hazards=plain.hazards(con),
        lifts=plain.lifts(con),
        devices=plain.shared_devices(con),
        bursts=plain.bursts(con),
        abroad=plain.parcels_abroad(con),
        returns=plain.return_rates(con),
    )


def season_error(found: Estimates, truths: Truths) -> float:
    """Mean absolute error of the log factors: 0.05 is 5 %."""
    true = [np.log(truths["categories"][category]["season"]) for category in found.panel.categories]
    return float(np.abs(found.season - np.array(true)).mean())


def trend_error(found: Estimates, truths: Truths) -> float:
    true = [truths["categories"][category]["trend"] for category in found.panel.categories]
    return float(np.abs(found.trend - np.array(true)).mean())


def _best_sold(found: Estimates) -> NDArray[np.int64]:
    return np.argsort(-found.panel.units.sum(axis=1))[:BEST_SOLD]


def _true_slopes(found: Estimates, truths: Truths) -> Floats:
    return np.array([truths["own_price_elasticity"][product] for product in found.panel.products])


def elasticity_error(found: Estimates, truths: Truths) -> float:
    """Root mean square over the products that sell best."""
    best = _best_sold(found)
    return float(np.sqrt(((found.fit.slope - _true_slopes(found, truths))[best] ** 2).mean()))


def naive_error(found: Estimates, truths: Truths) -> float:
    best = _best_sold(found)
    return float(np.sqrt(((found.naive - _true_slopes(found, truths))[best] ** 2).mean()))


def elasticity_order(found: Estimates, truths: Truths) -> float:
    """Correlation over the products that sell best."""
    best = _best_sold(found)
    return float(np.corrcoef(found.fit.slope[best], _true_slopes(found, truths)[best])[0, 1])


def category_elasticity_error(found: Estimates, truths: Truths) -> float:
    true = [truths["categories"][category]["elasticity_mean"] for category in found.panel.categories]
    return float(np.abs(found.fit.pooled - np.array(true)).mean())


def cross_error(found: Estimates, truths: Truths) -> float:
    """Of the mean over the substitutes, weighted by how well each is known."""
    pairs = truths["cross_price"]
    slopes = np.array([demand.cross_slope(found.panel, found.fit, p["product"], p["other"]) for p in pairs])
    weights = slopes[:, 1] ** -2
    true = np.array([p["elasticity"] for p in pairs])
    return float(abs((weights * (slopes[:, 0] - true)).sum() / weights.sum()))


def uplift_error(found: Estimates, truths: Truths) -> float:
    """Of the log of the mean uplift of promotions of single products, weighted by the product-days they cover."""
    single = [
        p for p in truths["promotions"] if p["products"] and _days(p) < 25
    ]  # a category's whole month tells nothing
    weights = [len(p["products"]) * _days(p) for p in single]
    return float(abs(np.log(found.uplift / np.average([p["uplift"] for p in single], weights=weights))))


def _days(promotion: dict[str, Any]) -> int:
    return (date.fromisoformat(promotion["last"]) - date.fromisoformat(promotion["first"])).days + 1


def hazard_error(found: Estimates, truths: Truths) -> float:
    return float(np.mean([abs(found.hazards[name] - true) for name, true in truths["churn_hazard"].items()]))


def pairs_found(found: Estimates, truths: Truths) -> float:
    """The part of the planted pairs among the highest lifts, as many and a quarter more."""
    planted = {frozenset((p["a"], p["b"])) for p in truths["co_purchase"]}
    highest = sorted(found.lifts, key=lambda pair: -found.lifts[pair])[: len(planted) * 5 // 4]
    return len(planted & set(highest)) / len(planted)


def lift_error(found: Estimates, truths: Truths) -> float:
    """Of the logs of the lifts; a pair not found counts as having none."""
    planted = {frozenset((p["a"], p["b"])): p["lift"] for p in truths["co_purchase"]}
    return float(np.mean([abs(np.log(found.lifts.get(pair, 1.0) / lift)) for pair, lift in planted.items()]))


def return_rate_error(found: Estimates, truths: Truths) -> float:
    return float(np.mean([abs(found.returns[name] - of["return_rate"]) for name, of in truths["categories"].items()]))


def devices_found(found: Estimates, truths: Truths) -> float:
    """Overlap of the devices of many customers with those of the rings: 1 if they are the same."""
    planted = {ring["device_id"] for ring in truths["fraud"]["rings"] if ring["device_id"]}
    return len(planted & found.devices) / len(planted | found.devices)


def _rings_overlap(groups: list[set[str]], truths: Truths, kind: str) -> float:
    planted = [set(ring["order_ids"]) for ring in truths["fraud"]["rings"] if ring["kind"] == kind]
    return float(np.mean([max((len(ring & g) / len(ring | g) for g in groups), default=0.0) for ring in planted]))


def bursts_found(found: Estimates, truths: Truths) -> float:
    return _rings_overlap(found.bursts, truths, "burst")


def abroad_found(found: Estimates, truths: Truths) -> float:
    return _rings_overlap(found.abroad, truths, "mismatched countries")


@dataclass(frozen=True)
class Bound:
    score: Callable[[Estimates, Truths], float]
    least: float = -np.inf
    most: float = np.inf

    def holds(self, found: Estimates, truths: Truths) -> bool:
        return self.least <= self.score(found, truths) <= self.most


BOUNDS = (
    Bound(season_error, most=0.08),
    Bound(trend_error, most=0.13),
    Bound(elasticity_error, most=0.42),
    Bound(elasticity_order, least=0.7),
    Bound(category_elasticity_error, most=0.25),
    Bound(cross_error, most=0.3),
    Bound(uplift_error, most=0.08),
    Bound(hazard_error, most=0.02),
    Bound(pairs_found, least=0.8),
    Bound(lift_error, most=0.25),
    Bound(return_rate_error, most=0.007),
    Bound(devices_found, least=0.99),
    Bound(bursts_found, least=0.95),
    Bound(abroad_found, least=0.7),
)


def shuffled(truths: Truths) -> Truths:
    """The same values given to the wrong categories, products, segments, pairs and orders."""
    wrong = copy.deepcopy(truths)
    names = list(truths["categories"])
    for name, other in zip(names, names[1:] + names[:1], strict=True):
        wrong["categories"][name]["season"] = truths["categories"][other]["season"]
    for what in ("trend", "return_rate", "elasticity_mean"):
        for name, value in _mirrored({name: of[what] for name, of in truths["categories"].items()}).items():
            wrong["categories"][name][what] = value
    for what in ("own_price_elasticity", "churn_hazard"):
        wrong[what] = _mirrored(truths[what])
    for planted, part in (("co_purchase", "b"), ("cross_price", "other")):
        parts = [pair[part] for pair in truths[planted]]
        for pair, other in zip(wrong[planted], parts[2:] + parts[:2], strict=True):
            pair[part] = other
    for promotion in wrong["promotions"]:
        promotion["uplift"] *= 1.25
    for number, ring in enumerate(wrong["fraud"]["rings"]):
        ring["order_ids"] = truths["fraud"]["isolated"][number::3]
        ring["device_id"] = ring["device_id"] and f"not {ring['device_id']}"
    return wrong


def _mirrored(values: dict[str, float]) -> dict[str, float]:
    """The highest value to whom had the lowest, and so on."""
    ranked = sorted(values, key=lambda key: values[key])
    return {key: values[other] for key, other in zip(ranked, reversed(ranked), strict=True)}
