"""Prose that must be shown. Each maker writes one case from a seed, in English or Chinese."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from agent.receipts import Receipt, table
from tests.receipt_cases import (
    Case,
    Want,
    comparison,
    countries,
    days,
    gaps,
    hours,
    label,
    months,
    number,
    one_of,
    portions,
    products,
    receipt,
    say,
    scalar,
    shares,
    spots,
    wants,
)

Maker = Callable[[Random, str], Case]

WORDS_WITHIN = (
    "Freight often weighs on the network; someone wrote on behalf of the tenants.",
    "Attention: the height and weight of parcels are listed elsewhere.",
    "None of the tents were late, and no one complained about the thirst for more.",
    "At once a stone, a bone, a phone: everyone alone has tended the oven.",
)


# --- references -------------------------------------------------------------------------------------------------------


def cell(rng: Random, locale: str) -> Case:
    item = countries(rng, locale)
    i = rng.randrange(len(item.result.rows))
    prose = say(
        locale,
        f"{{r1.{i}.country}} brought in {{r1.{i}.revenue}} from {{r1.{i}.orders}} orders.",
        f"{{r1.{i}.country}}的销售额为{{r1.{i}.revenue}}，来自{{r1.{i}.orders}}笔订单。",
    )
    return Case("cell", prose, (item,), locale, wants=wants(item, i, "revenue", "orders"), shows=(label(item, i),))


def currencies(rng: Random, locale: str) -> Case:
    item = scalar(rng, locale, currency=rng.choice(["EUR", "USD", "CNY"]))
    prose = say(locale, "Revenue was **{r1.0.revenue}**.", "销售额为**{r1.0.revenue}**。")
    return Case("currencies", prose, (item,), locale, wants=wants(item, 0, "revenue"))


def totals(rng: Random, locale: str) -> Case:
    item = countries(rng, locale)
    rows = range(len(item.result.rows))
    revenue, units = ([number(item, i, c) for i in rows] for c in ("revenue", "units"))
    prose = say(
        locale,
        "In all {sum(r1.*.units)} units and {sum(r1.*.revenue)}, on average {mean(r1.*.revenue)}, "
        "over {count(r1.*.country)} countries.",
        "一共售出{sum(r1.*.units)}件，销售额合计{sum(r1.*.revenue)}，平均{mean(r1.*.revenue)}，涉及{count(r1.*.country)}个国家。",
    )
    expected = (
        Want(sum(units), "sum"),
        Want(sum(revenue), "sum"),
        Want(sum(revenue) / len(revenue), "mean"),
        Want(len(revenue), "count"),
    )
    return Case("totals", prose, (item,), locale, wants=expected)


def apart(rng: Random, locale: str) -> Case:
    item = countries(rng, locale)
    a, b = number(item, 0, "revenue"), number(item, 1, "revenue")
    prose = say(
        locale,
        "Between {r1.0.country} and {r1.1.country} lies {diff(r1.0.revenue, r1.1.revenue)}; the ratio is "
        "{ratio(r1.0.revenue, r1.1.revenue)}.",
        "{r1.0.country}与{r1.1.country}相差{diff(r1.0.revenue, r1.1.revenue)}，"
        "比值为{ratio(r1.0.revenue, r1.1.revenue)}。",
    )
    return Case("apart", prose, (item,), locale, wants=(Want(a - b, "difference"), Want(a / b, "ratio")))


def part_of(rng: Random, locale: str) -> Case:
    item = countries(rng, locale)
    a, b = number(item, 1, "orders"), number(item, 0, "orders")
    prose = say(
        locale,
        "{r1.1.country} had {pct_of(r1.1.orders, r1.0.orders)} of the orders of {r1.0.country}.",
        "{r1.1.country}的订单数相当于{r1.0.country}的{pct_of(r1.1.orders, r1.0.orders)}。",
    )
    return Case("part_of", prose, (item,), locale, wants=(Want(a / b, "ratio"),))


def growth(rng: Random, locale: str) -> Case:
    item = comparison(rng, locale)
    a, b = number(item, 0, "revenue"), number(item, 0, "revenue_before")
    prose = say(
        locale,
        "Revenue in {r1.0.country} was {r1.0.revenue}, {pct(r1.0.revenue, r1.0.revenue_before)} on before.",
        "{r1.0.country}的销售额为{r1.0.revenue}，较之前{pct(r1.0.revenue, r1.0.revenue_before)}。",
    )
    expected = (Want(a, "cell"), Want((a - b) / b, "percent_change"))
    return Case("growth", prose, (item,), locale, wants=expected)


def over_months(rng: Random, locale: str) -> Case:
    item = months(rng, locale)
    last = len(item.result.rows) - 1
    a, b = number(item, last, "revenue"), number(item, last - 1, "revenue")
    move = f"{{pct(r1.{last}.revenue, r1.{last - 1}.revenue)}}"
    prose = say(
        locale,
        f"In {{r1.{last}.month}} revenue was {move} on {{r1.{last - 1}.month}}.",
        f"{{r1.{last}.month}}的销售额较{{r1.{last - 1}.month}}{move}。",
    )
    return Case("over_months", prose, (item,), locale, wants=(Want((a - b) / b, "percent_change"),))


def word(rng: Random, locale: str) -> Case:
    about, en, zh = rng.choice([(1 / 3, "third", "三分之一"), (1 / 2, "half", "半")])
    item = portions(rng, locale, about)
    prose = say(
        locale,
        "{r1.0.category} made up {approx(r1.0.share)} of revenue.",
        "{r1.0.category}占销售额的{approx(r1.0.share)}。",
    )
    return Case("word", prose, (item,), locale, wants=wants_approx(item, "share"), shows=(say(locale, en, zh),))


def doubled(rng: Random, locale: str) -> Case:
    item = portions(rng, locale, 2.0, "ratio")
    said = say(locale, "doubled", "翻倍")
    prose = say(
        locale, f'Revenue has {{approx(r1.0.multiple, "{said}")}}.', f'销售额{{approx(r1.0.multiple, "{said}")}}。'
    )
    return Case("doubled", prose, (item,), locale, wants=wants_approx(item, "multiple"), shows=(said,))


def wants_approx(item: Receipt, column: str) -> tuple[Want, ...]:
    return (Want(number(item, 0, column), "approx"),)


def titles(rng: Random, locale: str) -> Case:
    item = products(rng, locale)
    i = rng.randrange(len(item.result.rows))
    prose = say(
        locale,
        f"{{r1.{i}.product}} ({{r1.{i}.product_id}}) sold {{r1.{i}.units}} units for {{r1.{i}.revenue}}.",
        f"{{r1.{i}.product}}({{r1.{i}.product_id}})售出{{r1.{i}.units}}件，销售额{{r1.{i}.revenue}}。",
    )
    shown = (label(item, i), str(item.result.cell(i, "product_id")))
    return Case("titles", prose, (item,), locale, wants=wants(item, i, "units", "revenue"), shows=shown)


def listed(rng: Random, locale: str) -> Case:
    item = one_of(rng, locale, countries, products)
    key = "product" if item.result.columns[0].name == "product_id" else "country"
    rows = range(len(item.result.rows))
    head = say(locale, "The best, by revenue:", "按销售额排序：")
    lines = "\n".join(f"{i + 1}. {{r1.{i}.{key}}}: {{r1.{i}.revenue}}" for i in rows)
    expected = tuple(w for i in rows for w in wants(item, i, "revenue"))
    return Case("listed", f"{head}\n\n{lines}\n", (item,), locale, wants=expected, shows=("1. ",))


def long_list(rng: Random, locale: str) -> Case:
    body = [[f"C{n}", n + 0.25] for n in rng.sample(range(5_000, 99_000), 12)]
    item = receipt("r1", [("customer", "id"), ("revenue", "GBP")], body, ["customer"])
    lines = "\n".join(f"{i + 1}. {{r1.{i}.customer}}: {{r1.{i}.revenue}}" for i in range(12))
    expected = tuple(w for i in range(12) for w in wants(item, i, "revenue"))
    return Case("long_list", lines, (item,), locale, wants=expected, shows=("12. ",))


def ordinals(rng: Random, locale: str) -> Case:
    item = countries(rng, locale)
    en = rng.choice(
        [
            "{r1.0.country} came first, {r1.1.country} second.",
            "One of the best was {r1.0.country}. In all it took {r1.0.revenue}.",
            "{r1.2.country} came after the first and the second; the fourth and the fifth trail.",
            "{r1.2.country} came third; the third is seldom far from the second.",
        ]
    )
    zh = rng.choice(
        [
            "{r1.0.country}排第一，{r1.1.country}排第二，{r1.2.country}排第三。",
            "看一下{r1.0.country}:一共{r1.0.revenue}。",
            "一起看一下，表现最好的一个是{r1.0.country}，一直排在第一。",
        ]
    )
    prose = say(locale, en, zh)
    expected = wants(item, 0, "revenue") if ".revenue" in prose else ()
    return Case("ordinals", prose, (item,), locale, wants=expected)


def period(rng: Random, locale: str) -> Case:
    item = scalar(rng, locale)
    year = item.result.input["period"]["start"][:4]
    prose = say(locale, "In {r1.period} revenue was {r1.0.revenue}.", "{r1.period}的销售额为{r1.0.revenue}。")
    return Case("period", prose, (item,), locale, wants=wants(item, 0, "revenue"), shows=(year,))


def on_days(rng: Random, locale: str) -> Case:
    item = days(rng, locale)
    prose = say(
        locale, "The best day was {r1.3.day}: {r1.3.orders} orders.", "最好的一天是{r1.3.day}:{r1.3.orders}笔订单。"
    )
    return Case("on_days", prose, (item,), locale, wants=wants(item, 3, "orders"))


def at_hours(rng: Random, locale: str) -> Case:
    item = hours(rng, locale)
    prose = say(
        locale, "Busiest at {r1.2.hour}, with {r1.2.orders} orders.", "最忙的时段是{r1.2.hour}，有{r1.2.orders}笔订单。"
    )
    return Case("at_hours", prose, (item,), locale, wants=wants(item, 2, "orders"))


def percentages(rng: Random, locale: str) -> Case:
    item = shares(rng, locale)
    prose = say(
        locale,
        "{r1.0.category} made up {r1.0.share} of revenue and {r1.1.category} {r1.1.share}.",
        "{r1.0.category}占{r1.0.share},{r1.1.category}占{r1.1.share}。",
    )
    expected = wants(item, 0, "share") + wants(item, 1, "share")
    return Case("percentages", prose, (item,), locale, wants=expected, shows=("%",))


def zeros(rng: Random, locale: str) -> Case:
    item = gaps(rng, locale)
    prose = say(
        locale,
        "{r1.0.country} had {r1.0.orders} orders and took {r1.0.revenue}.",
        "{r1.0.country}有{r1.0.orders}笔订单，销售额{r1.0.revenue}。",
    )
    return Case("zeros", prose, (item,), locale, wants=wants(item, 0, "orders", "revenue"), shows=("0",))


def nulls(rng: Random, locale: str) -> Case:
    prose = say(
        locale,
        "Average order value of {r1.0.country}: {r1.0.average_order_value}.",
        "{r1.0.country}的客单价：{r1.0.average_order_value}。",
    )
    return Case("nulls", prose, (gaps(rng, locale),), locale, shows=("–",))


def restated(rng: Random, locale: str) -> Case:
    item, n, year = countries(rng, locale), rng.randint(4, 9), rng.randint(2015, 2024)
    question = say(locale, f"Top {n} countries in {year} by revenue?", f"{year}年销售额前{n}名的国家?")
    line = say(
        locale,
        rng.choice([f"Read as: the top {n} countries of {year}.", f"*The top {n} countries of {year}, by revenue.*"]),
        rng.choice([f"理解为：{year}年销售额前{n}名的国家。", f"*{year}年销售额前{n}名的国家*"]),
    )
    prose = f"{line}\n\n" + say(
        locale, "{r1.0.country} leads with {r1.0.revenue}.", "{r1.0.country}以{r1.0.revenue}居首。"
    )
    return Case("restated", prose, (item,), locale, question, wants=wants(item, 0, "revenue"), shows=(str(year),))


def several(rng: Random, locale: str) -> Case:
    a, b = countries(rng, locale, "r1"), months(rng, locale, "r2")
    share = number(a, 0, "revenue") / number(b, 0, "revenue")
    prose = say(
        locale,
        "{r1.0.country} took {r1.0.revenue}.\n\nIn {r2.0.month} there were {r2.0.orders} orders. "
        "The former is {pct_of(r1.0.revenue, r2.0.revenue)} of that month's {r2.0.revenue}.",
        "{r1.0.country}的销售额为{r1.0.revenue}。\n\n{r2.0.month}有{r2.0.orders}笔订单。"
        "前者相当于当月的{pct_of(r1.0.revenue, r2.0.revenue)}，当月为{r2.0.revenue}。",
    )
    expected = (*wants(a, 0, "revenue"), *wants(b, 0, "orders"), Want(share, "ratio"), *wants(b, 0, "revenue"))
    return Case("several", prose, (a, b), locale, wants=expected)


def tabled(rng: Random, locale: str) -> Case:
    item = one_of(rng, locale, countries, products, months, comparison, shares, gaps, hours, days)
    columns = item.result.columns
    expected = tuple(s.want for s in spots([item]))
    names = tuple(str(r[0]) for r in item.result.rows if columns[0].unit == "name")
    head = say(locale, "The figures:", "数据如下：")
    return Case("tabled", f"{head}\n\n{table(item, locale)}\n", (item,), locale, wants=expected, shows=("|", *names))


def marked_up(rng: Random, locale: str) -> Case:
    item = countries(rng, locale)
    head = say(locale, "## Revenue by country", "## 各国销售额")
    body = "- **{r1.0.country}**: {r1.0.revenue}\n- *{r1.1.country}*: {r1.1.revenue}\n\n> {r1.2.orders}"
    prose = f"{head}\n\n{body}\n"
    expected = (*wants(item, 0, "revenue"), *wants(item, 1, "revenue"), *wants(item, 2, "orders"))
    return Case("marked_up", prose, (item,), locale, wants=expected)


def words_within(rng: Random, locale: str) -> Case:
    item = countries(rng, "en")
    prose = f"{rng.choice(WORDS_WITHIN)} {{r1.0.country}} took {{r1.0.revenue}}."
    return Case("words_within", prose, (item,), "en", wants=wants(item, 0, "revenue"))


def agreeing(rng: Random, locale: str) -> Case:
    """The writer's own verb goes the way of the figure."""
    item = comparison(rng, locale)
    column = rng.choice(["revenue_growth", "revenue_change"])
    value = number(item, 0, column)
    verb = say(locale, "rose" if value > 0 else "fell", "上升" if value > 0 else "下降")
    prose = say(
        locale,
        f"Revenue in {{r1.0.country}} {verb}: {{r1.0.{column}}}.",
        f"{{r1.0.country}}的销售额{verb}:{{r1.0.{column}}}。",
    )
    return Case("agreeing", prose, (item,), locale, wants=wants(item, 0, column))


