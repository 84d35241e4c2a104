"""Charts as PNGs: what is drawn are the spec's own values, and the words for it hold its own figures."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from agent import local
from agent.answer import answer_object
from agent.work import Work
from store.connect import Store
from ui.pictures import fonts
from ui.pictures.alt import alt_text
from ui.pictures.draw import draw_on, png
from ui.pictures.points import points
from ui.pictures.points import told as traces_told

QUESTIONS = (
    "revenue by month in 2024", "orders by week in 2024", "revenue by country", "top 5 products by revenue", "orders by weekday",
    "orders by hour", "revenue by category in 2024 against 2023", "revenue by month by country", "refund rate by category",
    "why did revenue change in 2024?", "top 3 months by revenue", "forecast of units by week, next 4 weeks",
)  # fmt: skip


def chart_of(store: Store, question: str) -> dict[str, Any]:
    _, draft = local.answer(question, (), Work(store, store.today))
    chart: dict[str, Any] = answer_object(draft, "", store, store.today)["charts"][0]
    return chart


def axes_of(chart: dict[str, Any]) -> Any:
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()
    draw_on(axes, chart["kind"], chart["spec"])
    return axes


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_kind_of_chart_is_drawn_and_told(tiny: Store, question: str) -> None:
    chart = chart_of(tiny, question)
    drawn = png(chart)
    assert drawn is not None
    image = Image.open(io.BytesIO(drawn))
    assert image.format == "PNG" and image.width > 1_000 and len(image.convert("L").getcolors() or ()) > 10
    told = alt_text(chart, "en")
    found = [p for trace in traces_told(chart["spec"]) for p in points(trace) if p.value is not None]
    assert told.startswith("A ") and len(told) <= 1_000
    if len(found) <= 24:
        assert all(f"{p.label} {p.figure}" in told for p in found)


def test_bars_are_as_long_as_their_values(tiny: Store) -> None:
    chart = chart_of(tiny, "revenue by country")
    bars = [bar.get_width() for bar in axes_of(chart).patches]
    assert bars == pytest.approx(chart["spec"]["data"][0]["x"])


def test_lines_stand_where_their_values_are(tiny: Store) -> None:
    chart = chart_of(tiny, "orders by week in 2024")
    drawn = [y for line in axes_of(chart).lines for y in line.get_ydata()]
    assert drawn == pytest.approx([p.value for trace in chart["spec"]["data"] for p in points(trace)])


def test_a_waterfall_ends_where_the_figure_is(tiny: Store) -> None:
    chart = chart_of(tiny, "why did revenue change in 2024?")
    before, *added, this = axes_of(chart).patches
    level = before.get_height()
    for bar in added:
        assert bar.get_y() == pytest.approx(level)
        level += bar.get_height()
    assert level == pytest.approx(this.get_height(), rel=1e-6)


def test_letters_that_no_font_has_are_not_drawn_as_boxes(tiny: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    chart = chart_of(tiny, "revenue by month in 2024")
    chart["spec"]["data"][0]["name"] = "\u1980\u1981"  # New Tai Lue: in none of the fonts that we look for
    assert png(chart) is None
    assert fonts.readable(["tea \U0001f375 $5"]) and fonts.drawn("tea \U0001fad6 $5$") == "tea  $5$"


def test_dollars_are_no_formulas(tiny: Store) -> None:
    chart = chart_of(tiny, "revenue by country")
    trace = chart["spec"]["data"][0]
    trace["customdata"] = [f"$\\frac{{1}}{{0}}$ {text}" for text in trace["customdata"]]
    assert png(chart) is not None
