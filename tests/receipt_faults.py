"""Planted faults in prose that carries references: each must be refused, its twin without the fault shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from agent.receipts import Receipt, table
from tests.receipt_cases import (
    CATEGORIES,
    Case,
    comparison,
    countries,
    label,
    one_of,
    portions,
    products,
    receipt,
    say,
    spots,
)

BROKEN = (
    "{r9.0.revenue}", "{r01.0.revenue}", "{r1.99.revenue}", "{r1.-1.revenue}", "{r1.0.profit}", "{r1.0}", "{r1}",
    "{r1..revenue}", "{r1.0.}", "{r1.*.revenue}", "{sum(r1.*.profit)}", "{sum(r9.*.units)}", "{sum(r1.*.country)}",
    "{mean(r1.*.country)}", "{pct(r1.0.revenue, r1.0.country)}", "{diff(r1.0.revenue)}", "{diff(r1.0.revenue, 5)}",
    "{ratio(r1.0.revenue, 2)}", "{sum(5, 7)}", "{count(5)}", "{pct()}", "{max(r1.*.revenue)}", "{eval(r1.0.revenue)}",
    "{r1.0.revenue + r1.1.revenue}", "{r1.0.revenue * 2}", "{{r1.0.revenue}}", "{{r1.0.revenue}", "{r1.0.revenue}}",
    "{r1.{r1.0.orders}.revenue}", "{r1.0.{r1.0.country}}", "{r1.0.revenue:.0f}", "{r1.0.revenue!r}",
    "{r1.0.__class__}", "{r1.result.rows}", "{__import__('os')}", "{}", "{ }", "{revenue}", "{48213}", "{'48213'}",
    "{sum(r1.*.units}", "{sum r1.*.units}", "{r1.0.revenue", "r1.0.revenue}", "{r1.０.revenue}", "{r1.1e0.revenue}",
    "{r1.0.revenue; r1.1.revenue}", "{r1.0.revenue, r1.1.revenue}", "{r9.period}",
)  # fmt: skip
GLUED = (
    "{r1.0.orders}0", "{r1.0.orders}.5", "1{r1.0.orders}", "1,{r1.0.orders}", "{r1.0.orders}{r1.1.orders}",
    "{r1.0.orders},{r1.1.orders}", "{r1.0.orders}.{r1.1.orders}", "{r1.0.orders}\u200b{r1.1.orders}",
    "{r1.0.orders}**{r1.1.orders}**", "-{r1.0.revenue}", "−{r1.0.revenue}", "-{r1.0.orders}",
    "{r1.0.orders}%", "{r1.0.orders} %", "{r1.0.revenue} %", "£{r1.0.orders}", "${r1.0.revenue}", "€{r1.0.revenue}",
    "{r1.0.revenue}k", "{r1.0.revenue}m", "{r1.0.revenue}bn", "{r1.0.revenue} million", "{r1.0.revenue}万",
    "{r1.0.revenue}亿", "{r1.0.orders}百", "{r1.0.orders}倍", "{r1.0.orders} dozen", "{r1.0.orders} hundred",
    "twice {r1.0.revenue}", "half of {r1.0.revenue}", "{r1.0.orders}×10", "{r1.0.orders}²",
    "{r1.0.orders} {r1.1.orders}", "{r1.0.orders}\u00ad{r1.1.orders}", "{r1.0.orders}\ufeff{r1.1.orders}",
    "{r1.0.orders}<b></b>{r1.1.orders}", "{r1.0.orders}<!-- -->{r1.1.orders}", "{r1.0.orders}&zwj;{r1.1.orders}",
    "{r1.0.orders}&shy;{r1.1.orders}", "{r1.0.orders}&nbsp;{r1.1.orders}", "{r1.0.orders}&comma;{r1.1.orders}",
    "&minus;{r1.0.revenue}", "&#45;{r1.0.revenue}", "<b>-</b>{r1.0.revenue}", "-<i></i>{r1.0.revenue}",
    "minus {r1.0.revenue}", "负{r1.0.revenue}", "-\u200b{r1.0.revenue}", "{r1.0.orders}％", "{r1.0.orders} percent", "{r1.0.orders} per cent",
    "{r1.0.orders}&percnt;", "{r1.0.orders}<b>%</b>", "{r1.0.orders}\u200b%", "{r1.0.orders}\u200bk",
    "{r1.0.orders}**k**", "&pound;{r1.0.orders}", "**£**{r1.0.orders}", "£\u200b{r1.0.orders}", "{r1.0.orders} pounds",
    "{r1.0.revenue} dollars", "{r1.0.orders}元",
    "{r1.0.revenue} orders", "{r1.0.revenue}笔订单", "USD {r1.0.revenue}", "{r1.0.revenue} EUR",
    "{r1.0.orders}<b>0</b>", "{r1.0.orders}&#48;", "{r1.0.orders}\uff10",
)  # fmt: skip
WORDS = {
    "en": (
        "two", "three", "seven", "ten", "eleven", "twelve", "Twelve", "TWELVE", "twenty-five", "twenty five", "dozen",
        "a dozen", "dozens of", "hundred", "hundreds of", "thousand", "a million", "half", "Half of", "a third of the",
        "two thirds of", "one third of", "ninety-nine", "thirteen", "fifty", "twice as many", "double the", "threefold",
        "twe\u200blve", "tw**el**ve", "tw<b>e</b>lve", "tw&#101;lve", "ｔｗｅｌｖｅ", "𝐭𝐰𝐞𝐥𝐯𝐞", "eight-", "(nine)",
        "_six_", "five/", "“four”", "hun\u00addred", "h&#97;lf", "th\u2060ousand",
    ),
    "zh": (
        "两", "三", "五", "七", "十", "十二", "二十五", "百", "一百", "数百", "千", "上千", "万", "上万", "三万五千",
        "亿", "两倍", "十倍", "三成", "一半", "三分之一", "三分之二", "百分之十二", "翻倍", "翻了两番", "九折", "四五",
        "十\u200b二", "两<b></b>千", "八**百**", "&#21313;", "六",
    ),
}  # fmt: skip
DISGUISED = (
    "48213", "48,213", "48 213", "4_8_2_1_3", "４８２１３", "٤٨٢١٣", "۴۸۲۱۳", "४८२१३", "𝟒𝟖𝟐𝟏𝟑", "⁴⁸²¹³", "₄₈₂₁₃",
    "④⑧②①③", "①", "⑫", "4\u200b8\u200b213", "48\u2060213", "48\ufeff213", "48\u00ad213", "48<b></b>213", "48**213**",
    "&#52;&#56;", "&#x34;&#x38;", "&#52;8213",
    "4\u20e38\u20e3", "½", "&frac12;", "Ⅻ", "0x1F", "4.8e4", "⓬", "❷", "🄅", "⒋", "㊽",
)  # fmt: skip
HIDDEN = (
    "[the report](https://example.test/48213)", "[48,213](https://example.test/)", "![48,213](chart.png)",
    "`48213`", "```\n48213\n```", "    48213", '<span title="48213">here</span>', '<img alt="48,213">',
    "<!-- 48213 -->", "<td data-value='48213'></td>", "## 48,213", "| total |\n|---|\n| 48,213 |", "> 48,213",
    "- 48,213", "* £48,213", "~~48213~~", "$48213$", "[note]: https://example.test/48213", "<https://example.test/48213>",
    "<details><summary>48,213</summary></details>", "*48,213*", "**48,213**", "(48,213)", "\\48213", "| 48,213 |",
)  # fmt: skip
DATES = {
    "en": (
        "On 5 March 2009", "On 2009-03-05", "In 2009", "Since 2009-03", "In Q3 2009", "By 5/3/2009",
        "In March '09", "In the week of 2 March",
    ),
    "zh": (
        "2009年3月5日", "2009年3月", "2009年", "自2009-03-05起", "3月5日", "2009年第3季度", "二〇〇九年三月",
        "三月五日",
    ),
}  # fmt: skip
MISFITS = (
    (1.7, "doubled"), (1.5, "doubled"), (2.4, "doubled"), (1.0, "doubled"), (0.5, "doubled"), (2.6, "tripled"),
    (0.42, "half"), (0.58, "half"), (0.28, "a third"), (0.38, "a third"), (1.7, "翻倍"), (2.3, "翻倍"),
    (2.0, "£48,213"), (2.0, "48213"), (2.0, "twelve"), (2.0, "十二"), (0.5, "about 50"), (2.0, "exactly 3"),
)  # fmt: skip
RISING = {
    "en": ("rose", "grew", "increased", "went up", "climbed", "jumped", "soared", "surged"),
    "zh": ("增长", "上升", "增加", "上涨", "提高", "攀升", "大涨"),
}
FALLING = {
    "en": ("fell", "dropped", "decreased", "went down", "declined", "shrank", "plunged", "slumped", "plummeted"),
    "zh": ("下降", "减少", "下滑", "下跌", "降低", "回落", "缩水"),
}
MOVES = (
    "{pct(r1.0.revenue, r1.0.revenue_before)}",
    "{diff(r1.0.revenue, r1.0.revenue_before)}",
    "{r1.0.revenue_growth}",
    "{r1.0.revenue_change}",
)


def fault(kind: str, item: Receipt, locale: str, bad: str, good: str, question: str = "") -> Case:
    return Case(kind, bad, (item,), locale, question, twin=good)


def shop(rng: Random, locale: str) -> Receipt:
    """Countries with orders between 101 and 999: two of them side by side read as one number."""
    names = rng.sample(("德国", "法国", "挪威") if locale == "zh" else ("Germany", "France", "Norway"), 3)
    body = [
        [n, rng.randrange(20_000, 900_000) + 0.74, rng.randint(101, 999), rng.randint(10_001, 98_999)] for n in names
    ]
    columns = [("country", "name"), ("revenue", "GBP"), ("orders", "count"), ("units", "count")]
    return receipt("r1", columns, body, ["country"])


def base(locale: str) -> str:
    return say(locale, "{r1.0.country} brought in {r1.0.revenue}.", "{r1.0.country}的销售额为{r1.0.revenue}。")


# --- one case for every entry of a catalogue --------------------------------------------------------------------------


def broken(rng: Random, locale: str, text: str) -> Case:
    frame = say(locale, "{r1.1.country} stands at {@}.", "{r1.1.country}为{@}。")
    good = base(locale) + " " + frame.replace("{@}", "{r1.1.revenue}")
    return fault("broken", shop(rng, locale), locale, good.replace("{r1.1.revenue}", text), good)


def glued(rng: Random, locale: str, text: str) -> Case:
    frame = say(locale, "{r1.1.country} after {r1.0.country}: {@} so far.", "{r1.0.country}与{r1.1.country}: {@} 。")
    return fault("glued", shop(rng, locale), locale, frame.replace("{@}", text), frame.replace("{@}", "{r1.0.orders}"))


def worded(rng: Random, locale: str, text: str) -> Case:
    frame = say(locale, "{base} It took {@} orders to get there.", "{base}共有{@}个订单。").replace(
        "{base}", base(locale)
    )
    return fault("worded", shop(rng, locale), locale, frame.replace("{@}", text), frame.replace("{@}", "{r1.0.orders}"))


def disguised(rng: Random, locale: str, text: str) -> Case:
    frame = base(locale) + say(locale, " It took {@} orders.", "共有 {@} 个订单。")
    good = frame.replace("{@}", "{r1.0.orders}")
    return fault("disguised", shop(rng, locale), locale, frame.replace("{@}", text), good)


def hidden(rng: Random, locale: str, text: str) -> Case:
    tail = say(locale, "\n\nThat is all.", "\n\n以上。")
    return fault("hidden", shop(rng, locale), locale, f"{base(locale)}\n\n{text}{tail}", base(locale) + tail)


def dated(rng: Random, locale: str, text: str) -> Case:
    good = base(locale)
    return fault("dated", shop(rng, locale), locale, f"{text}{say(locale, ' ', '')}{good}", good)


def misfit(rng: Random, locale: str, entry: tuple[float, str]) -> Case:
    about, said = entry
    item = portions(rng, locale, about, "ratio" if about >= 1 or said in ("doubled", "翻倍") else "%")
    ref = f"r1.0.{item.result.columns[1].name}"
    frame = say(locale, "{r1.0.category} stands at {@}.", "{r1.0.category}为{@}。")
    bad, good = frame.replace("{@}", f'{{approx({ref}, "{said}")}}'), frame.replace("{@}", f"{{{ref}}}")
    return fault("misfit", item, locale, bad, good)


def direction(rng: Random, locale: str, verb: str) -> Case:
    item, move = comparison(rng, locale, sign=-1 if verb in RISING[locale] else 1), rng.choice(MOVES)
    bad = say(locale, f"Revenue in {{r1.0.country}} {verb} by {move}.", f"{{r1.0.country}}的销售额{verb}了{move}。")
    good = say(locale, f"Revenue in {{r1.0.country}}: {move}.", f"{{r1.0.country}}的销售额:{move}。")
    return fault("direction", item, locale, bad, good)


def from_to(rng: Random, locale: str, verb: str) -> Case:
    rising = verb in RISING[locale]
    item = comparison(rng, locale, sign=-1 if rising else 1)
    frame = say(
        locale,
        "Revenue in {r1.0.country} {@} from {r1.0.revenue_before} to {r1.0.revenue}.",
        "{r1.0.country}的销售额从{r1.0.revenue_before}{@}到{r1.0.revenue}。",
    )
    right = rng.choice((FALLING if rising else RISING)[locale])
    return fault("from_to", item, locale, frame.replace("{@}", verb), frame.replace("{@}", right))


# --- one case for every seed ------------------------------------------------------------------------------------------


def swapped(rng: Random, locale: str) -> Case:
    """Both rows are named, each beside the other's number."""
    good = say(
        locale,
        "{r1.0.country} brought in {r1.0.revenue} and {r1.1.country} {r1.1.revenue}.",
        "{r1.0.country}的销售额为{r1.0.revenue}，{r1.1.country}为{r1.1.revenue}。",
    )
    bad = good.replace("0.revenue", "@").replace("1.revenue", "0.revenue").replace("@", "1.revenue")
    return fault("swapped", countries(rng, locale), locale, bad, good)


