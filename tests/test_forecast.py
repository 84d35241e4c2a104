"""Sales forecasts: figures by hand, calibration that covers, nothing of the future in a forecast, bad tables by name."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ml import conformal, metrics
from store.errors import UserError
from tools.forecast.features import Windows, bend, unbend
from tools.forecast.table import freq_named, panel_from, read_table

DAYS = 120


def sales(series: int = 6, days: int = DAYS, seed: int = 0) -> pd.DataFrame:
    """Invented sales: weekdays differ, a promotion doubles them, Sundays are closed."""
    rng = np.random.default_rng(seed)
    rows = []
    for s in range(series):
        for d in range(days):
            day, promo = date(2024, 1, 1) + timedelta(d), int(rng.random() < 0.1)
            open_ = int(day.weekday() != 6)
            units = rng.poisson((1 + s) * (1 + day.weekday() / 4) * (1 + promo)) * open_
            rows.append((f"item {s}", day, float(units), open_, promo, "ab"[s % 2]))
    return pd.DataFrame(rows, columns="series_id date y known_open known_promo static_kind".split())


def panel(frame: pd.DataFrame | None = None, freq: str = "D") -> Any:
    return panel_from(sales() if frame is None else frame, freq_named(freq))


# figures


def test_pinball_and_its_weighted_mean_by_hand() -> None:
    y, q, levels = np.array([10.0, 0.0]), np.array([[8.0, 12.0], [1.0, 2.0]]), np.array([0.1, 0.9])
    # 0.1·2, 0.1·2; 0.9·1, 0.1·2
    assert metrics.pinball(y, q, levels) == pytest.approx(np.array([[0.2, 0.2], [0.9, 0.2]]))
    assert metrics.weighted_quantile_loss(y, q, levels) == pytest.approx(2 * (0.2 + 0.55) / 10)


def test_scaled_losses_by_hand() -> None:
    past = np.array([1.0, 2.0, 4.0, 4.0])
    assert metrics.seasonal_error(past, 1) == pytest.approx(1.0)
    assert metrics.seasonal_error(past, 2) == pytest.approx(2.5)
    assert metrics.seasonal_error(past, 7) == pytest.approx(1.0)
    assert np.isnan(metrics.seasonal_error(np.zeros(5), 1))
    assert metrics.mase(np.array([3.0, 5.0]), np.array([2.0, 8.0]), 2.5) == pytest.approx(0.8)
    q = np.array([[2.0], [8.0]])
    assert metrics.scaled_quantile_loss(np.array([3.0, 5.0]), q, np.array([0.5]), 2.5) == pytest.approx(0.8)


def test_skill_is_a_geometric_mean_over_series() -> None:
    assert metrics.skill(np.array([1.0, 4.0, np.nan]), np.array([2.0, 2.0, 1.0])) == pytest.approx(0.0)
    assert metrics.skill(np.array([1.0, 1.0]), np.array([4.0, 1.0])) == pytest.approx(0.5)
    assert metrics.skill(np.array([0.0]), np.array([0.0])) == pytest.approx(0.0)


def test_tails_bias_and_terciles_by_hand() -> None:
    y, q = np.array([0.0, 0.0, 1.0, 5.0]), np.array([0.0, 1.0, 0.5, 5.0])
    assert (metrics.above(y, q), metrics.below(y, q)) == (0.25, 0.25)
    assert metrics.bias(np.array([2.0, 2.0]), np.array([3.0, 2.0])) == pytest.approx(0.25)
    assert metrics.terciles(np.array([5.0, 1.0, 3.0])).tolist() == [2, 0, 1]


# calibration


def test_shifted_quantiles_cover_what_is_new() -> None:
    rng = np.random.default_rng(1)
    y, new = rng.gamma(2.0, size=4000), rng.gamma(2.0, size=4000)
    levels = np.array([0.1, 0.5, 0.9])
    q, groups, width = np.tile([1.0, 1.2, 1.4], (4000, 1)), np.arange(4000) % 3, np.full(4000, 0.5)
    by = conformal.shifts(y, q, width, levels, groups)
    held = (new[:, None] <= conformal.shifted(q, width, groups, by)).mean(0)
    assert held == pytest.approx(levels, abs=0.02)


def test_a_shift_takes_the_finite_sample_rank() -> None:
    y, zeros, ones = np.arange(1.0, 10.0), np.zeros(9), np.ones(9)  # 9 cases: the ⌈0.9 · 10⌉th, the 9th
    assert conformal.shift(y, zeros, ones, 0.9) == 9.0
    assert conformal.shift(y, zeros, ones, 0.5) == 5.0
    assert conformal.shift(y, zeros, ones, 0.1) == 1.0
    assert conformal.shift(y[:0], zeros[:0], ones[:0], 0.9) == 0.0


def past(y: np.ndarray[Any, Any], *centres: np.ndarray[Any, Any]) -> Any:
    """Windows of one step, and models that say so much, give or take a tenth."""
    from tools.forecast.blend import Past, Said
    from tools.forecast.trees import LEVELS

    said = tuple(Said(c[:, None, None] * (1 + 0.2 * (np.array(LEVELS) - 0.5)), c[:, None]) for c in centres)
    return Past(said, y[:, None], np.ones(len(y)), y)


def test_a_blend_trusts_the_better_model_more_and_leaves_some_to_the_other() -> None:
    from tools.forecast.blend import TRUSTED, blend_from

    y = np.random.default_rng(2).gamma(4.0, size=300)
    found = blend_from([past(y, y, y * 1.01)])
    assert found.weight == pytest.approx((1 - (1 - TRUSTED) / 2, (1 - TRUSTED) / 2))
    assert found.factor == pytest.approx((1 + 0.01 * found.weight[1]) ** -0.5)


def test_a_model_that_is_far_off_takes_no_part_in_a_blend() -> None:
    from tools.forecast.blend import blend_from

    y = np.random.default_rng(2).gamma(4.0, size=300)
    assert blend_from([past(y, y * 1.5, y)]).weight == pytest.approx((0, 1))


def test_tails_are_shifted_wholly_and_the_median_stays() -> None:
    from tools.forecast.blend import Q10, Q90, blend_from
    from tools.forecast.trees import LEVELS

    y = np.full(300, 2.0)
    shifts = blend_from([past(y, y - 1)]).shifts
    half = 0.5 * (1.08 - 0.92) * 1 + 0.1
    assert shifts[0, LEVELS.index(0.5)] == 0
    assert shifts[0, [Q10, Q90]] == pytest.approx(np.array([1.08, 0.92]) / half, rel=1e-5)


def test_later_forecasts_count_more_for_shifts() -> None:
    from tools.forecast.blend import Q90, blend_from

    random = np.random.default_rng(3)
    calm, wild = (past(4 + spread * random.normal(size=300), np.full(300, 4.0)) for spread in (0.2, 1.0))
    assert 0 < blend_from([wild, calm]).shifts[2, Q90] < blend_from([calm, wild]).shifts[2, Q90]


def test_a_forecast_is_moved_half_way_to_a_total() -> None:
    from tools.forecast.blend import Said, nearer

    said = Said(np.ones((2, 3, 11), np.float32), np.full((2, 3), 2.0, np.float32))
    assert nearer(said, 48.0).mean.sum() == pytest.approx(24.0) and nearer(said, 48.0).q.max() == pytest.approx(2.0)
    assert nearer(said, 0.0).mean.sum() == 12.0


# the table


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.drop(columns="y"), "no column y"),
        (lambda f: f.iloc[:0], "no rows"),
        (lambda f: pd.concat([f, f.iloc[3:4]]), "item 0 has more than one row for 2024-01-04"),
        (
            lambda f: f.assign(y=np.where(f.index >= 9, -1.0, f.y)),
            "-1 of series item 0 on 2024-01-10: more than there are sales",
        ),
        (lambda f: f.assign(y=f.y.where(f.index != 2)), "series item 0 on 2024-01-03 is no number"),
        (lambda f: f.assign(date=f.date.astype(str).where(f.index != 1, "soon")), "'soon'"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(change: Any, said: str) -> None:
    with pytest.raises(UserError) as found:
        panel(change(sales(2, 30)))
    assert said in str(found.value)


def test_negative_values_are_kept_and_said() -> None:
    frame = sales(2, 30)
    found = panel(frame.assign(y=np.where(frame.index % 5 == 4, -1.0, frame.y)))
    assert any("12 negative values of 60, the first -1 of series item 0 on 2024-01-05" in note for note in found.notes)
    windows = Windows(found, 7, 20)
    assert (found.y < 0).sum() == 12 and windows.target(np.array([0]), np.array([20])).min() == -1


def test_weeks_of_two_weekdays_are_refused_by_name() -> None:
    frame = pd.DataFrame({"series_id": "a", "date": ["2024-01-01", "2024-01-08", "2024-01-16"], "y": 1.0})
    with pytest.raises(UserError, match="a has the date 2024-01-16"):
        panel(frame, "W")
    with pytest.raises(UserError, match="'Q' is none of D"):
        freq_named("Q")


def test_missing_dates_are_zero_sales_and_nothing_is_before_the_first() -> None:
    frame = pd.DataFrame(
        {"series_id": ["a", "a", "b"], "date": ["2024-01-31", "2024-04-30", "2024-03-31"], "y": [1.0, 2.0, 3.0]}
    )
    found = panel(frame, "M")
    assert found.y[0].tolist() == [1.0, 0.0, 0.0, 2.0]
    assert np.isnan(found.y[1, :2]).all() and found.y[1, 2:].tolist() == [3.0, 0.0]
    assert [str(d) for d in found.dates[[0, 2, 3]]] == ["2024-01-31", "2024-03-31", "2024-04-30"]


def test_whether_there_is_a_row_does_not_show_in_known_columns() -> None:
    frame = sales(3, 40)
    full, thin = panel(frame), panel(frame[(frame.y > 0) | (frame.date < date(2024, 1, 3))])
    assert full.known_names == thin.known_names == ("open", "promo")
    assert set(np.unique(thin.known)) <= {0.0, 1.0}


@pytest.mark.parametrize(
    "heading",
    "promo is_promo Promotion onpromotion OnSale on_sale campaign Campaigns deal Markdown3 promo_flag 促销 是否促销 活动 打折 特价 优惠活动 促销标记 大促".split(),
)
def test_a_promotion_is_known_ahead_under_its_own_heading(heading: str) -> None:
    frame = sales(2, 20).rename(columns={"known_promo": heading})
    assert panel(frame).known_names == ("open", heading)
    assert (panel(frame).known == panel(sales(2, 20)).known).all()


@pytest.mark.parametrize(
    "heading",
    "promo_revenue discount price sale sales deals_sold ideal campaigner 促销额 活动量 促销销量 static_promo".split(),
)
def test_what_only_speaks_of_promotions_is_not_known_ahead(heading: str) -> None:
    assert panel(sales(2, 20).rename(columns={"known_promo": heading})).known_names == ("open",)


def test_a_promotion_headed_known_counts_once() -> None:
    assert panel(sales(2, 20).assign(promo=7)).known.max() == 1


def test_files_are_read_as_csv_and_parquet_and_nothing_else(tmp_path: Path) -> None:
    sales(1, 5).to_csv(tmp_path / "a.csv", index=False)
    assert len(read_table(tmp_path / "a.csv")) == 5
    for name, said in (("b.csv", "not there"), ("c.xlsx", "neither")):
        with pytest.raises(UserError, match=said):
            read_table(tmp_path / name)
    (tmp_path / "d.parquet").write_text("no")
    with pytest.raises(UserError, match="can't be read"):
        read_table(tmp_path / "d.parquet")


# features


def test_bending_is_undone() -> None:
    y = np.array([0.0, 1.0, 3.0, 5e5, -2.0])
    assert unbend(bend(y, np.float64(7.0)), np.float64(7.0)) == pytest.approx(y)


@pytest.mark.parametrize("freq", ["D", "W", "M"])
def test_the_future_of_sales_is_in_no_feature(freq: str) -> None:
    frame = sales(4)
    if freq != "D":
        step = {"W": 7, "M": 32}[freq]
        days = [date(2014, 1, 1) + timedelta(step * ((d - date(2024, 1, 1)).days)) for d in frame.date]
        frame = frame.assign(date=days if freq == "W" else [d.replace(day=1) for d in days])
    whole = panel(frame, freq)
    i, t = np.arange(4), np.full(4, 80)
    other = whole.y.copy()
    other[:, 80:] = 99.0
    a, b = (Windows(p, 6, 60).batch(i, t) for p in (whole, replace(whole, y=other)))
    for name in ("past", "step", "anchor", "context", "habit", "scale"):
        assert (getattr(a, name) == getattr(b, name)).all(), name
    assert not (a.target == b.target).any()


def test_what_a_known_column_never_was_counts_as_the_nearest_that_was() -> None:
    frame = sales(2, 60)
    frame["known_price"] = np.where(frame.date < date(2024, 2, 1), 2.0 + frame.index % 2, 50.0)
    found = Windows(panel(frame), 5, 31)
    known = found.batch(np.array([0]), np.array([40])).step[0, :, :]
    names = list(found.steps(np.array([0]), np.array([40]), np.ones(1)))
    assert known[:, names.index("price")] == pytest.approx((16 / 15) ** 0.5, rel=1e-4)  # the 3 of 16 twos and 15 threes


def test_habits_are_of_periods_on_which_a_series_could_sell() -> None:
    from tools.forecast.habits import AT, could_sell, habits

    frame = pd.DataFrame({"series_id": "a", "date": pd.date_range("2024-01-01", periods=20), "y": 0.0})
    frame.loc[10:, "y"] = [2.0, 0, 2, 0, 2, 0, 2, 0, 10, 0]
    frame = pd.concat([frame, frame.assign(series_id="b", y=(frame.index != 19) * 1.0)])  # on the last, nobody sells
    found = habits(could_sell(panel(frame)), np.array([0]), np.array([20]), np.array([2.0]), 4, 10)[0]
    assert np.sinh(found[: len(AT)]) == pytest.approx([0, 1, 1, 1, 5, 5])
    size, since, often, lately = found[len(AT) : len(AT) + 4]
    assert np.sinh(size) == pytest.approx(18 / 5 / 2) and since == pytest.approx(np.log(2))
    assert (often, lately) == (pytest.approx(5 / 9), pytest.approx(2 / 3))


def test_the_drift_of_all_is_what_came_over_their_levels_and_goes_on_as_it_was_lately() -> None:
    from tools.forecast.drift import drifts, expected_drift

    frame = sales(6, 100, seed=3)
    windows = Windows(panel(frame.assign(y=np.where(frame.date < date(2024, 3, 1), 2.0, 4.0), known_open=1)), 7, 90)
    assert drifts(windows, np.array([30, 60, 30, 98])) == pytest.approx([1, 2, 1, 1])  # from 60 on twice as much
    assert expected_drift(windows, 60) == pytest.approx(1)
    lately, level = np.sqrt(4.0 * (28 * 4 + 28 * 2) / 56), (4 + (2 * 60 + 4 * 28) / 88) / 2
    assert expected_drift(windows, 88) == pytest.approx(lately / level, rel=1e-5)


def test_a_young_table_is_learned_without_the_drift_and_an_old_one_with_it() -> None:
    from tools.forecast.train import learn_windows, tree_rows

    frame = sales(4, 90)
    windows = Windows(panel(frame.assign(y=np.where(frame.date < date(2024, 3, 1), 2.0, 4.0), known_open=1)), 7, 80)
    pick = learn_windows(windows, 80)
    with_it, without = (tree_rows(windows, pick, 10**6, 7, True, young) for young in (False, True))
    assert with_it.y.max() > 1.9 and without.y.mean() < with_it.y.mean()
    assert without.y * without.weight == pytest.approx(with_it.y * with_it.weight, rel=1e-4)


def test_one_enormous_order_drifts_no_more_than_one_of_twenty_usual_ones() -> None:
    from tools.forecast.drift import drifts, expected_drift

    def found(units: float) -> list[float]:
        frame = sales(6, 100, seed=3).assign(y=2.0, known_open=1)
        frame.loc[(frame.series_id == "item 1") & (frame.date == date(2024, 2, 20)), "y"] = units
        windows = Windows(panel(frame), 7, 90)
        return [*drifts(windows, np.array([46, 52, 70])), expected_drift(windows, 85)]

    assert found(5000.0) == found(40.0) and min(np.abs(np.subtract(found(40.0), found(2.0)))) > 0.005


def young_windows() -> Any:
    """From the 60th day on twice as much is sold of everything."""
    frame = sales(4, 90)
    return Windows(panel(frame.assign(y=np.where(frame.date < date(2024, 3, 1), 2.0, 4.0), known_open=1)), 7, 80)


def test_trees_of_a_young_table_are_not_told_what_all_series_did() -> None:
    from tools.forecast.train import learn_windows, tree_rows

    windows = young_windows()
    pick, common, batch = learn_windows(windows, 80), windows.common(), windows.batch(np.array([0]), np.array([50]))
    assert [list(windows.context(np.array([0]), np.array([50]), batch.scale))[k] for k in common] == [
        "growth on the year of all", "trend of all",
    ]  # fmt: skip
    at = batch.step.shape[2] + batch.anchor.shape[2] + common
    old, young = (tree_rows(windows, pick, 10**6, 7, True, drifting).x[:, at] for drifting in (False, True))
    assert old.std() > 0 and not young.any()


def test_a_net_of_a_young_table_neither_learns_the_drift_nor_which_series_it_is() -> None:
    import torch

    from tools.forecast.train import batches, learn_windows, new_model, predict

    windows = young_windows()
    pick = learn_windows(windows, 80)
    with_it, without = (next(batches(windows, pick, small(), young)(0)) for young in (False, True))
    assert with_it["target"].max() > 1.5 and without["target"].max() == pytest.approx(1.0, abs=0.1)
    assert torch.allclose(*(each["target"] * each["weight"][:, None] for each in (with_it, without)))
    model, batch = new_model(windows, small(), pick, young=True).eval(), windows.batch(np.arange(3), np.full(3, 70))
    said, grown = (predict(model, batch, drift) for drift in (1.0, 1.5))
    for a, b in zip(said, grown, strict=True):
        assert b == pytest.approx(a * 1.5)
    batch.static[:] = 0
    batch.context[:, windows.common()] += 9
    assert (predict(model, batch, 1.0)[0] == said[0]).all()


# models


def small() -> Any:
    from tools.forecast.train import Effort

    return Effort(steps=6, finish=2, batch=8, width=16, layers=1, every=2, rows=300, rounds=3, nets=2)


def no_one(what: str, part: float) -> None:
    """Nobody is told."""


def test_changing_what_comes_later_changes_no_forecast(tmp_path: Path) -> None:
    from tools.forecast.forecaster import forecast, train

    whole = panel(sales(4, 90))
    other = whole.y.copy()
    other[:, 70:] = 50.0
    said = []
    for name, p in (("a", whole), ("b", replace(whole, y=other))):
        said.append(forecast(train(p, 7, 70, small(), tmp_path / name, no_one), p, 70).storewise)
    assert (said[0].q == said[1].q).all() and (said[0].mean == said[1].mean).all()
    assert (np.diff(said[0].q, axis=-1) >= 0).all() and (said[0].q >= 0).all()
    closed = ~whole.is_open[:, 70:77]
    assert closed.any() and (said[0].q[closed] == 0).all() and (said[0].mean[closed] == 0).all()


def test_a_stopped_training_ends_as_an_uninterrupted_one(tmp_path: Path) -> None:
    import torch

    from tools.forecast.train import train_transformer

    windows = Windows(panel(sales(4, 90)), 5, 80)

    def stopping(what: str, part: float) -> None:
        if part >= 0.5:
            raise KeyboardInterrupt

    whole = train_transformer(windows, 80, small(), tmp_path / "whole", no_one)
    with pytest.raises(KeyboardInterrupt):
        train_transformer(windows, 80, small(), tmp_path / "stopped", stopping)
    again = train_transformer(windows, 80, small(), tmp_path / "stopped", no_one)
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name]), name


def test_a_series_that_sells_whole_pieces_has_no_low_quantile_between_none_and_one() -> None:
    from tools.forecast.blend import Said
    from tools.forecast.forecaster import _sold_at_all

    q = np.full((1, 1, 11), 0.3)
    found = _sold_at_all(Said(q, q[..., 0]), panel(sales(1, 60)), np.array([0]), 50).q[0, 0]
    assert found.tolist() == [0.0] * 4 + [0.3] * 7


def test_what_is_sold_in_whole_pieces_has_whole_quantiles() -> None:
    from tools.forecast.blend import Said
    from tools.forecast.forecaster import _whole

    p = panel(sales(3, 60))
    y = np.round(p.y) + np.where(np.arange(3)[:, None] == 2, 0.25, 0)
    q = np.array([[0.4, 0.6, 1.4, *[1.45] * 6, 1.6, 1.8], [1.6] * 11, [1.6] * 11], np.float32)
    few, middling, parts = _whole(Said(q[:, None], q[:, :1]), replace(p, y=y), np.arange(3), 50).q[:, 0]
    assert few.tolist() == [0, 1, 1, *[1] * 6, 1, 2]
    assert middling.tolist() == [2] * 11  # high ones aren't below others
    assert parts.tolist() == q[2].tolist()


def test_of_few_windows_a_net_learns_few_steps_and_of_many_faster() -> None:
    from tools.forecast.train import Picked, steps_of

    def pick(count: int) -> Picked:
        return Picked(np.zeros(count, np.int64), np.zeros(count, np.int64), np.ones(count, np.float32))

    assert steps_of(pick(128), 3.0, 64, 600) == (6, 1.0)
    assert steps_of(pick(64 * 800), 3.0, 64, 600) == (600, 2.0)
    assert steps_of(pick(64 * 10**5), 3.0, 64, 600) == (600, 3.0)


def test_what_is_learned_too_shortly_is_learned_longer_if_that_is_better_by_more_than_chance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tools.forecast import longer

    windows = Windows(panel(sales(4, 90)), 5, 80)
    long, effort = longer.first_transformer(windows, 80, small(), tmp_path / "long", no_one)
    assert (effort.steps, effort.epochs) == (15, 7.5)
    monkeypatch.setattr(longer, "BETTER", 0.5)
    usual, effort = longer.first_transformer(windows, 80, small(), tmp_path / "usual", no_one)
    assert effort == small()
    losses = longer._losses(windows, 80, (long, usual))
    assert 0 < losses[0] < 0.99 * losses[1]


def test_a_model_that_is_kept_says_the_same(tmp_path: Path) -> None:
    from tools.forecast.model import Forecaster
    from tools.forecast.train import learn_windows, new_model, predict

    windows = Windows(panel(), 5, 100)
    model = new_model(windows, small(), learn_windows(windows, 90)).eval()
    model.save_pretrained(tmp_path / "model")
    assert sorted(p.name for p in (tmp_path / "model").iterdir()) == ["config.json", "model.safetensors"]
    again = Forecaster.from_pretrained(tmp_path / "model", local_files_only=True).eval()
    batch = windows.batch(np.arange(3), np.full(3, 90))
    assert (predict(model, batch, 1.0)[0] == predict(again, batch, 1.0)[0]).all()


def test_fitting_stops_when_nothing_gets_better_and_keeps_the_best(tmp_path: Path) -> None:
    import torch

    from ml.checkpoint import About
    from ml.fit import Fit, fit

    scores, seen = iter([3.0, 1.0, 2.0, 2.0, 0.0]), []

    def score(model: torch.nn.Module) -> float:
        seen.append(model.weight.detach().clone())
        return next(scores)

    model = torch.nn.Linear(2, 1)
    how = Fit(10, {"": 0.1}, every=1, patience=2)
    ones = {"x": torch.ones(1, 2)}
    fit(
        model, lambda step: iter([ones] * (20 - step)), lambda m, b: m(b["x"]).square().sum(), how,
        tmp_path / "kept", About("test", 0, ""), score=score,
    )  # fmt: skip
    assert len(seen) == 4 and torch.equal(model.weight, seen[1])


# the bench


def test_the_bench_runs_on_a_table_and_its_predictions_score_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evals.bench import forecast as bench
    from evals.bench.figures import write_measured, write_predictions

    data, frame = tmp_path / "sales.parquet", sales(4, 90)
    frame.to_csv(tmp_path / "sales.csv", index=False)
    data = tmp_path / "sales.csv"
    found = bench.measured(data, bench.Protocol("D", 5, 2), small())
    write_predictions(found, tmp_path / "out.parquet")
    write_measured(found, tmp_path / "out.json")
    out = read_table(tmp_path / "out.parquet")
    assert list(out.columns) == list(bench.COLUMNS)
    models = ["auto_ets", "croston", "lightgbm", "seasonal_naive", "storewise", "transformer"]
    assert sorted(out.model.unique()) == models and len(out) == len(models) * 4 * 2 * 5
    assert sorted(map(str, out.origin.dt.date.unique())) == ["2024-03-21", "2024-03-26"]
    rows = {row[0]: row[1] for row in json.loads((tmp_path / "out.json").read_text())["grids"][0]["rows"]}
    frame["date"] = pd.to_datetime(frame.date)
    for model in models:
        both = out[out.model == model].merge(frame, on=["series_id", "date"])
        assert len(both) == 40
        q = both[[f"q{k}" for k in range(10, 100, 10)]].to_numpy()
        again = metrics.weighted_quantile_loss(both.y.to_numpy(), q, np.arange(1, 10) / 10)
        assert f"{again:.4f}" == rows[model], model


@pytest.mark.parametrize(
    ("asked", "said"),
    [(("D", 5, 30), "30 windows of 5 need 150"), (("D", 40, 2), "10 days before"), (("D", 0, 1), "--horizon 0")],
)
def test_the_bench_says_what_is_too_little(tmp_path: Path, asked: Any, said: str) -> None:
    from evals.bench import forecast as bench

    sales(2, 90).to_csv(tmp_path / "sales.csv", index=False)
    with pytest.raises(UserError, match=said):
        bench.measured(tmp_path / "sales.csv", bench.Protocol(*asked), small())


# tables whose truth is known


@pytest.mark.parametrize("kind", ["parts", "regions"])
def test_nobody_does_better_than_one_who_knows_how_sales_are_drawn(kind: str) -> None:
    from evals.bench.forecast_invented import KINDS, best, sold, table

    random = np.random.default_rng(4)
    made = KINDS[kind](random)
    y = sold(made, random)
    found = panel_from(table(made, y), freq_named(made.freq))
    assert found.y.shape == y.shape and np.nanmax(abs(found.y - y) / (1 + y)) < 1e-6
    known = best(made, y, random)
    for wrong in (replace(made, rate=made.rate * 1.5), replace(made, uneven=made.uneven * 4)):
        assert known < 0.99 * best(wrong, y, random)


def test_invented_tables_are_written_with_the_command_that_measures_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evals.bench import forecast_invented

    monkeypatch.setattr(forecast_invented, "KINDS", {"regions": forecast_invented.regions})
    told: list[str] = []
    forecast_invented.invent(tmp_path / "new", 1, told.append)
    path = tmp_path / "new" / "regions.parquet"
    assert panel_from(read_table(path), freq_named("M")).y.shape == (250, 150)
    assert f"bench forecast --data {path} --freq M --horizon 6" in told[0] and "At best WQL 0.05" in told[0]
