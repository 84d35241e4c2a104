"""How a series is used to sell, as features of a window: the quantiles of its own past, how often and how much at once.

Means say little of what is sold now and then and in lots. B windows, L periods looked back on.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tools.forecast.table import Floats, Ints, Panel

AT = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95)


def could_sell(panel: Panel) -> Floats:
    """Sales (S, T), NaN before a series' first date, on closed periods, and on those on which no series sold anything,
    which count as closed."""
    busy = np.nansum(np.abs(panel.y), 0) > 0
    return np.where(panel.is_open & busy, panel.y, np.nan).astype(np.float32)


def habits(open_sales: Floats, i: Ints, t: Ints, scale: Floats, recent: int, long: int) -> Floats:
    """(B, 12), of the `long` periods before t in what `could_sell` gives; sales are bent by arcsinh."""
    at = t[:, None] + np.arange(-long, 0)
    sold = np.where(at >= 0, open_sales[i[:, None], np.maximum(at, 0)], np.nan)
    known, some = ~np.isnan(sold), sold > 0
    count, times = known.sum(1), some.sum(1)
    ranked = np.sort(sold, 1)  # what isn't known comes last
    place = [np.clip(np.ceil(level * count).astype(np.int64) - 1, 0, long - 1) for level in AT]
    out = [np.arcsinh(np.nan_to_num(ranked[np.arange(len(i)), p]) / scale) for p in place]
    out.append(np.arcsinh(np.where(some, sold, 0).sum(1) / np.maximum(times, 1) / scale))
    out.append(np.log1p(np.where(times > 0, some[:, ::-1].argmax(1), long)))
    out += [_part(some[:, -span:], known[:, -span:]) for span in (long, recent, max(2, recent // 4))]
    bent = np.arcsinh(np.where(known, sold, 0) / scale[:, None])
    mean = bent.sum(1) / np.maximum(count, 1)
    out.append(np.sqrt(np.maximum((bent**2).sum(1) / np.maximum(count, 1) - mean**2, 0)))
    return np.stack(out, 1).astype(np.float32)


def _part(some: np.ndarray[Any, Any], known: np.ndarray[Any, Any]) -> Floats:
    """Of the periods that are known, how many were some sale."""
    return np.asarray(some.sum(1) / np.maximum(known.sum(1), 1))