def wrong_name(rng: Random, locale: str) -> Case:
    item = countries(rng, locale)
    column = rng.choice(["revenue", "orders", "units"])
    bad = say(locale, f"{label(item, 1)} stands at {{r1.0.{column}}}.", f"{label(item, 1)}为{{r1.0.{column}}}。")
    return fault("wrong_name", item, locale, bad, bad.replace(label(item, 1), label(item, 0)))


def wrong_key(rng: Random, locale: str) -> Case:
    item = one_of(rng, locale, countries, products)
    key = "product" if item.result.columns[0].name == "product_id" else "country"
    column = rng.choice(["revenue", "units"])
    bad = say(locale, f"{{r1.1.{key}}} stands at {{r1.0.{column}}}.", f"{{r1.1.{key}}}为{{r1.0.{column}}}。")
    return fault("wrong_key", item, locale, bad, bad.replace("r1.1", "r1.0"))


def altered(rng: Random, locale: str) -> Case:
    """A title typed out with another digit in it."""
    item = products(rng, locale)
    good = say(locale, "{r1.0.product} sold {r1.0.units} units.", "{r1.0.product}售出{r1.0.units}件。")
    return fault("altered", item, locale, good.replace("{r1.0.product}", another_title(rng, item)), good)


def another_title(rng: Random, item: Receipt) -> str:
    title = label(item, 0)
    place = rng.choice([i for i, c in enumerate(title) if c.isdigit()])
    changed = title[:place] + str((int(title[place]) + rng.randint(1, 8)) % 10) + title[place + 1 :]
    assert changed not in [label(item, i) for i in range(len(item.result.rows))]
    return changed


