"""The products: titles, descriptions, attributes, brands, usual prices, how well they sell, when they come and go."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from store.demo.days import DAYS
from store.demo.draws import Bools, Floats, Ints, one_of, some_of, stream
from store.demo.plan import CategoryPlan, ShopPlan
from store.demo.pricepoints import price_point
from store.demo.vocabulary import Kind, read

ELASTICITY_SPREAD = 0.35  # of a category's products about its mean


@dataclass(frozen=True)
class Variant:
    """A product as it is described."""

    title: str
    description: str
    attributes: str  # JSON
    brand: str
    category: int
    kind: Kind
    price: float  # the usual one, around which it moves


@dataclass(frozen=True)
class Catalogue:
    """Arrays have one entry a product."""

    variants: list[Variant]
    ids: list[str]
    barcodes: list[str]
    category: Ints
    price: Floats
    margin: Floats
    popularity: Floats  # relative demand at the usual price
    elasticity: Floats
    quality: Floats  # mean rating of its reviews, before they are rounded and cut
    arrives: Ints  # day it joins the shop, negative: before the data
    leaves: Ints  # day from which it is no longer sold; DAYS: still is

    def __len__(self) -> int:
        return len(self.variants)

    @property
    def brands(self) -> list[str]:
        return [v.brand for v in self.variants]

    @property
    def lasting(self) -> Bools:
        """Sold through the whole history."""
        return np.asarray((self.arrives < 0) & (self.leaves == DAYS))


def make_catalogue(plan: ShopPlan) -> Catalogue:
    rng = stream(plan.seed, "catalogue")
    brands = _brands(rng, plan)
    variants = [
        variant
        for number, category in enumerate(plan.categories)
        for variant in _variants(rng, plan, number, category, brands[number])
    ]
    count = len(variants)
    of = np.array([v.category for v in variants])
    arrives, leaves = _lifetimes(rng, count)
    return Catalogue(
        variants=variants,
        ids=[f"{plan.initials}-{number}" for number in _numbers(rng, count)],
        barcodes=[ean13(f"20{digits:010d}") for digits in rng.choice(10**10, count, replace=False).tolist()],
        category=of,
        price=np.array([v.price for v in variants]),
        margin=np.clip(np.array([plan.categories[c].margin for c in of]) + rng.normal(0, 0.05, count), 0.3, 0.72),
        popularity=_popularity(rng, of, np.array([c.weight for c in plan.categories])),
        elasticity=_elasticities(rng, of, plan.categories),
        quality=np.clip(rng.normal(4.15, 0.45, count), 2.6, 4.85),
        arrives=arrives,
        leaves=leaves,
    )


def _numbers(rng: np.random.Generator, count: int) -> list[int]:
    return sorted(int(n) for n in rng.choice(np.arange(10200, 18900), count, replace=False))


def _brands(rng: np.random.Generator, plan: ShopPlan) -> list[list[str]]:
    """The makers of each category, its biggest first: the shop's own label, some that make much, some specialists."""
    words = read("names.toml")["brands"]
    halves = [first + last for first in words["first"] for last in words["last"] if first[-1:] != last[0]]
    pairs = [f"{a} & {b}" for a in words["surnames"] for b in words["surnames"] if a != b]
    pool = some_of(rng, halves, 24) + some_of(rng, pairs, 8)
    pool = some_of(rng, pool, len(pool))
    broad, special = pool[:6], pool[6:]
    makers = []
    for number in range(len(plan.categories)):
        own = [*some_of(rng, broad, 3), *special[number * 2 : number * 2 + 2]]
        makers.append(some_of(rng, own, len(own)))
    return makers


def _variants(
    rng: np.random.Generator, plan: ShopPlan, number: int, category: CategoryPlan, brands: list[str]
) -> Iterator[Variant]:
    wanted = int(rng.integers(392, 412)) // len(plan.categories)
    seen: set[str] = set()
    chance = 1 / np.arange(2, len(brands) + 2)
    while len(seen) < wanted:
        kind = one_of(rng, category.words.kinds)
        brand = brands[int(rng.choice(len(brands), p=chance / chance.sum()))]
        variant = _variant(rng, plan, number, kind, brand)
        if variant.title not in seen:
            seen.add(variant.title)
            yield variant


