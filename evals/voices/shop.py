"""A shop that has what a conversation names, and some more of each kind, so that names can be looked up."""

from __future__ import annotations

from datetime import date

from agent.planner.corpus import Conversation, Said
from agent.planner.planner import Shop
from retrieval.names import FIELDS, Names
from retrieval.titles import Product

TODAY, FIRST_DAY = date(2025, 11, 20), date(2022, 1, 3)
ELSEWHERE = {
    "product": ("Bamboo Chopping Board", "Striped Beach Towel", "Walnut Picture Frame", "Ginger Tea Tin"),
    "country": ("United Kingdom", "Germany", "France", "Netherlands", "China", "United States"),
    "category": ("Kitchen", "Outdoor"),
    "brand": ("Ostrava", "Linden & Fay"),
    "city": ("Leeds", "Utrecht"),
    "region": ("Nordwest",),
    "channel": ("web", "shop"),
    "payment_method": ("card", "cash"),
    "segment": ("trade", "private"),
}


def shop_of(conversation: Conversation) -> Shop:
    """All names of a conversation are names of the shop, except countries: those are countries of the world."""
    found: dict[str, list[str]] = {field: list(ELSEWHERE.get(field, ())) for field in FIELDS}
    for said in conversation.messages:
        for field, surface in _named(said):
            found[field].append(surface)
    everywhere = Names([], [], [], [], {})
    countries = [everywhere.known_country(c) for c in found["country"]]
    products = [Product(f"P{i:04}", title, None) for i, title in enumerate(dict.fromkeys(found["product"]))]
    values = {f: tuple(dict.fromkeys(found[f])) for f in FIELDS if f not in ("product", "customer", "order", "country")}
    ids = [tuple(dict.fromkeys(found[f])) for f in ("customer", "order")]
    names = Names(products, ids[0], ids[1], tuple(dict.fromkeys(c for c in countries if c)), values)
    return Shop(names, TODAY, FIRST_DAY, "GBP")


def _named(said: Said) -> list[tuple[str, str]]:
    spans = [s for s in said.spans if s.kind in FIELDS]
    return [(s.kind, said.text[s.start : s.end].strip("“”\"'#")) for s in spans]