def typed(rng: Random, locale: str) -> Case:
    """The right number of the right row, but as digits: nobody vouches for it."""
    item = countries(rng, locale)
    spot = rng.choice([s for s in spots([item]) if s.row == 0])
    good = say(locale, f"{{r1.0.country}} stands at {spot.ref}.", f"{{r1.0.country}}为{spot.ref}。")
    return fault("typed", item, locale, good.replace(spot.ref, spot.text), good)


def lucky(rng: Random, locale: str) -> Case:
    """A small whole number that happens to equal a cell."""
    n = rng.randint(2, 9)
    rows = [[c, n + i] for i, c in enumerate(rng.sample(CATEGORIES[locale], 3))]
    item = receipt("r1", [("category", "name"), ("orders", "count")], rows, ["category"])
    good = say(locale, "{r1.0.category} had {r1.0.orders} orders.", "{r1.0.category}有{r1.0.orders}笔订单。")
    return fault("lucky", item, locale, good.replace("{r1.0.orders}", str(n)), good)


def asked(rng: Random, locale: str) -> Case:
    """A number of the question used as an answer."""
    n = rng.randint(11, 59)
    question = say(locale, f"Did more than {n} countries order?", f"有超过{n}个国家下单吗?")
    line = rng.choice(ASKED[locale]).format(n=n)
    return fault("asked", shop(rng, locale), locale, f"{base(locale)}\n\n{line}", base(locale), question)