def from_to(rng: Random, locale: str) -> Case:
    item = comparison(rng, locale)
    falls = number(item, 0, "revenue_change") < 0
    verb = say(locale, "fell" if falls else "rose", "下降" if falls else "上升")
    prose = say(
        locale,
        f"Revenue in {{r1.0.country}} {verb} from {{r1.0.revenue_before}} to {{r1.0.revenue}}.",
        f"{{r1.0.country}}的销售额从{{r1.0.revenue_before}}{verb}到{{r1.0.revenue}}。",
    )
    return Case("from_to", prose, (item,), locale, wants=wants(item, 0, "revenue_before", "revenue"))


def two_ways(rng: Random, locale: str) -> Case:
    """Two rows in one sentence, each with its own direction."""
    item = comparison(rng, locale)
    prose = say(
        locale,
        "{r1.0.country} was {pct(r1.0.revenue, r1.0.revenue_before)}, and {r1.1.country} {r1.1.revenue_growth}.",
        "{r1.0.country}{pct(r1.0.revenue, r1.0.revenue_before)}，{r1.1.country}{r1.1.revenue_growth}。",
    )
    a, b = (number(item, i, "revenue_growth") for i in (0, 1))
    return Case("two_ways", prose, (item,), locale, wants=(Want(a, "percent_change"), Want(b)))


