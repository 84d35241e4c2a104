"""Tables of the bench's form out of public data sets: Online Retail's order lines, Walmart's weeks, Stallion's months.

The files are Parquet with the columns that their publishers gave them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from store.errors import UserError

SOLD_DAYS = 60  # a product that sold on fewer days is left out
ONLINE_RETAIL = """
CREATE TABLE sold AS
SELECT StockCode AS series_id, CAST(InvoiceDate AS DATE) AS date, Quantity AS units, Description AS title
FROM read_parquet('{folder}/online_retail_2010_2011.parquet')
WHERE Quantity > 0 AND UnitPrice > 0 AND regexp_matches(StockCode, '^[0-9]{{5}}');
CREATE TABLE kept AS SELECT series_id, mode(upper(string_split(trim(title), ' ')[-1])) AS static_kind
FROM sold GROUP BY series_id HAVING count(DISTINCT date) >= {days};
CREATE TABLE daily AS SELECT series_id, date, sum(units) AS y FROM sold GROUP BY ALL;
"""
DAILY = """SELECT series_id, date, y, static_kind FROM daily JOIN kept USING (series_id) ORDER BY series_id, date"""
WEEKLY = """SELECT series_id, date_trunc('week', date) AS date, sum(y) AS y, any_value(static_kind) AS static_kind
FROM daily JOIN kept USING (series_id)
WHERE date_trunc('week', date) + INTERVAL 6 DAY <= (SELECT max(date) FROM daily) + INTERVAL 1 DAY
GROUP BY ALL ORDER BY series_id, date"""
WALMART = """
CREATE TABLE features AS SELECT * REPLACE (CAST(date AS DATE) AS date)
FROM read_parquet('{folder}/walmart_features.parquet');
CREATE TABLE weeks AS SELECT t.store, t.dept, CAST(t.date AS DATE) AS date, t.weekly_sales
FROM read_parquet('{folder}/walmart_train.parquet') t;
"""
WALMART_WEEKS = """SELECT w.store || '-' || w.dept AS series_id, w.date, greatest(w.weekly_sales, 0) AS y,
CAST(f.isholiday AS INTEGER) AS known_holiday,
CASE WHEN f.isholiday THEN month(w.date) ELSE 0 END AS known_holiday_month,
{markdowns},
w.store AS static_store, w.dept AS static_dept, s.type AS static_type
FROM weeks w JOIN features f USING (store, date) JOIN read_parquet('{folder}/walmart_stores.parquet') s USING (store)
ORDER BY series_id, date"""
MARKDOWNS = ", ".join(
    f"coalesce(CASE WHEN isnan(f.markdown{k}) THEN 0 ELSE greatest(f.markdown{k}, 0) END, 0) AS known_markdown{k}"
    for k in range(1, 6)
)
EVENTS = (
    "easter_day good_friday new_year christmas labor_day independence_day revolution_day_memorial regional_games "
    "fifa_u_17_world_cup football_gold_cup beer_capital music_fest"
).split()
STALLION = """SELECT agency || '-' || sku AS series_id, CAST(date AS DATE) AS date, volume AS y,
price_regular AS known_price_regular, price_actual AS known_price_actual, discount_in_percent AS known_discount,
{events}, agency AS static_agency, sku AS static_sku
FROM read_parquet('{folder}/stallion.parquet') ORDER BY series_id, date"""


@dataclass(frozen=True)
class Prepared:
    """What a table is called, what stands before its rows are asked for, and how they are."""

    what: str
    freq: str
    horizon: int
    before: str
    rows: str


TABLES = {
    "retail-daily": Prepared("Online Retail, products a day", "D", 28, ONLINE_RETAIL, DAILY),
    "retail-weekly": Prepared("Online Retail, products a week", "W", 8, ONLINE_RETAIL, WEEKLY),
    "walmart": Prepared("Walmart, departments a week", "W", 8, WALMART, WALMART_WEEKS),
    "stallion": Prepared("Stallion, products of agencies a month", "M", 6, "", STALLION),
}


def prepare(folder: Path, out: Path, told: Callable[[str], None]) -> None:
    """All tables whose files are in `folder`, as Parquet under `out`; `told` hears the command that measures each.

    UserError: none of the files is there.
    """
    out.mkdir(parents=True, exist_ok=True)
    done = [name for name in TABLES if _prepared(name, folder, out, told)]
    if not done:
        raise UserError(f"{folder} has none of the files that tables are made of.")


def _prepared(name: str, folder: Path, out: Path, told: Callable[[str], None]) -> bool:
    table, path = TABLES[name], out / f"{name}.parquet"
    fill = {
        "folder": str(folder).replace("'", "''"), "days": SOLD_DAYS, "markdowns": MARKDOWNS,
        "events": ", ".join(f"{event} AS known_{event}" for event in EVENTS),
    }  # fmt: skip
    with duckdb.connect(":memory:") as con:
        try:
            con.execute(table.before.format(**fill) or "SELECT 1")
            con.execute(f"COPY ({table.rows.format(**fill)}) TO '{str(path).replace(chr(39), chr(39) * 2)}'")
        except duckdb.IOException as error:
            told(f"{table.what}: left out, {str(error).splitlines()[0]}")
            return False
    told(f"{table.what}: python -m evals bench forecast --data {path} --freq {table.freq} --horizon {table.horizon}")
    return True
