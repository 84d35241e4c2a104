"""Charts as text: every point with its figure, within the width, nothing that a terminal would act on."""

from __future__ import annotations

from typing import Any

from rich.cells import cell_len

from ui.text_chart import HEIGHTS, MOST_BARS, text_chart


def chart(labels: list[str], values: list[float | None], **more: Any) -> dict[str, Any]:
    told = [f"{label}<br>£{value}" for label, value in zip(labels, values, strict=True)]
    return {
        "kind": "bar",
        "spec": {"data": [{"x": labels, "y": values, "customdata": told, "name": "Revenue", **more}]},
    }


def test_bars_are_as_long_as_their_figures_are_large() -> None:
    lines = text_chart(chart(["one", "half", "none", "less"], [100, 50, 0, -25]), 60).splitlines()
    lengths = [line.count("█") for line in lines]
    assert lengths[0] == 2 * lengths[1] == 4 * lengths[3] > 0 == lengths[2]
    assert [line.split()[0] for line in lines] == ["one", "half", "none", "less"] and lines[0].endswith("£100")


def test_lines_stay_within_the_width_whatever_the_labels() -> None:
    labels = ["圣诞" * 30, "a" * 200, "\x1b[31mred\x07", "plain"]
    shown = text_chart(chart(labels, [1, 2, 3, None]), 50)
    assert all(cell_len(line) <= 50 for line in shown.splitlines()) and len(shown.splitlines()) == 3
    assert "\x1b" not in shown and "\x07" not in shown


def test_many_points_become_blocks_with_both_ends() -> None:
    count = MOST_BARS * 10
    shown = text_chart(chart([f"day {i}" for i in range(count)], [float(i) for i in range(count)]), 40).splitlines()
    assert len(shown) == 2 and len(shown[0]) <= 40 and shown[0][-1] == HEIGHTS[-1] and shown[0][0] == HEIGHTS[0]
    assert shown[1] == f"day 0 £0.0 … day {count - 1} £{count - 1}.0"


def test_several_series_are_named_and_nothing_is_nothing() -> None:
    both = {"spec": {"data": [*chart(["a"], [1])["spec"]["data"], *chart(["a"], [2], name="Before")["spec"]["data"]]}}
    assert text_chart(both, 40).splitlines()[::2] == ["Revenue", "Before"]
    across = chart(["a"], [1])
    across["spec"]["data"][0] |= {"x": [5], "y": ["a"], "orientation": "h"}
    assert "█" in text_chart(across, 40)
    assert text_chart(chart([], []), 40) == "" == text_chart(chart(["a"], [None]), 40)