ASKED = {
    "en": (
        "Yes, {n} countries did.", "*Yes*, {n} countries did.", "*Yes*: {n} countries *did*", "**{n} countries**",
        "They were *more than {n}*.", "{n}", "## {n} countries", "That is {n}, read as countries.",
    ),
    "zh": (
        "是的，有{n}个国家。", "*是的*，有{n}个国家。", "*是*{n}个*国家*", "**{n}个国家**", "共*{n}个*。", "{n}",
        "## {n}个国家",
    ),
}  # fmt: skip


def restated(rng: Random, locale: str) -> Case:
    """A restatement with a number that the question doesn't have."""
    n = rng.randint(11, 49)
    question = say(locale, f"Top {n} countries?", f"销售额前{n}名的国家?")
    line = say(
        locale,
        rng.choice(
            [
                "Read as: the top {m} countries.",
                "*The top {m} countries.*",
                "Read as: the top {n}, £48,213 in all.",
                "Read as: the top {n}k countries.",
                "Read as: the top {n},000 countries.",
                "*The top {n}.5 countries*",
            ]
        ),
        rng.choice(
            [
                "理解为：前{m}名的国家。",
                "*前{m}名的国家*",
                "理解为：前{n}名的国家，共48,213。",
                "理解为：前{n}万名的国家。",
                "*前{n}.5名的国家*",
            ]
        ),
    )
    good = say(locale, "Read as: the top {n} countries.", "理解为：前{n}名的国家。")
    prose = [f"{x.format(n=n, m=n + rng.randint(1, 9))}\n\n{base(locale)}" for x in (line, good)]
    return fault("restated", shop(rng, locale), locale, prose[0], prose[1], question)


