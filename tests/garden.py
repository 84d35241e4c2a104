"""An invented garden and kitchen shop with all its awkward names, for the tests of names."""

from collections.abc import Sequence

import duckdb

from retrieval.names import Names, load_names

PRODUCTS = [
    ("G100", "Copper Watering Can", "Garden", "Fernhill", "5012345678900"),
    ("G101", "Watering  Can  Rose", "Garden", "Fernhill", None),
    ("G102", "Oak Plant Box", "Garden", "Fernhill", None),
    ("G103", "Plant Boxes, Set of 3", "Garden", "Oak & Ash", None),
    ("G104", "Garden Knife", "Garden", "Oak & Ash", None),
    ("K200", "Set of 6 Steak Knives", "Kitchen Ware", "Oak & Ash", None),
    ("K201", "Butter Knife", "Kitchen Ware", "Pott", None),
    ("K202", "Bus Shaped Cookie Cutter", "Kitchen Ware", "Pott", "G100-B"),
    ("K203", "Christmas Pudding Bowl", "Kitchen Ware", "Pott", None),
    ("K204", "French Blue Jug", "Kitchen Ware", "Pott", None),
    ("K205", "china Teapot", "Kitchen Ware", None, None),
    ("K206", "Candleholder Brass", "Kitchen Ware", None, None),
    ("777", "Lemon Squeezer", "Kitchen Ware", None, None),
    ("JUGS", "Jugs to Match", "Kitchen Ware", None, None),
    ("D1", "Herb Pot", "Gifts", None, None),
    ("D2", "HERB  POT", "Gifts", None, None),
    ("D3", "Herb Pot with Saucer", "Gifts", None, None),
    ("Z1", "红色雨伞", "Gifts", None, None),
    ("Z2", "蓝色雨伞", "Gifts", None, None),
    ("X1", "Baby's 100% Cotton Apron", "Gifts", None, None),
    ("X2", "Aprons for Babies", "Gifts", None, None),
]
CUSTOMERS = [("777", "EIRE", "Cork"), ("c-12", "Netherlands", None), ("900", "Unspecified", None)]
COUNTRIES = ["United Kingdom", "Germany", "France", "EIRE", "RSA", "Italy", "Japan", "European Community", "USA"]
CHANNELS = ["Online", "Market Stall", "online shop"]


def shop(products: Sequence[tuple[str | None, ...]], countries: Sequence[str]) -> Names:
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE products (product_id VARCHAR, title VARCHAR, category VARCHAR, brand VARCHAR, barcode VARCHAR)"
    )
    con.execute(
        "CREATE TABLE customers (customer_id VARCHAR, country VARCHAR, region VARCHAR, city VARCHAR, segment VARCHAR)"
    )
    con.execute(
        "CREATE TABLE orders (order_id VARCHAR, country VARCHAR, region VARCHAR, city VARCHAR, channel VARCHAR,"
        " payment_method VARCHAR)"
    )
    con.executemany("INSERT INTO products VALUES (?, ?, ?, ?, ?)", products)
    con.executemany("INSERT INTO customers VALUES (?, ?, NULL, ?, 'Trade')", CUSTOMERS)
    orders = [(f"SO-{1000 + row}", country, CHANNELS[row % 3]) for row, country in enumerate(countries)]
    con.executemany("INSERT INTO orders VALUES (?, ?, '5', NULL, ?, 'credit_card')", orders)
    return load_names(con)
