"""Messages made from a grammar and the planner's vocabulary: plain ones, but of every figure, dimension and form."""

from __future__ import annotations

import random
from collections.abc import Callable

from agent.planner import words
from agent.planner.corpus import Marked, Meaning, Said
from agent.planner.lexer import CJK
from agent.planner.pools import Pools

OPENERS = (
    *("", "", "show me ", "what was ", "what were our ", "give me ", "list ", "i need ", "how was our "),
    *("can you tell me ", "let me see ", "what is the ", "please give ", "tell me the ", "our ", "get me "),
)
OPENERS_ZH = ("", "", "请问", "看一下", "帮我查", "给我", "我想知道", "列出", "统计")
PLACES = {
    "country": ("in {}", "from {}", "for {}", "to {}", "of {} customers", "{}"),
    "product": ("of {}", "for {}", "for the {}", "of the {}"),
    "category": ("in {}", "of {}", "for category {}"),
    "brand": ("of {}", "for the brand {}", "by {}"),
    "city": ("in {}", "from {}"),
    "region": ("in {}",),
    "channel": ("through {}", "on {}", "via the {}"),
    "payment_method": ("paid by {}", "with {}"),
    "segment": ("from {} customers", "for the {} segment"),
}
LEFT_OUT = ("excluding {}", "without {}", "except {}", "apart from {}", "not counting {}", "ex {}")
VERSUS = ("vs {}", "versus {}", "compared with {}", "compared to {}", "against {}")
PLURALS = {
    "product": "products",
    "category": "categories",
    "brand": "brands",
    "country": "countries",
    "region": "regions",
    "city": "cities",
    "channel": "channels",
    "segment": "segments",
    "customer": "customers",
    "payment_method": "payment methods",
}
KEYED = tuple(PLURALS)
TIMES = {"month": "months", "week": "weeks", "day": "days"}


class _Writer:
    """Puts a message together piece by piece, and knows where its spans stand."""

    def __init__(self, pools: Pools, rng: random.Random, chinese: bool) -> None:
        self.pools, self.rng, self.chinese = pools, rng, chinese
        self.text, self.spans = "", list[Marked]()

    def put(self, form: str, kind: str = "", surface: str = "", excluded: bool = False) -> None:
        before, _, after = form.partition("{}")
        gap = "" if self.chinese or not self.text or self.text.endswith(" ") else " "
        self.text += gap + before
        if kind:
            self.spans.append(Marked(len(self.text), len(self.text) + len(surface), kind, excluded))
        self.text += surface + after

    def span(self, form: str, kind: str, excluded: bool = False) -> bool:
        surface = self.pools.draw(kind, self.chinese, self.rng)
        if surface is not None:
            self.put(form, kind, surface, excluded)
        return surface is not None


def phrase(table: dict[str, str], key: str, chinese: bool, rng: random.Random) -> str:
    """One of the words for a thing, in the language."""
    known = [p.strip() for p in table[key].split("|") if p.strip() and bool(CJK.search(p)) == chinese]
    return rng.choice(known) if known else key.replace("_", " ")


def generated(pools: Pools, rng: random.Random) -> Said:
    """A message of one of the forms."""
    chinese = rng.random() < 0.35
    writer, meaning = _Writer(pools, rng, chinese), Meaning()
    form = rng.choice(FORMS_ZH if chinese else FORMS)
    form(writer, meaning, rng)
    return Said(writer.text, tuple(writer.spans), meaning)


def _metric(w: _Writer, m: Meaning, rng: random.Random) -> str:
    name = rng.choice(list(words.METRICS))
    m.metrics.append(name)
    return phrase(words.METRICS, name, w.chinese, rng)


def _figure(w: _Writer, m: Meaning, rng: random.Random) -> None:
    w.put(rng.choice(OPENERS) + _metric(w, m, rng))
    if rng.random() < 0.15:
        w.put("and " + _metric(w, m, rng))
    _adjuncts(w, m, rng)


def _adjuncts(w: _Writer, m: Meaning, rng: random.Random) -> None:
    parts: list[Callable[[_Writer, Meaning, random.Random], None]] = [_when]
    parts += rng.sample([_where, _split, _without, _compared, _trend], rng.choice((0, 1, 1, 2)))
    rng.shuffle(parts)
    for part in parts:
        part(w, m, rng)


