"""A Transformer that has learned how shops sell from invented ones (invented.py), and from no shop's data.

It says what sales alone tell, in the same words of every table: what a table doesn't have is zero. B windows, H steps
ahead, F features of a step, E features of a window, A anchors, S series, Q levels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tools.forecast.blend import Said
from tools.forecast.features import SPANS, Batch, Windows
from tools.forecast.table import Dates, Floats, Freq, Ints, place_in_year

if TYPE_CHECKING:
    from tools.forecast.model import Forecaster

AHEAD = {"D": 56, "W": 16, "M": 12}  # steps that it forecasts at once
GROUPS = 2  # of the table's, that it is told of
ANYTHING = ("all", *(f"group {k + 1}" for k in range(GROUPS)))
WEEK = ("same weekday 1", "same weekday 2", "same weekday 3", "same weekday, mean of 4", "same weekday, mean of 8")
YEAR = ("a year ago", "a year ago is known", "a year ago, around", "two years ago", "year's ratio")
LEVELS = ("recent", "long", "short")
CHANNELS = 3  # of the past: sales, whether they are known, whether it was open
SHIPPED = Path(__file__).with_name("priors")
WAVES = 4  # of the place in the year


def steps_of(freq: Freq) -> tuple[str, ...]:
    """The names of the features of a step."""
    week = WEEK if SPANS[freq.code].week else ()
    return ("ahead", *week, *YEAR, *(f"year's ratio of {group}" for group in ANYTHING))


def anchors_of(freq: Freq) -> tuple[str, ...]:
    """The names of the anchors, as `Windows.anchors` has them: three levels, then what each step's features say."""
    return (*LEVELS, *filter(_is_anchor, steps_of(freq)), "a year ago")


def _is_anchor(name: str) -> bool:
    return "mean of" in name or "ratio" in name


def context_of(freq: Freq) -> tuple[str, ...]:
    spans = SPANS[freq.code]
    own = [f"last {k}" for k in (1, 2, 3, 4)] + [f"mean of {span}" for span in spans.means]
    own += [f"none sold in {span}" for span in (spans.recent, spans.long)]
    own += ["unevenness", "age", "growth on the year"]
    return (*own, *(f"{what} of {group}" for group in ANYTHING for what in ("growth on the year", "trend")))


def told(windows: Windows, i: Ints, t: Ints) -> Batch:
    """Windows as it is told of them, whatever the table has besides."""
    panel, scale = windows.panel, windows.level(i, t)
    windows = windows.reaching(AHEAD[panel.freq.code])
    steps, context = (_renamed(found, windows.groups()) for found in (
        windows.own_steps(i, t, scale), windows.context(i, t, scale)))  # fmt: skip
    shape = (len(i), windows.padded)
    none = np.zeros(shape, np.float32)
    step = [steps.get(name, none) for name in steps_of(panel.freq)]
    step += [np.broadcast_to(wave, shape) for wave in _waves(panel.dates, panel.freq, t[:, None] + np.arange(shape[1]))]
    within = [context.get(name, none[:, 0]) for name in context_of(panel.freq)]
    static, habit = np.zeros((len(i), 1), np.int64), np.zeros((len(i), 0), np.float32)
    return Batch(
        windows.past(i, t, scale, known=False), np.stack(step, -1).astype(np.float32),
        np.stack(_anchors(windows, i, t, scale, steps, none), -1).astype(np.float32),
        np.stack(within, -1).astype(np.float32), habit, static, scale, windows.target(i, t) / scale[:, None],
    )  # fmt: skip


def _anchors(windows: Windows, i: Ints, t: Ints, scale: Floats, steps: Mapping[str, Floats], none: Floats
             ) -> Sequence[Floats]:  # fmt: skip
    """Those that `Windows.anchors` has, those that aren't known being the recent level."""
    found = windows.anchors(i[:, None], t[:, None], scale[:, None])
    names = [*LEVELS, *filter(_is_anchor, steps), *(name for name in steps if name == "a year ago")]
    have = dict(zip(names, found, strict=True))
    return [have.get(name, have["recent"]) + none for name in anchors_of(windows.panel.freq)]


def _renamed(found: Mapping[str, Floats], groups: Sequence[str]) -> dict[str, Floats]:
    """Groups by number instead of by name, in the order that they have."""
    number = {f" of {group}": f" of {ANYTHING[k + 1]}" for k, group in enumerate(groups[:GROUPS])}

    def called(name: str) -> str:
        return next((name.removesuffix(old) + new for old, new in number.items() if name.endswith(old)), name)

    return {called(name): values for name, values in found.items()}


def _waves(dates: Dates, freq: Freq, at: Ints) -> list[Floats]:
    """The place in the year of periods (B, H), those beyond the dates too, as sines and cosines."""
    place = place_in_year(dates[:1].astype("datetime64[D]"))
    year = place + at * {"D": 1, "W": 7, "M": 365.25 / 12}[freq.code] / 365.25
    return [wave(2 * np.pi * k * year) for k in range(1, WAVES + 1) for wave in (np.sin, np.cos)]


@cache
def prior_of(code: str) -> Forecaster:
    """The one for days, weeks or months, as it was shipped."""
    from ml.checkpoint import load
    from tools.forecast.model import Forecaster, ForecasterConfig

    kept = load(SHIPPED / code)
    model = Forecaster(ForecasterConfig(**kept.config))
    model.load_state_dict(kept.tensors)
    model.eval()  # type: ignore[no-untyped-call]
    return model


def reaches(windows: Windows) -> bool:
    """Whether it forecasts as far."""
    return windows.horizon <= AHEAD[windows.panel.freq.code]


def prior_says(windows: Windows, i: Ints, origin: int) -> Said:
    """Of the series `i`, the horizon from the origin on."""
    from tools.forecast.train import predict

    batch = told(windows, i, np.full(len(i), origin))
    q, mean = predict(prior_of(windows.panel.freq.code), batch, 1.0)
    return Said(np.maximum(q[:, : windows.horizon], 0), mean[:, : windows.horizon], "prior")
