"""The written vocabularies: six themes, places, names. `words/*.toml` as data classes."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

CLOTHES = ("S", "M", "L", "XL", "38", "40", "42", "44")
WORDS = Path(__file__).parent / "words"


@dataclass(frozen=True)
class Kind:
    """A kind of product: the noun of its titles, its variants, its price range and what is good about it."""

    noun: str
    chinese: str
    nature: str  # a key of reviews.toml: what such things are praised and sent back for
    materials: tuple[str, ...]
    sizes: tuple[str, ...]  # the smallest first; empty: one size
    coloured: bool
    cheapest: float
    dearest: float
    features: tuple[str, ...]

    @property
    def grows(self) -> bool:
        """Whether a bigger size costs more: not with sizes of clothes."""
        return bool(self.sizes) and not all(size in CLOTHES for size in self.sizes)


@dataclass(frozen=True)
class ThemeCategory:
    name: str
    peak: int  # the month it sells best in, 1 to 12
    kinds: tuple[Kind, ...]


@dataclass(frozen=True)
class Theme:
    name: str
    shops: tuple[str, ...]
    colours: tuple[str, ...]
    adjectives: tuple[str, ...]
    categories: tuple[ThemeCategory, ...]


@dataclass(frozen=True)
class Place:
    country: str
    region: str
    city: str


@dataclass(frozen=True)
class Country:
    name: str
    vat: float
    names: str  # whose names: a key of names.toml's people
    phone: str | None  # a range reserved for fiction
    cities: tuple[Place, ...]
    currency: str | None = None  # of a shop at home here; None: no shop is
    abroad: tuple[str, ...] = ()


@cache
def read(name: str) -> dict[str, Any]:
    with (WORDS / name).open("rb") as handle:
        return tomllib.load(handle)


def theme_names() -> list[str]:
    return sorted(path.stem for path in (WORDS / "themes").glob("*.toml"))


def read_theme(stem: str) -> Theme:
    found = read(f"themes/{stem}.toml")
    return Theme(
        found["name"],
        tuple(found["shops"]),
        tuple(found["colours"]),
        tuple(found["adjectives"]),
        tuple(
            ThemeCategory(c["name"], c["peak"], tuple(_kind(line) for line in c["kinds"])) for c in found["category"]
        ),
    )


def _kind(line: str) -> Kind:
    noun, chinese, nature, materials, sizes, coloured, prices, features = (part.strip() for part in line.split("|"))
    low, high = prices.split("-")
    return Kind(
        noun,
        chinese,
        nature,
        _listed(materials, ","),
        _listed(sizes, ","),
        coloured == "y",
        float(low),
        float(high),
        _listed(features, ";"),
    )


def _listed(text: str, mark: str) -> tuple[str, ...]:
    return () if text == "-" else tuple(part.strip() for part in text.split(mark))


@cache
def read_countries() -> dict[str, Country]:
    return {c["name"]: _country(c) for c in read("places.toml")["country"]}


def _country(found: dict[str, Any]) -> Country:
    cities = tuple(Place(found["name"], *reversed(city.split(", "))) for city in found["cities"])
    return Country(
        found["name"],
        found["vat"],
        found["names"],
        found.get("phone"),
        cities,
        found.get("currency"),
        tuple(found.get("abroad", ())),
    )