def side_by_side(rng: Random, locale: str) -> Case:
    item = countries(rng, locale)
    a, b = (number(item, i, "revenue") for i in (0, 1))
    top, low = (0, 1) if a > b else (1, 0)
    prose = say(
        locale,
        f"{{r1.{top}.country}} ({{r1.{top}.revenue}}) is ahead of {{r1.{low}.country}} ({{r1.{low}.revenue}}): it made "
        f"{{diff(r1.{top}.revenue, r1.{low}.revenue)}} more.",
        f"{{r1.{top}.country}}（{{r1.{top}.revenue}}）高于{{r1.{low}.country}}（{{r1.{low}.revenue}}），"
        f"多出{{diff(r1.{top}.revenue, r1.{low}.revenue)}}。",
    )
    expected = (Want(max(a, b)), Want(min(a, b)), Want(abs(a - b), "difference"))
    return Case("side_by_side", prose, (item,), locale, wants=expected)


MAKERS: tuple[Maker, ...] = (
    cell, currencies, totals, apart, part_of, growth, over_months, word, doubled, titles, listed, long_list, ordinals,
    period, on_days, at_hours, percentages, zeros, nulls, restated, several, tabled, marked_up, words_within,
    agreeing, from_to, two_ways, side_by_side,
)  # fmt: skip


def rights(rounds: int) -> Iterator[Case]:
    """`rounds` cases of every kind in each language."""
    for maker in MAKERS:
        for i in range(rounds):
            for locale in ("en", "zh"):
                yield maker(Random(f"{maker.__name__} {locale} {i}"), locale)
