"""Reviews, English and Chinese: composed from a written grammar that suits the thing and the rating."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from store.demo.catalogue import Catalogue
from store.demo.days import DAYS
from store.demo.draws import Bools, Floats, Ints, one_of, stream
from store.demo.orders import COMPLETED, Lines, Orders
from store.demo.people import People
from store.demo.plan import ShopPlan
from store.demo.vocabulary import Kind, read

WRITES, WRITES_CHINESE = 0.058, 0.11  # chance that a line bought by a known customer is reviewed
WORDLESS = 0.12  # of the reviews are stars and a title


@dataclass(frozen=True)
class Reviews:
    product: Ints
    customer: Ints
    rating: Ints
    title: list[str]
    body: list[str | None]
    second: Ints


def make_reviews(plan: ShopPlan, goods: Catalogue, orders: Orders, lines: Lines, people: People) -> Reviews:
    rng = stream(plan.seed, "reviews")
    line, second = _reviewed(rng, orders, lines, people)
    product, customer = lines.product[line], orders.customer[lines.order[line]]
    rating = _ratings(rng, goods.quality[product])
    said = [
        _said(rng, goods.variants[p].kind, int(stars), bool(people.chinese[c]))
        for p, c, stars in zip(product, customer, rating, strict=True)
    ]
    return Reviews(product, customer, rating, [title for title, _ in said], [body for _, body in said], second)


def _reviewed(rng: np.random.Generator, orders: Orders, lines: Lines, people: People) -> tuple[Ints, Ints]:
    """Which lines are reviewed and when: once a customer and product, after the parcel has come."""
    buyer = orders.customer[lines.order]
    honest: Bools = (buyer >= 0) & (orders.status == COMPLETED)[lines.order] & ~orders.fraud[lines.order]
    writes = rng.random(len(lines)) < np.where(people.chinese[buyer], WRITES_CHINESE, WRITES)
    second = orders.second[lines.order] + ((4 + rng.gamma(2.0, 6.0, len(lines))) * 86400).astype(np.int64)
    found = np.flatnonzero(honest & writes & (second < DAYS * 86400))
    _, first = np.unique(buyer[found] * 100_000 + lines.product[found], return_index=True)
    line = found[np.sort(first)]
    return line, second[line]


def _ratings(rng: np.random.Generator, quality: Floats) -> Ints:
    """Most are content, some are angry: the product's quality, a person's mood, and parcels that went wrong."""
    felt = quality + 0.15 + rng.normal(0, 0.75, len(quality)) - np.where(rng.random(len(quality)) < 0.06, 2.2, 0)
    return np.clip(np.round(felt), 1, 5).astype(np.int64)


def _said(rng: np.random.Generator, kind: Kind, stars: int, chinese: bool) -> tuple[str, str | None]:
    mood = "high" if stars >= 4 else "middle" if stars == 3 else "low"
    words: dict[str, Any] = read("reviews.toml")["chinese" if chinese else "english"][mood]
    said = _slots(rng, kind, chinese)
    title = one_of(rng, words["titles"]).format(**said)
    if rng.random() < WORDLESS:
        return title, None
    sentences = [one_of(rng, words["openers"])] if rng.random() < 0.75 else []
    sentences += [one_of(rng, words["middles"]), one_of(rng, words["closers"])]
    return title, ("" if chinese else " ").join(s.format(**said) for s in sentences if s)


def _slots(rng: np.random.Generator, kind: Kind, chinese: bool) -> dict[str, str]:
    nature = read("reviews.toml")["nature"][kind.nature]
    good, bad = (one_of(rng, nature[f"{which}_zh" if chinese else which]) for which in ("good", "bad"))
    feature = one_of(rng, kind.features)
    thing = kind.chinese if chinese else kind.noun.lower()
    return {"thing": thing, "feature": feature, "good": good, "bad": bad, "Good": _capital(good), "Bad": _capital(bad)}


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