def false_mark(rng: Random, locale: str) -> Case:
    """Digits at a line's start that are no list mark: a list can't begin a paragraph's second line but with 1."""
    line = rng.choice(
        ["{n}. So much for the orders.", "1.5 times as many as before.", "{n}.5 on average.", "{n} orders."]
    )
    bad = f"{base(locale)}\n{line.format(n=rng.randint(1_001, 98_999))}"
    return fault("false_mark", shop(rng, locale), locale, bad, base(locale))


def tampered(rng: Random, locale: str) -> Case:
    """The table that code wrote, with one cell overwritten or a line added."""
    item = one_of(rng, locale, countries, comparison)
    good = table(item, locale)
    ref = rng.choice([s.ref for s in spots([item]) if s.ref in good] or ["|"])
    total = "| " + " | ".join(["48,213"] * len(item.result.columns)) + " |"
    bad = rng.choice([good.replace(ref, "48,213", 1), good.rstrip() + "\n" + total, good.replace(ref, ref + "0", 1)])
    return fault("tampered", item, locale, bad, good)


MAKERS = (
    swapped, wrong_name, wrong_key, altered, typed, lucky, asked, restated, false_mark, tampered,
)  # fmt: skip


def faults(rounds: int) -> Iterator[Case]:
    """Every entry of every catalogue in each language it is meant for, and `rounds` seeds of every maker."""
    for locale in ("en", "zh"):
        for maker, entries in (
            (broken, BROKEN), (glued, GLUED), (worded, WORDS[locale]), (disguised, DISGUISED), (hidden, HIDDEN),
            (dated, DATES[locale]), (direction, RISING[locale] + FALLING[locale]),
            (from_to, RISING[locale] + FALLING[locale]),
        ):  # fmt: skip
            yield from (maker(Random(f"{maker.__name__} {i}"), locale, x) for i, x in enumerate(entries))
        yield from (misfit(Random(f"misfit {i}"), locale, x) for i, x in enumerate(MISFITS))
        for seeded in MAKERS:
            yield from (seeded(Random(f"{seeded.__name__} {locale} {i}"), locale) for i in range(rounds))


def by_kind(cases: Sequence[Case]) -> dict[str, int]:
    return {kind: sum(c.kind == kind for c in cases) for kind in dict.fromkeys(c.kind for c in cases)}