def _variant(rng: np.random.Generator, plan: ShopPlan, number: int, kind: Kind, brand: str) -> Variant:
    material = one_of(rng, kind.materials) if kind.materials else ""
    step = int(rng.integers(len(kind.sizes))) if kind.sizes else 0
    size = kind.sizes[step] if kind.sizes else ""
    colour = one_of(rng, plan.theme.colours) if kind.coloured else ""
    adjective = one_of(rng, plan.theme.adjectives) if rng.random() < 0.25 else ""
    name = " ".join(part for part in (brand, adjective, material, kind.noun, size) if part)
    made_of = "variety" if kind.nature == "consumable" else "material"
    found = {made_of: material, "size": size, "colour": colour, "style": adjective}
    place = (step + rng.random()) / len(kind.sizes) if kind.grows else rng.random()
    return Variant(
        title=f"{name}, {colour}" if colour else name,
        description=_description(rng, kind, brand, material, colour),
        attributes=json.dumps({key: value for key, value in found.items() if value}, ensure_ascii=False),
        brand=brand,
        category=number,
        kind=kind,
        price=float(price_point(kind.cheapest * (kind.dearest / kind.cheapest) ** place)),
    )


def _description(rng: np.random.Generator, kind: Kind, brand: str, material: str, colour: str) -> str:
    """One to three sentences: what it is, what is good about it, how to keep it or how it comes."""
    words = read("descriptions.toml")
    what = f"{_lower(material)} {_lower(kind.noun)}".strip()
    a = f"{'an' if what[0] in 'aeiou' else 'a'} {what}"
    said = {"what": what, "What": _capital(what), "a": a, "A": _capital(a), "brand": brand, "colour": _lower(colour)}
    openings = words["many" if _takes_no_article(kind.noun) else "one"]["coloured" if colour else "plain"]
    sentences = [one_of(rng, openings)]
    sentences += [_capital(feature) + "." for feature in some_of(rng, kind.features, int(rng.integers(0, 3)))]
    if len(sentences) < 3 and rng.random() < 0.6:
        sentences.append(one_of(rng, words["after"]["care"][kind.nature] + words["after"]["closings"]))
    return " ".join(sentence.format(**said) for sentence in sentences)


def _takes_no_article(noun: str) -> bool:
    last = noun.split()[-1]
    return (last.endswith("s") and not last.endswith("ss")) or last in read("descriptions.toml")["mass"]


def _lower(text: str) -> str:
    """In lower case but for abbreviations."""
    return " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in text.split())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def ean13(twelve: str) -> str:
    """Twelve digits with their check digit: weights 1 and 3 in turn, the sum filled up to a ten (GS1 specification)."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return f"{twelve}{-total % 10}"


def _lifetimes(rng: np.random.Generator, count: int) -> tuple[Ints, Ints]:
    kind = rng.random(count)
    arrives = np.where(kind < 0.13, rng.integers(25, DAYS - 100, count), -rng.integers(20, 900, count))
    leaves = np.where(kind > 0.94, rng.integers(240, DAYS - 40, count), DAYS)
    return arrives, leaves


def _popularity(rng: np.random.Generator, of: Ints, weights: Floats) -> Floats:
    """Heavy-tailed within a category; the categories' shares as planned."""
    raw = np.exp(rng.normal(0, 0.85, len(of)))
    return np.asarray(weights[of] * raw / np.bincount(of, raw)[of])


def _elasticities(rng: np.random.Generator, of: Ints, categories: tuple[CategoryPlan, ...]) -> Floats:
    drawn = np.array([c.elasticity for c in categories])[of] + rng.normal(0, ELASTICITY_SPREAD, len(of))
    return np.clip(drawn, -4.0, -0.3)
