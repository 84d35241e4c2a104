"""Prices as shops write them."""

import numpy as np

from store.demo.draws import Floats


def price_point(price: Floats | float) -> Floats:
    """The nearest price a shop would write: x.49 and x.99 under 10, x.50 and x.99 under 60, whole numbers above."""
    at = np.asarray(price, dtype=float)
    half = np.where(at < 10, 0.49, 0.5)
    under = np.floor(at)
    points = np.stack([under - 0.01, under + half, under + 0.99])
    near = np.take_along_axis(points, np.abs(points - at).argmin(axis=0)[None], axis=0)[0]
    whole = np.where(at < 150, np.round(at), np.round(at / 5) * 5 - 1)
    return np.asarray(np.round(np.where(at < 60, np.maximum(near, 0.99), whole), 2))