def _when(w: _Writer, m: Meaning, rng: random.Random) -> None:
    if rng.random() < 0.75:
        w.span(rng.choice(("{}", "in {}", "for {}", "during {}", "over {}")), "period")


def _where(w: _Writer, m: Meaning, rng: random.Random) -> None:
    kind = rng.choice(list(PLACES))
    w.span(rng.choice(PLACES[kind]), kind)


def _without(w: _Writer, m: Meaning, rng: random.Random) -> None:
    w.span(rng.choice(LEFT_OUT), rng.choice(("country", "product", "category", "channel")), excluded=True)


def _split(w: _Writer, m: Meaning, rng: random.Random) -> None:
    if not m.grain:
        name = rng.choice([*KEYED, "weekday", "hour"])
        m.by.append(name)
        w.put(rng.choice(("by ", "per ", "for each ", "split by ")) + phrase(words.DIMENSIONS, name, False, rng))


def _trend(w: _Writer, m: Meaning, rng: random.Random) -> None:
    if not m.by:
        m.grain = rng.choice(("day", "week", "month", "quarter", "year"))
        w.put(phrase(words.GRAINS, m.grain, w.chinese, rng))


def _compared(w: _Writer, m: Meaning, rng: random.Random) -> None:
    if rng.random() < 0.5 and any(s.kind == "period" for s in w.spans):
        w.span(rng.choice(VERSUS), "versus")
    else:
        m.versus = rng.choice(("previous", "year_earlier"))
        w.put(phrase(words.COMPARES, m.versus, w.chinese, rng))


def _ranking(w: _Writer, m: Meaning, rng: random.Random) -> None:
    name = rng.choice([*KEYED, *TIMES])
    m.by.append(name)
    low = rng.random() < 0.3
    count = rng.choice(("limit", "some", "one", "place"))
    best = rng.choice(("worst", "bottom", "lowest", "weakest") if low else ("top", "best", "highest", "biggest"))
    if count == "one":
        most = ("lowest", "least", "fewest") if low else ("highest", "most")
        w.put(f"which {name.replace('_', ' ')} had the {rng.choice(most)}")
    elif count == "some":
        w.put(f"{rng.choice(('', 'our ', 'show '))}{best} {(PLURALS | TIMES)[name]} by")
    elif count == "place":
        w.put(rng.choice(("the", "which is the", "what was our")))
        w.put("{}", "limit", rng.choice(("second", "third", "2nd", "3rd", "fourth", "5th")))
        w.put(f"{best} {name.replace('_', ' ')} by")
        count = "one"
    else:
        w.put(f"{rng.choice(('', 'the ', 'list the '))}{best}")
        w.span("{}", "limit")
        w.put(f"{(PLURALS | TIMES)[name]} by")
    m.flags = frozenset({"bottom" if low else "top"} | ({count} if count != "limit" else set()))
    w.put(_metric(w, m, rng))
    rng.choice((_when, _where, _without))(w, m, rng)
    if not any(s.kind == "period" for s in w.spans):
        _when(w, m, rng)


def _share(w: _Writer, m: Meaning, rng: random.Random) -> None:
    w.put(
        rng.choice(("what share of ", "what percentage of our ", "what % of ", "how much of the ")) + _metric(w, m, rng)
    )
    w.put(rng.choice(("is", "comes", "came", "was")))
    _where(w, m, rng)
    _when(w, m, rng)
    m.flags = frozenset({"share"})


def _growth(w: _Writer, m: Meaning, rng: random.Random) -> None:
    w.put(rng.choice(("how much did ", "by how much did ", "by what percentage did ")) + _metric(w, m, rng))
    w.put(rng.choice(("grow", "change", "go up", "fall", "increase")))
    _when(w, m, rng)
    _compared(w, m, rng)
    m.flags = frozenset({"growth"})


def _follow_up(w: _Writer, m: Meaning, rng: random.Random) -> None:
    w.put(rng.choice(("and", "what about", "how about", "same for", "now", "ok and", "only", "just")))
    rng.choice((_when, _where, _where, _without, _trend))(w, m, rng)
    if not w.spans and not m.grain:
        w.span("{}", "period")
    m.flags = frozenset({"lean"})


