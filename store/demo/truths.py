"""truths.json: what was planted in a demo shop. An answer key for back-tests; no tool, model or agent may read it.

seed, data_version (the store's that it describes), shop {name, theme, home, currency}, period {first, last}
categories      {name: {season: 12 factors from January on, geometric mean 1; trend: log growth a year;
                return_rate: of sold lines; elasticity_mean}}
own_price_elasticity   {product_id: percent of demand for one percent of price}
cross_price     [{product, other, elasticity}]: demand for `product` when the price of `other` moves
promotions      [{name, products (null: the whole shop), percent_off, first, last, uplift}], promotion_uplift_mean:
                factors on demand beyond what the lower price does by itself
co_purchase     [{a, b, lift, attach}]: orders with both, over chance; part of b's lines that join one of a
churn_hazard    {segment: chance to be gone for good after each month}
fraud           {rate, rings: [{kind, order_ids, device_id, ip_address, country}], isolated: order ids}: all of it,
                also what the table leaves unlabelled (orders since `unlabelled_since`)
bad_month       {month, cause, dimension, value, products (those struck), effect (part of the value's usual demand
                lost; 0 where a festival of the year before was not repeated), first, last, against, told}
price_changes   {exogenous: [{product, date, before, after, cause}], endogenous: [...]}
quality         {product_id: mean rating before rounding}
launched, discontinued {product_id: date}, sold_out {product_id: first day without stock}
visits          {since, conversion}
"""

import json
import os
from typing import Any

import numpy as np

from store.demo.days import DAYS, END, START, date_of, month_name
from store.demo.draws import plain
from store.demo.fraud import BURST, SHARED_DEVICE
from store.demo.shop import Shop
from store.demo.tables import LABELS_LATE, Names, address_name, device_name
from store.errors import UserError
from store.manifest import MANIFEST, read_manifest
from store.paths import Home

FILE = "truths.json"


def read_truths(home: Home, name: str) -> dict[str, Any]:
    """The truths of the store as it is now. UserError: there are none, or they are those of other data."""
    path = home.store(name) / FILE
    try:
        truths: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"Store {name} has no truths: it is no demo shop.") from None
    if truths["data_version"] != read_manifest(home.store(name) / MANIFEST).data_version:
        raise UserError(f"{path} tells of other data than store {name} has now.")
    return truths


