"""The customers: where they live, what they are like, when they come, and when they are gone for good."""

import unicodedata
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from store.demo.days import DAYS, MONTH_DAYS
from store.demo.draws import Bools, Floats, Ints, filled, one_of, stream, weighted
from store.demo.plan import ShopPlan
from store.demo.vocabulary import Country, Place, read

COUNT = 5_650
KNOWN_BEFORE = 0.37  # of the customers joined before the data
CHINESE = 0.11  # of the customers write their reviews in Chinese
SHARE_DEVICE = 0.06  # of the customers use a housemate's device
MAILBOXES = ("example.com", "example.org", "example.net", "mail.example", "post.example")


@dataclass(frozen=True)
class People:
    """Arrays have one entry a customer. `gone`: the day after which nothing is bought; beyond DAYS: not in the data."""

    names: list[str]
    emails: list[str]
    phones: list[str | None]
    place: Ints
    segment: Ints
    joined: Ints  # day, negative: before the data
    gone: Floats
    pace: Floats  # relative rate of orders while alive
    taste: Ints  # the category liked best
    channel: Ints  # the one preferred
    device: Ints
    address: Ints
    chinese: Bools

    def __len__(self) -> int:
        return len(self.names)


def places_of(plan: ShopPlan) -> tuple[list[Place], Floats]:
    """The shop's places, home first, and the chance of each."""
    places: list[Place] = []
    chances: list[float] = []
    for country, part in zip((plan.home, *plan.abroad), plan.places, strict=True):
        rank = 1 / np.arange(1, len(country.cities) + 1) ** 0.7
        places += country.cities
        chances += (part * rank / rank.sum()).tolist()
    return places, np.array(chances)


def make_people(plan: ShopPlan) -> People:
    rng = stream(plan.seed, "people")
    joined = np.where(rng.random(COUNT) < KNOWN_BEFORE, -rng.integers(1, 1000, COUNT), rng.integers(0, DAYS - 4, COUNT))
    return draw_people(rng, plan, joined)


def draw_people(
    rng: np.random.Generator, plan: ShopPlan, joined: Ints, numbered_from: int = 0, place: Ints | None = None
) -> People:
    """A customer for each day of joining; numbers, also of their devices, count up from `numbered_from`.

    `place`: where each lives, if that is known.
    """
    count = len(joined)
    places, chances = places_of(plan)
    place = weighted(rng, chances, count) if place is None else place
    segment = weighted(rng, np.array([s.part for s in plan.segments]), count)
    countries = {c.name: c for c in (plan.home, *plan.abroad)}
    chinese = rng.random(count) < CHINESE
    names = [_name(rng, countries[places[p].country], c) for p, c in zip(place, chinese, strict=True)]
    return People(
        names=names,
        emails=[_email(rng, name, numbered_from + number) for number, name in enumerate(names)],
        phones=[_phone(rng, countries[places[p].country]) for p in place],
        place=place,
        segment=segment,
        joined=joined,
        gone=_gone(rng, plan, segment, joined),
        pace=np.array([s.pace for s in plan.segments])[segment] * np.exp(rng.normal(0, 0.8, count)),
        taste=weighted(rng, np.array([c.weight for c in plan.categories]), count),
        channel=weighted(rng, plan.channels, count),
        device=numbered_from + _devices(rng, place),
        address=rng.integers(0, 2**17, count),
        chinese=chinese,
    )


def together(people: People, others: People) -> People:
    """Both, the others numbered after the first."""
    joined: dict[str, Any] = {}
    for field in fields(People):
        one, two = getattr(people, field.name), getattr(others, field.name)
        joined[field.name] = [*one, *two] if isinstance(one, list) else np.concatenate([one, two])
    return People(**joined)


def _gone(rng: np.random.Generator, plan: ShopPlan, segment: Ints, joined: Ints) -> Floats:
    """A constant hazard has no memory: who was there before the data counts as if joined on its first day."""
    monthly = -np.log1p(-np.array([s.hazard for s in plan.segments]))[segment]
    return np.asarray(np.maximum(joined, 0) + rng.exponential(1, len(joined)) / monthly * MONTH_DAYS)


def _devices(rng: np.random.Generator, place: Ints) -> Ints:
    """Each their own, but for some who use that of somebody else in town."""
    devices = np.arange(len(place))
    for customer in np.flatnonzero(rng.random(len(place)) < SHARE_DEVICE):
        neighbours = np.flatnonzero(place == place[customer])
        devices[customer] = neighbours[rng.integers(len(neighbours))]
    return devices


def _name(rng: np.random.Generator, country: Country, chinese: bool) -> str:
    words = read("names.toml")["people"]["chinese" if chinese else country.names]
    return f"{one_of(rng, words['first'])} {one_of(rng, words['last'])}"


def _email(rng: np.random.Generator, name: str, number: int) -> str:
    ascii_name = unicodedata.normalize("NFKD", name.lower().replace("ø", "o").replace("æ", "ae")).encode(
        "ascii", "ignore"
    )
    first, last = ascii_name.decode().replace(" ", "|", 1).replace(" ", "").split("|")
    local = one_of(rng, (f"{first}.{last}", f"{first[0]}.{last}", f"{first}{last}", f"{last}.{first}"))
    return f"{local}{number}@{one_of(rng, MAILBOXES)}"


def _phone(rng: np.random.Generator, country: Country) -> str | None:
    return filled(rng, country.phone) if country.phone and rng.random() < 0.7 else None
