"""The guard: each layer refuses what only it can, what passes is what was asked, and nothing forbidden is ever read."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.sql_shop import SECRET, SHAPE, build, harm
from tools.sql.guard import LAYERS, MOST_ROWS, Refused, guard
from tools.sql.opinion import opinion

NESTED = "SELECT " + "(" * 60 + "1" + ")" * 60


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    path = build(tmp_path_factory.mktemp("guard") / "shop.duckdb")
    with duckdb.connect(path, read_only=True) as con:
        yield con


# ---- each layer

REFUSED = [
    ("text", "SELECT 1" + " " * 8_000),
    ("text", "SELECT 1\x00"),
    ("text", "SELECT\u00a0country FROM orders"),
    ("text", "SELECT cou\u200bntry FROM orders"),
    ("text", NESTED),
    ("text", "SELECT " + "CASE WHEN 1 = 1 THEN " * 50 + "1" + " END" * 50),
    ("parse", "SELECT FROM WHERE"),
    ("parse", ""),
    ("parse", "-- nothing but a comment"),
    ("statement", "SELECT 1; SELECT 2"),
    ("statement", "SELECT 1; DROP TABLE orders"),
    ("statement", "DELETE FROM orders"),
    ("statement", "CREATE TABLE x AS SELECT 1"),
    ("statement", "COPY orders TO 'x.csv'"),
    ("statement", "ATTACH 'x.duckdb' AS x"),
    ("statement", "SET threads = 64"),
    ("statement", "PRAGMA database_list"),
    ("statement", "CALL pragma_version()"),
    ("statement", "DESCRIBE orders"),
    ("statement", "EXPLAIN SELECT 1"),
    ("statement", "VALUES (1)"),
    ("syntax", "WITH d AS (DELETE FROM orders RETURNING order_id) SELECT order_id FROM d"),
    ("syntax", "SELECT order_id INTO x FROM orders"),
    ("syntax", "SELECT order_id FROM orders FOR UPDATE"),
    ("syntax", "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT n FROM r"),
    ("syntax", "SELECT country FROM orders NATURAL JOIN returns"),
    ("syntax", "SELECT orders.country FROM orders POSITIONAL JOIN returns"),
    ("syntax", "SELECT country FROM orders USING SAMPLE 5"),
    ("syntax", "SELECT country FROM orders AT (VERSION => 1)"),
    ("syntax", "SELECT #1 FROM orders"),
    ("syntax", "SELECT * REPLACE (1 AS tax) FROM returns"),
    ("syntax", "SELECT $1"),
    ("statement", "PIVOT orders ON channel USING COUNT(*)"),
    ("syntax", "SELECT t.a FROM (SELECT country FROM orders) AS t(a)"),
    ("syntax", "SELECT CAST('x' AS ENUM('x'))"),
    ("syntax", "SELECT CAST(1 AS DECIMAL(4, x))"),
    ("syntax", "SELECT EXTRACT('year' FROM ordered_at) FROM orders"),
    ("syntax", "SELECT country COLLATE nocase FROM orders"),
    ("functions", "SELECT getenv('HOME')"),
    ("functions", "SELECT current_setting('temp_directory')"),
    ("functions", "SELECT nextval('s')"),
    ("functions", "SELECT * FROM read_csv('/etc/passwd')"),
    ("functions", "SELECT * FROM query_table(['api_tokens'])"),
    ("functions", "SELECT * FROM duckdb_settings()"),
    ("functions", "SELECT COLUMNS('c.*') FROM orders"),
    ("functions", "SELECT repeat('x', 100)"),
    ("functions", "SELECT to_json(o) FROM orders o"),
    ("functions", "SELECT random()"),
    ("tables", "SELECT token FROM api_tokens"),
    ("tables", "SELECT 1 FROM information_schema.tables"),
    ("tables", "SELECT 1 FROM other.main.orders"),
    ("tables", "SELECT 1 FROM temp.orders"),
    ("tables", "SELECT * FROM 'secret.csv'"),
    ("tables", "SELECT * FROM \"secret.csv\""),
    ("tables", "SELECT (SELECT token FROM api_tokens) FROM orders"),
    ("tables", "WITH a AS (SELECT login FROM users), users AS (SELECT 1 AS login) SELECT login FROM a"),
    ("tables", "WITH orders AS (SELECT token FROM api_tokens) SELECT token FROM orders"),
    ("tables", "SELECT x FROM (WITH api_tokens AS (SELECT 1 AS x) SELECT x FROM api_tokens) q, api_tokens"),
    ("columns", "SELECT email FROM customers"),
    ("columns", "SELECT customer_id FROM customers ORDER BY phone"),
    ("columns", "SELECT * FROM customers"),
    ("columns", "SELECT c.* FROM customers c JOIN orders o ON o.customer_id = c.customer_id"),
    ("columns", "SELECT customers FROM customers"),
    ("columns", "SELECT c FROM customers c"),
    ("columns", "SELECT customers.country.x FROM customers"),
    ("columns", "SELECT main.customers.country FROM customers"),
    ("columns", "SELECT o.order_id FROM orders o JOIN customers c USING (email)"),
    ("joins", "SELECT COUNT(*) FROM orders a, orders b"),
    ("joins", "SELECT COUNT(*) FROM orders CROSS JOIN order_items"),
    ("joins", "SELECT COUNT(*) FROM orders a, orders b WHERE a.status = 'completed'"),
    ("limits", "SELECT country FROM orders LIMIT (SELECT COUNT(*) FROM orders)"),
    ("syntax", "SELECT country FROM orders LIMIT 10%"),
    ("limits", "SELECT country FROM orders LIMIT 1 OFFSET (SELECT 1)"),
    ("limits", "SELECT n FROM (SELECT COUNT(*) AS n FROM orders LIMIT 1 + 1)"),
    ("print", "SELECT APPROX_COUNT_DISTINCT(country, 0.1) FROM orders"),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "sql"), REFUSED)
def test_a_layer_refuses_what_is_its_own(con: duckdb.DuckDBPyConnection, layer: str, sql: str) -> None:
    with pytest.raises(Refused) as refused:
        guard(sql, SHAPE, con)
    assert refused.value.layer == layer, str(refused.value)


MISSED = [  # what the layers before DuckDB's own opinion would let through, were one of them not there
    ("functions", "SELECT getenv('HOME')"),
    ("functions", "SELECT current_setting('temp_directory')"),
    ("functions", "SELECT COLUMNS('c.*') FROM orders"),
    ("functions", "SELECT row_to_json(country) FROM orders"),
    ("tables columns", "SELECT token FROM api_tokens"),
    ("tables columns", "SELECT token FROM orders, LATERAL (SELECT token FROM api_tokens) AS x"),
    ("tables columns", "SELECT 1 FROM information_schema.tables"),
    ("tables columns", "SELECT * FROM 'secret.csv'"),
    ("tables functions columns", "SELECT * FROM read_csv('/etc/passwd')"),
    ("syntax tables", "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT n FROM r"),
    ("syntax joins", "SELECT country FROM orders NATURAL JOIN returns"),
    ("syntax joins", "SELECT orders.country FROM orders POSITIONAL JOIN returns"),
    ("syntax", "SELECT country FROM orders USING SAMPLE 5"),
    ("syntax", "SELECT amount FROM returns AT (VERSION => 1)"),
    ("syntax", "SELECT #1 FROM orders"),
    ("syntax", "SELECT * REPLACE (1 AS tax) FROM returns"),
    ("syntax functions", "SELECT country COLLATE nocase FROM orders"),
    ("syntax", "SELECT CAST('x' AS ENUM('x'))"),
]


@pytest.mark.parametrize(("skipped", "sql"), MISSED)
def test_duckdbs_own_parser_is_a_second_opinion(con: duckdb.DuckDBPyConnection, skipped: str, sql: str) -> None:
    with pytest.raises(Refused) as refused:
        guard(sql, SHAPE, con, skip=frozenset(skipped.split()))
    assert refused.value.layer == "duckdb", str(refused.value)


def test_every_layer_is_tested_by_itself() -> None:
    assert {layer for layer, _ in REFUSED} | {"duckdb"} == set(LAYERS)


def test_a_name_that_only_one_parser_takes_for_a_cte_is_refused(con: duckdb.DuckDBPyConnection) -> None:
    """Were sqlglot's scopes wrong, DuckDB's tables would not be the same."""
    sql = "WITH a AS (SELECT login FROM users) SELECT login FROM a"
    reason = opinion(sql, sql, SHAPE, con, frozenset())
    assert reason == "The query can be read in two ways. Put it more simply."


@pytest.mark.parametrize("sql", ["SELECT customers.email FROM customers", "SELECT phone FROM customers AS c"])
def test_contacts_stay_out_of_reach_even_without_the_check_of_names(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    sealed = guard(sql, SHAPE, con, skip=frozenset({"columns"})).sql
    with pytest.raises(duckdb.BinderException):
        con.execute(sealed)


# ---- reasons


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT nme FROM customers", "There is no column 'nme'. customers has customer_id, country, region, city"),
        ("SELECT x FROM sales", "There is no table 'sales'. There are: products, customers, orders,"),
        ("SELECT c FROM customers c", "'c' is a whole table, not a column: name the columns you need."),
        ("DROP TABLE orders", "Send exactly one SELECT statement"),
        ("SELECT getenv('A')", "The function getenv can't be used."),
        ("SELECT 1 FROM orders a, orders b", "b is joined without a condition"),
        ("SELECT * FROM customers", "Not every column of customers can be read: name those you need instead of *."),
    ],
)
def test_a_refusal_says_what_to_mend(con: duckdb.DuckDBPyConnection, sql: str, said: str) -> None:
    with pytest.raises(Refused, match=re.escape(said)):
        guard(sql, SHAPE, con)


# ---- what passes

PASSES = [
    "SELECT country, COUNT(*) AS n FROM orders GROUP BY country ORDER BY n DESC, country",
    "FROM orders SELECT channel, COUNT(*) AS n GROUP BY channel",
    "(SELECT COUNT(*) FROM main.orders)",
    "SELECT COUNT(*) FROM products;",
    "SELECT o.order_id, SUM(i.quantity * i.unit_price - i.discount) AS v FROM orders o JOIN order_items i USING (order_id) GROUP BY ALL ORDER BY ALL",
    "SELECT o.country, c.city FROM orders o, customers c WHERE o.customer_id = c.customer_id",
    "WITH t AS (SELECT SUM(shipping) AS s FROM orders) SELECT channel, SUM(shipping) / ANY_VALUE(t.s) FROM orders, t GROUP BY channel",
    "WITH m(month, n) AS (SELECT date_trunc('month', ordered_at), COUNT(*) FROM orders GROUP BY 1) SELECT month, n FROM m ORDER BY 1",
    "SELECT COUNT(*) FILTER (WHERE status = 'completed') FROM orders",
    "SELECT customer_id, ordered_at - LAG(ordered_at) OVER (PARTITION BY customer_id ORDER BY ordered_at) AS gap FROM orders",
    "SELECT d FROM UNNEST(generate_series(DATE '2024-01-01', DATE '2024-01-10', INTERVAL 1 DAY)) AS t(d)",
    "SELECT attributes ->> '$.colour' AS colour, COUNT(*) FROM products GROUP BY 1",
    "SELECT title FROM products WHERE title ILIKE '%mug%' OR title LIKE '%; DROP TABLE%' OR title = 'O''Reilly'",
    "SELECT country AS \"Land der Käufer\", COUNT(*) AS 订单数 FROM orders GROUP BY 1",
    "SELECT k, v FROM (VALUES ('a', 1), ('b', 2)) AS t(k, v)",
    "SELECT quantile_cont(list_price, [0.25, 0.5]) FROM products",
    "SELECT list_transform([1, 2], lambda x: x + 1), [1, 2][1]",
    "SELECT o.order_id, r.amount FROM orders o ASOF JOIN returns r ON o.customer_id = r.customer_id AND o.ordered_at >= r.returned_at",
    "SELECT product_id FROM products p WHERE NOT EXISTS (SELECT 1 FROM order_items i WHERE i.product_id = p.product_id)",
    "SELECT country, channel, COUNT(*) FROM orders GROUP BY GROUPING SETS ((country), (channel), ())",
    "SELECT country FROM customers INTERSECT SELECT country FROM orders",
    "SELECT strftime(ordered_at, '%Y-%m') AS m, COUNT(DISTINCT customer_id) FROM orders GROUP BY m HAVING COUNT(*) > 2 QUALIFY ROW_NUMBER() OVER (ORDER BY m) < 9",
    "SELECT DISTINCT ON (customer_id) customer_id, order_id FROM orders ORDER BY customer_id, ordered_at, order_id",
    "/* sales */ SELECT COUNT(*) -- all of them\nFROM orders",
    "SELECT * EXCLUDE (n) FROM (SELECT country, COUNT(*) AS n FROM orders GROUP BY 1)",
    "SELECT TRY_CAST(order_id AS INTEGER), EXTRACT(year FROM ordered_at), current_date > ordered_at FROM orders",
]  # fmt: skip


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("sql", PASSES)
def test_what_passes_gives_the_rows_that_were_asked_for(
    con: duckdb.DuckDBPyConnection, sql: str, settled: bool
) -> None:
    settled = settled and any(table in sql for table in KEYS)  # no receipt is made of what reads no table
    guarded = guard(sql, SHAPE, con, settled=settled).sql
    assert rows(con, guarded) == rows(con, sql)
    assert guard(guarded, SHAPE, con, settled=settled).sql == guarded
    assert harm(con, guarded) == []


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    return sorted(map(repr, con.execute(sql).fetchall()))


@pytest.mark.parametrize(
    ("sql", "ends", "limited"),
    [
        ("SELECT country FROM orders", f"LIMIT {MOST_ROWS}", True),
        ("SELECT country FROM orders LIMIT 5000", f"LIMIT {MOST_ROWS}", True),
        ("SELECT country FROM orders LIMIT 5", "LIMIT 5", False),
        ("SELECT country FROM orders LIMIT 5 OFFSET 3", "LIMIT 5 OFFSET 3", False),
        ("SELECT country FROM orders OFFSET 3", f"LIMIT {MOST_ROWS} OFFSET 3", True),
        ("(SELECT 1 AS a LIMIT 2) UNION ALL SELECT 2", f"LIMIT {MOST_ROWS}", True),
    ],
)
def test_a_result_has_a_limit(con: duckdb.DuckDBPyConnection, sql: str, ends: str, limited: bool) -> None:
    guarded = guard(sql, SHAPE, con)
    assert guarded.sql.endswith(ends) and guarded.limited is limited


@pytest.mark.parametrize(
    ("sql", "settled"),
    [
        ("SELECT COUNT(*), SUM(amount) FROM returns", "SELECT COUNT(*) AS count, SUM(amount) AS sum_amount FROM returns ORDER BY 1, 2"),
        ("SELECT COUNT(*), COUNT(*) FROM returns", "SELECT COUNT(*) AS count, COUNT(*) AS count_2 FROM returns ORDER BY 1, 2"),
        ("SELECT reason AS count, COUNT(*) FROM returns", "SELECT reason AS count, COUNT(*) AS count_2 FROM returns ORDER BY 1, 2"),
        ("SELECT reason FROM returns ORDER BY amount DESC", "SELECT reason FROM returns ORDER BY amount DESC, 1"),
        ("SELECT * FROM returns", "SELECT * FROM returns ORDER BY ALL"),
        ("SELECT reason FROM returns ORDER BY ALL", "SELECT reason FROM returns ORDER BY ALL"),
        ("SELECT -amount FROM returns", "SELECT -amount AS amount_2 FROM returns ORDER BY 1"),
    ],
)  # fmt: skip
def test_a_receipts_query_has_names_and_an_order(con: duckdb.DuckDBPyConnection, sql: str, settled: str) -> None:
    assert guard(sql, SHAPE, con, settled=True).sql == f"{settled} LIMIT {MOST_ROWS}"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1000000 AS revenue",
        "SELECT 1000000 AS revenue FROM orders LIMIT 1",
        "WITH made AS (SELECT 1000000 AS revenue) SELECT revenue FROM made",
        "SELECT country, 10 * 5 AS n FROM orders",
        "SELECT SUM(shipping) AS s FROM orders UNION ALL SELECT 9",
        "SELECT CAST('7' AS INTEGER) + 1 AS n FROM returns",
    ],
)
def test_a_number_of_the_querys_own_is_no_figure(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    assert guard(sql, SHAPE, con).sql
    with pytest.raises(Refused, match="reads no table|reads nothing of the shop"):
        guard(sql, SHAPE, con, settled=True)


# ---- whatever may come

NAMES = {"products": "title", "orders": "country", "customers": "city", "returns": "reason"}
KEYS = {"products": "product_id", "orders": "order_id", "customers": "customer_id", "returns": "return_id"}
MEASURES = {"products": "list_price", "orders": "shipping", "customers": "LENGTH(city)", "returns": "amount"}
AGGREGATES = ("SUM({})", "MIN({})", "AVG({})", "COUNT(DISTINCT {})", "MEDIAN({})", "ROUND(MAX({}), 1)")


@st.composite
def selects(draw: st.DrawFn) -> str:
    """A legitimate query over one table or a join, in one of many shapes."""
    table = draw(st.sampled_from(sorted(NAMES)))
    name, key, measure = NAMES[table], KEYS[table], MEASURES[table]
    of = draw(st.sampled_from(AGGREGATES)).format(measure)
    where = draw(
        st.sampled_from(["", f" WHERE {name} IS NOT NULL", f" WHERE {measure} > 3", f" WHERE {name} LIKE 'U%'"])
    )
    having = draw(st.sampled_from(["", " HAVING COUNT(*) > 1"]))
    return draw(
        st.sampled_from(
            [
                f"SELECT {name}, {of} AS v FROM {table}{where} GROUP BY {name}{having}",
                f"SELECT COUNT(*), {of} FROM {table} AS t{where}",
                f"WITH w AS (SELECT {name} AS k, {of} AS v FROM {table}{where} GROUP BY 1) SELECT k, v FROM w WHERE v > 0",
                f"SELECT {key}, RANK() OVER (ORDER BY {measure} DESC, {key}) AS r FROM {table}{where} QUALIFY r < 5",
                f"SELECT a.{key} FROM {table} a JOIN {table} b ON a.{key} = b.{key} AND a.{name} = b.{name}",
                f"SELECT {key} FROM {table}{where} UNION SELECT {name} FROM {table}",
                f"SELECT {key}, CASE WHEN {measure} > 5 THEN 'much' ELSE 'little' END AS size FROM {table}{where}",
                f"SELECT {key} FROM {table} WHERE {key} IN (SELECT {key} FROM {table}{where})",
                f"SELECT {name}, LIST({key} ORDER BY {key}) FROM {table}{where} GROUP BY ALL",
            ]
        )
    )


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sql=selects(), settled=st.booleans())
def test_a_legitimate_query_gives_the_same_rows(con: duckdb.DuckDBPyConnection, sql: str, settled: bool) -> None:
    guarded = guard(sql, SHAPE, con, settled=settled).sql
    assert rows(con, guarded) == rows(con, sql)


FRAGMENTS = (
    "api_tokens", "main.api_tokens", '"API_TOKENS"', "users", "token", "pw", "email", "customers.email", "c.phone", "*",
    "customers", "o", "(SELECT token FROM api_tokens)", "(SELECT email FROM customers LIMIT 1)", "; DROP TABLE orders",
    " UNION ALL SELECT token FROM api_tokens", " UNION ALL SELECT email FROM customers", ", api_tokens", ", users u",
    " CROSS JOIN api_tokens", " POSITIONAL JOIN api_tokens", " NATURAL JOIN users", "COLUMNS(*)", "COLUMNS('.*')",
    "WITH api_tokens AS (SELECT 1 AS token) ", "WITH orders AS (SELECT * FROM api_tokens) ", "FROM api_tokens SELECT ",
    "TABLE api_tokens", "query_table(['users'])", "read_text('/etc/passwd')", "'/etc/passwd'", "--", "/*", "*/", "'", '"',
    "$$", "(", ")", " AS t(a, b, c, d)", "UNNEST", "LATERAL (SELECT token FROM api_tokens)", "ip_address", "#1", ".",
    "information_schema.tables", "EXISTS (FROM users)", " EXCEPT ", " INTERSECT SELECT pw FROM users", "DESCRIBE ", "x -> ",
    " USING (channel)", " LIMIT (SELECT COUNT(*) FROM users)", " QUALIFY (SELECT token FROM api_tokens) > ''", "struct_pack",
)  # fmt: skip


@st.composite
def mutants(draw: st.DrawFn) -> str:
    """A legitimate query with pieces cut out, doubled, exchanged and put in, forbidden ones among them."""
    sql = draw(selects() | st.sampled_from(PASSES))
    for _ in range(draw(st.integers(1, 4))):
        words = re.findall(r"\w+|\s+|[^\w\s]", sql)
        at = draw(st.integers(0, len(words) - 1)) if words else 0
        kind = draw(st.sampled_from(("put in", "exchange", "cut out", "double")))
        if kind == "cut out":
            words[at : at + 1] = []
        elif kind == "double":
            words[at:at] = words[at : at + draw(st.integers(1, 6))]
        else:
            words[at : at + (kind == "exchange")] = [draw(st.sampled_from(FRAGMENTS))]
        sql = "".join(words)
    return sql


@settings(max_examples=1_500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sql=mutants())
@example(sql="WITH api_tokens AS (SELECT 1 AS token) SELECT token FROM main.api_tokens")
@example(sql="SELECT c.country FROM customers c WHERE c.name > 'M'")
def test_no_mutant_reads_what_is_forbidden(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    try:
        guarded = guard(sql, SHAPE, con).sql
    except Refused:
        return
    try:
        assert harm(con, guarded) == [], guarded
        said = repr(con.execute(guarded).fetchall())
    except duckdb.Error as error:
        said = str(error)
    assert SECRET not in said and "@example.com" not in said and "01632" not in said, guarded