def write_truths(home: Home, name: str, shop: Shop, data_version: str) -> None:
    """Beside the published store, in one step; the data version ties the two together. UserError: a full disk."""
    path = home.store(name) / FILE
    aside = path.with_name(FILE + ".tmp")
    try:
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(_one_line_a_key({"data_version": data_version, **truths_of(shop)}))
        os.replace(aside, path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        said = f"Store {name} is built, but {path} could not be written: {error}. Build it again to have its truths."
        raise UserError(said) from error


def _one_line_a_key(truths: dict[str, Any]) -> str:
    lines = (f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in truths.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def truths_of(shop: Shop) -> dict[str, Any]:
    names = Names.of(shop)
    found = {
        **_identity(shop),
        **_demand(shop, names),
        **_people(shop, names),
        **_life(shop, names),
    }
    return {key: plain(value) for key, value in found.items()}


def _identity(shop: Shop) -> dict[str, Any]:
    plan = shop.plan
    identity = {"name": plan.shop, "theme": plan.theme.name, "home": plan.home.name, "currency": plan.currency}
    return {"seed": plan.seed, "shop": identity, "period": {"first": START.isoformat(), "last": END.isoformat()}}


def _demand(shop: Shop, names: Names) -> dict[str, Any]:
    market, ids = shop.market, names.products
    return {
        "categories": {
            c.name: {
                "season": c.season,
                "trend": c.trend,
                "return_rate": c.return_rate,
                "elasticity_mean": c.elasticity,
            }
            for c in shop.plan.categories
        },
        "own_price_elasticity": dict(zip(ids, shop.goods.elasticity, strict=True)),
        "cross_price": [
            {"product": ids[s.product], "other": ids[s.other], "elasticity": s.elasticity} for s in market.substitutes
        ],
        "promotion_uplift_mean": shop.plan.promotion_uplift,
        "promotions": _promotions(shop, names),
        "co_purchase": [
            {"a": ids[pair.a], "b": ids[pair.b], "lift": lift, "attach": pair.attach}
            for pair, lift in zip(market.pairs, shop.lifts, strict=True)
        ],
        "bad_month": _bad_month(shop, names),
        "price_changes": _price_changes(shop, names),
    }


def _promotions(shop: Shop, names: Names) -> list[dict[str, Any]]:
    return [
        {
            "name": p.name,
            "products": None if p.products is None else [names.products[i] for i in p.products],
            "percent_off": p.percent,
            "first": date_of(p.first).isoformat(),
            "last": date_of(p.last).isoformat(),
            "uplift": p.uplift,
        }
        for p in shop.market.promotions.listed
    ]


def _bad_month(shop: Shop, names: Names) -> dict[str, Any]:
    bad = shop.market.bad
    return {
        "month": month_name(bad.month),
        "cause": bad.cause,
        "dimension": bad.dimension,
        "value": bad.value,
        "products": [names.products[product] for product in bad.products],
        "effect": 1 - bad.keeps,
        "first": date_of(bad.first).isoformat(),
        "last": date_of(bad.after - 1).isoformat(),
        "against": bad.against,
        "told": bad.told(),
    }


def _price_changes(shop: Shop, names: Names) -> dict[str, Any]:
    sorts: dict[str, list[dict[str, Any]]] = {"exogenous": [], "endogenous": []}
    for change in shop.market.book.changes:
        sort = "endogenous" if change.cause == "demand" else "exogenous"
        monday = date_of(change.week * 7 - START.weekday()).isoformat()
        said = {"product": names.products[change.product], "date": monday}
        sorts[sort].append({**said, "before": change.before, "after": change.after, "cause": change.cause})
    return sorts


def _people(shop: Shop, names: Names) -> dict[str, Any]:
    hazards = {s.name: s.hazard for s in shop.plan.segments}
    return {"churn_hazard": hazards, "fraud": _fraud(shop, names)}


def _fraud(shop: Shop, names: Names) -> dict[str, Any]:
    ids = np.array(names.orders)[shop.fraud_orders]
    rings = [
        {
            "kind": ring.kind,
            "order_ids": sorted(ids[shop.fraud.ring == ring.number].tolist()),
            "device_id": device_name(ring.device) if ring.kind == SHARED_DEVICE and ring.device else None,
            "ip_address": address_name(ring.address) if ring.kind == BURST and ring.address else None,
            "country": ring.country,
        }
        for ring in shop.fraud.rings
    ]
    return {
        "rate": len(ids) / len(names.orders),
        "rings": rings,
        "isolated": sorted(ids[shop.fraud.ring < 0].tolist()),
        "unlabelled_since": date_of(DAYS - LABELS_LATE).isoformat(),
    }


def _life(shop: Shop, names: Names) -> dict[str, Any]:
    goods = shop.goods
    arrived, left = np.flatnonzero(goods.arrives >= 0), np.flatnonzero(goods.leaves < DAYS)
    return {
        "quality": dict(zip(names.products, goods.quality, strict=True)),
        "launched": {names.products[p]: date_of(goods.arrives[p]).isoformat() for p in arrived},
        "discontinued": {names.products[p]: date_of(goods.leaves[p]).isoformat() for p in left},
        "sold_out": {names.products[s.product]: date_of(s.day).isoformat() for s in shop.market.sold_out},
        "visits": {"since": date_of(shop.visit_truth.first_day).isoformat(), "conversion": shop.visit_truth.conversion},
    }