def _threshold(w: _Writer, m: Meaning, rng: random.Random) -> None:
    metric, said = rng.choice((("orders", "orders"), ("orders", "times"), ("units", "items"), ("revenue", "")))
    sign = rng.choice((">", ">=", "<", "<="))
    m.metrics, m.having = ["customers"], ("customer", metric, sign)
    w.put(rng.choice(("how many customers ", "customers who ", "number of clients that ")))
    w.put(rng.choice(("ordered", "bought")) if said else rng.choice(("spent", "paid")))
    w.put(
        phrase(words.CONDITIONS, sign, False, rng) if sign in (">", "<") else {">=": "at least", "<=": "at most"}[sign]
    )
    w.span("{}", "number")
    w.put(said)
    _when(w, m, rng)


def _figure_zh(w: _Writer, m: Meaning, rng: random.Random) -> None:
    w.put(rng.choice(OPENERS_ZH))
    for part in rng.sample((_when_zh, _where_zh, _split_zh), rng.choice((1, 2, 3))):
        part(w, m, rng)
    w.put(_metric(w, m, rng) + rng.choice(("", "是多少", "有多少", "怎么样")))


def _when_zh(w: _Writer, m: Meaning, rng: random.Random) -> None:
    w.span(rng.choice(("{}", "{}的", "在{}")), "period")


def _where_zh(w: _Writer, m: Meaning, rng: random.Random) -> None:
    w.span(rng.choice(("{}", "{}的")), rng.choice(("country", "product", "category", "channel", "city", "brand")))


def _split_zh(w: _Writer, m: Meaning, rng: random.Random) -> None:
    if rng.random() < 0.4:
        _trend(w, m, rng)
        w.put("的")
        return
    name = rng.choice(KEYED)
    m.by.append(name)
    w.put(rng.choice(("按{0}", "各{0}", "每个{0}的")).format(_noun_zh(name, rng)))


def _noun_zh(name: str, rng: random.Random) -> str:
    return {"customer": "客户", "payment_method": "支付方式"}.get(name) or phrase(words.DIMENSIONS, name, True, rng)


def _ranking_zh(w: _Writer, m: Meaning, rng: random.Random) -> None:
    name = rng.choice(KEYED)
    m.by.append(name)
    low = rng.random() < 0.3
    _when_zh(w, m, rng)
    w.put(_metric(w, m, rng))
    count = rng.choice(("limit", "some", "one", "place"))
    if count == "place":
        w.put("{}", "limit", rng.choice(("第二", "第三", "第四", "第五")))
        w.put(("低的" if low else "高的") + _noun_zh(name, rng) + "是哪个")
        m.flags = frozenset({"bottom" if low else "top", "one"})
        return
    w.put(rng.choice(("最低的", "最少的") if low else ("最高的", "最多的", "最大的")))
    if count == "limit":
        w.span(rng.choice(("{}个", "前{}个", "{}")), "limit")
        w.put(_noun_zh(name, rng))
    else:
        w.put(_noun_zh(name, rng) + ("有哪些" if count == "some" else "是哪个"))
    m.flags = frozenset({"bottom" if low else "top"} | ({count} if count != "limit" else set()))


def _follow_up_zh(w: _Writer, m: Meaning, rng: random.Random) -> None:
    if rng.random() < 0.3:
        w.put(rng.choice(("那", "换成", "改成")) + _metric(w, m, rng) + "呢")
    else:
        w.put(rng.choice(("那", "再看", "还有")))
        rng.choice((_when_zh, _where_zh))(w, m, rng)
        w.put("呢")
    m.flags = frozenset({"lean"})


def _share_zh(w: _Writer, m: Meaning, rng: random.Random) -> None:
    _when_zh(w, m, rng)
    _where_zh(w, m, rng)
    w.put("占总" + _metric(w, m, rng) + rng.choice(("的百分之几", "的比例", "多少")))
    m.flags = frozenset({"share"})


def _growth_zh(w: _Writer, m: Meaning, rng: random.Random) -> None:
    _when_zh(w, m, rng)
    m.versus = rng.choice(("previous", "year_earlier"))
    w.put(
        _metric(w, m, rng)
        + ("环比" if m.versus == "previous" else "同比")
        + rng.choice(("增长多少", "变化", "下降了多少"))
    )
    m.flags = frozenset({"growth"})


FORMS = (_figure, _figure, _figure, _figure, _ranking, _ranking, _share, _growth, _follow_up, _threshold)
FORMS_ZH = (_figure_zh, _figure_zh, _figure_zh, _ranking_zh, _ranking_zh, _follow_up_zh, _share_zh, _growth_zh)
