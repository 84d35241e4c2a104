"""What was planted in a demo shop, recovered: seasons, promotions' uplift, elasticities. Slow: it builds whole shops."""

from __future__ import annotations

import numpy as np
import pytest

from store.connect import Store, open_store
from store.demo.build import build_demo
from store.demo.truths import read_truths
from store.paths import Home
from tools.forecast.effects import NORMAL
from tools.forecast.rows import BOTH
from tools.forecast.season import seasons
from tools.forecast.sold import sold_until
from tools.forecast.tool import forecast_sales
from tools.forecast.whatif import learned

pytestmark = pytest.mark.slow
SEEDS = (101, 202)  # nothing was ever chosen on these


@pytest.fixture(scope="module", params=SEEDS)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Store:
    home = Home(tmp_path_factory.mktemp("demo"))
    build_demo(home, "demo", request.param)
    return open_store(home, "demo")


def test_seasons_are_recovered_within_a_fifth(shop: Store) -> None:
    truths = read_truths(shop.home, "demo")["categories"]
    found = seasons(shop, sold_until(shop, shop.today))
    assert set(found) >= set(truths)
    off = np.concatenate([found[name] / np.array(truth["season"]) - 1 for name, truth in truths.items()])
    assert np.mean(np.abs(off) <= 0.2) >= 0.95 and np.sqrt(np.mean(off**2)) < 0.1


def test_the_uplift_of_promotions_is_recovered_within_a_fifth(shop: Store) -> None:
    truth = read_truths(shop.home, "demo")["promotion_uplift_mean"]
    found = list(learned(shop, sold_until(shop, shop.today)).uplift.values())
    assert np.mean(found) == pytest.approx(truth, rel=0.1)
    assert np.mean([abs(f / truth - 1) <= 0.2 for f in found]) >= 0.9


def test_a_promotion_moves_a_forecast_as_far_as_was_planted(shop: Store) -> None:
    truths, sold = read_truths(shop.home, "demo"), sold_until(shop, shop.today)
    slopes = truths["own_price_elasticity"]
    for category in truths["categories"]:
        kinds = zip(sold.ids, sold.categories, strict=True)
        each = [slopes[i] for i, kind in kinds if kind == category and i in slopes]
        planted = truths["promotion_uplift_mean"] * np.mean([0.8**slope for slope in each])
        said = [
            forecast_sales(shop, f"category {category}", metric="units", scenario={"promotion": p}).rows[-1][3]
            for p in (0.2, False)
        ]
        assert float(str(said[0])) / float(str(said[1])) == pytest.approx(planted, rel=0.25), category


def test_a_price_and_a_promotion_together_move_it_as_far_as_was_planted(shop: Store) -> None:
    truths, sold = read_truths(shop.home, "demo"), sold_until(shop, shop.today)
    slopes = truths["own_price_elasticity"]
    held = []
    for category in truths["categories"]:
        kinds = zip(sold.ids, sold.categories, strict=True)
        each = [slopes[i] for i, kind in kinds if kind == category and i in slopes]
        usual = forecast_sales(shop, f"category {category}", metric="units", scenario={"promotion": False}).rows[-1][3]
        for change in (-0.2, -0.1, 0.1):
            planted = truths["promotion_uplift_mean"] * np.mean([(0.8 * (1 + change)) ** slope for slope in each])
            scenario = {"price_change": change, "promotion": 0.2}
            rows = forecast_sales(shop, f"category {category}", metric="units", scenario=scenario).rows
            mean, low, high = (float(str(v)) for v in next(r for r in rows if r[0] == BOTH)[3:6])
            assert mean / float(str(usual)) == pytest.approx(planted, rel=0.25), (category, change)
            held.append(low <= planted * float(str(usual)) <= high)
    assert np.mean(held) >= 0.6  # claimed: 0.8; they are few, and go together


def test_elasticities_are_near_what_was_planted(shop: Store) -> None:
    """A floor, no goal: over five shops that nothing was chosen on, 82 % of the products (75 to 86 % of a shop) came
    within 25 % of what was planted, and 80 % (75 to 84 %) within the range that claims 80 %."""
    sold, truths = sold_until(shop, shop.today), read_truths(shop.home, "demo")["own_price_elasticity"]
    pairs = [(truths[i], e) for i, e in zip(sold.ids, learned(shop, sold).own, strict=True) if e]
    assert len(pairs) > 0.85 * len(truths)
    assert np.mean([abs(e.elasticity / truth - 1) <= 0.25 for truth, e in pairs]) >= 0.72
    assert np.mean([abs(e.elasticity - truth) <= NORMAL * e.error for truth, e in pairs]) >= 0.70
    assert abs(np.mean([e.elasticity - truth for truth, e in pairs])) < 0.15
