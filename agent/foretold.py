"""A forecast in plain sentences: what is expected, between which bounds, how far off such forecasts were, and beside
what it stands. Every number is a reference.
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.proof.headings import heading
from agent.read_as import SEPARATOR, conditions
from agent.receipts import Receipt
from tools.forecast import promoted, together
from tools.forecast import rows as parts
from tools.forecast.levels import MIXED, MODEL
from tools.forecast.outlook import EARLIER, OLD, TOO_FAR, TOO_SHORT, UNTRAINED, UNUSABLE
from tools.forecast.simple import NAIVE
from tools.forecast.tool import BULK, CLOSED, FEW_PERIODS, NO_TEST
from tools.forecast.whatif import NOTE

MOST = 31  # buckets in the table
END, GAP = (".", "。"), (" ", "")
LABELS = {"units": ("units", "销量"), "revenue": ("revenue", "销售额")}
LEAST_BOUND = ("low", "high")
METHODS: dict[str, tuple[str, str]] = {
    MODEL: ("the shop's own trained model", "本店训练的模型"),
    MIXED: ("the shop's own trained model, averaged with the last weeks", "本店训练的模型与最近几周的平均"),
    "recent": ("the mean of the last weeks", "最近几周的均值"),
    "longer": ("the mean of the last few months", "最近几个月的均值"),
    "last_year": ("the same weeks of the year before", "去年同期的数值"),
    "grown": ("the same weeks of the year before, at today's level", "去年同期数值按现有水平调整"),
    "moved": ("the last few months, moved as the shop was a year before", "最近几个月按去年同期走势调整"),
}  # fmt: skip
REPEATED = {
    "last_year": ("repeating the year before", "照搬去年同期"),
    "recent": ("repeating the last weeks", "照搬最近几周"),
}
KEYS = {name: key for key, name in parts.NAMES.items()}
TRAINED = frozenset({MODEL, MIXED})
SIMPLE_ZH = {
    UNTRAINED: "这是简单预测：本店的模型尚未训练好。",
    OLD: "这是简单预测：现有模型基于旧数据，需要重新训练。",
    TOO_SHORT: "这是简单预测：历史太短，无法训练模型。",
    TOO_FAR: "这是简单预测：模型看不到那么远。",
    EARLIER: "这是简单预测：模型已知道那天之后的数据。",
    UNUSABLE: "这是简单预测：模型无法读取，请重新训练。",
}
NOTES_ZH = {
    NOTE: "价格的影响由以往的调价得出，各与自身及同品类当周相比。",
    promoted.NOTE: "促销的影响由同品类以往的促销得出，各与自身其他日子及同品类当周相比。",
    together.NOTE: "促销在变动后的价格上再降；区间包含价格与促销影响的误差（它们相互关联），并假定各商品误差一致。",
    FEW_PERIODS: "可回顾的同类时期很少，因此区间较粗略。",
    NO_TEST: "历史太短，无法回顾检验，误差未知。",
    BULK: "一次性的大宗订单只按平常销量计入。",
    CLOSED: "可能停业的日子按停业计。",
}
T: dict[str, tuple[str, str]] = {
    "expected": (
        "{label}{of}, {period}: about **{mean}**. {inside} times out of {all}, it lies between {low} and {high}.",
        "{period}{of}{label}：预计约 **{mean}**。{all} 次中有 {inside} 次在 {low} 到 {high} 之间。",
    ),
    "what_if": (
        "With the price {change}, it would be about **{mean}**: {inside} times out of {all} between {low} and {high}, "
        "as far as the price's effect goes (elasticity {elasticity}).",
        "若价格{change}，预计约 **{mean}**：就价格的影响而言，{all} 次中有 {inside} 次"
        "在 {low} 到 {high} 之间（弹性 {elasticity}）。",
    ),
    "promoted": (
        "With a promotion ({off} off, days with it: {days}), it would be about **{mean}**: {inside} times out of {all} "
        "between {low} and {high}, as far as the promotion's effect goes. A promoted day sells {lift} times as much as "
        "others do; beyond the lower price, {uplift} times.",
        "若有促销（降 {off}，促销天数 {days}），预计约 **{mean}**：就促销的影响而言，{all} 次中有 {inside} 次"
        "在 {low} 到 {high} 之间。促销日与平日的销量之比为 {lift}，其中降价以外的作用为 {uplift}。",
    ),
    "unpromoted": (
        "Without any promotion, it would be about **{mean}**: {inside} times out of {all} between {low} and {high}, as "
        "far as promotions' effect goes. A promoted day has sold {lift} times as much as others.",
        "若没有任何促销，预计约 **{mean}**：就促销的影响而言，{all} 次中有 {inside} 次在 {low} 到 {high} 之间。"
        "以往促销日与平日的销量之比为 {lift}。",
    ),
    "both": (
        "With the price {change} and a promotion ({off} off that price, days with it: {days}), it would be about "
        "**{mean}**: {inside} times out of {all} between {low} and {high}, as far as these effects go. Against the "
        "forecast as it is, the price brings {by_price} (elasticity {elasticity}), the promotion {by_promotion} (a "
        "promoted day sells {uplift} times as much, beyond its lower price).",
        "若价格{change}且有促销（在该价上再降 {off}，促销天数 {days}），预计约 **{mean}**：就这些影响而言，"
        "{all} 次中有 {inside} 次在 {low} 到 {high} 之间。"
        "与原预测相比，价格带来 {by_price}（弹性 {elasticity}），促销带来 {by_promotion}"
        "（促销日在降价以外的作用为 {uplift}）。",
    ),
    "price_unpromoted": (
        "With the price {change} and without any promotion, it would be about **{mean}**: {inside} times out of {all} "
        "between {low} and {high}, as far as these effects go. Against the forecast as it is, the price brings "
        "{by_price} (elasticity {elasticity}), the lack of promotions {by_promotion}.",
        "若价格{change}且没有任何促销，预计约 **{mean}**：就这些影响而言，"
        "{all} 次中有 {inside} 次在 {low} 到 {high} 之间。"
        "与原预测相比，价格带来 {by_price}（弹性 {elasticity}），没有促销带来 {by_promotion}。",
    ),
    "drivers": (
        "The level of the last weeks would make it {level}; the calendar (weekdays, closed days) changes that by "
        "{calendar}, the season and all else by {rest}.",
        "按最近几周的水平为 {level}；日历（星期与停业日）使其变化 {calendar}，季节等其他因素使其变化 {rest}。",
    ),
    "seasonal": (
        "The level of the last weeks would make it {level}; the calendar (weekdays, closed days) changes that by "
        "{calendar}, the time of year by {season}, trend and all else by {rest}.",
        "按最近几周的水平为 {level}；日历（星期与停业日）使其变化 {calendar}，"
        "季节使其变化 {season}，趋势等其他因素使其变化 {rest}。",
    ),
    "so_far": ("Of this, {value} is sold already.", "其中 {value} 已经售出。"),
    "tested": (
        "Over the last {n} such periods, forecasts like this were off by {error} on average",
        "过去 {n} 个同样长的时期里，这种预测平均偏差 {error}",
    ),
    "tested_once": (
        "Of such periods only {n} can be looked back at: a forecast like this was off by {error} then",
        "在可以回顾的 {n} 个同样长的时期里，这种预测偏差 {error}",
    ),
    "naive": ("; {way} would have been off by {error}", "；{way}的偏差为 {error}"),
    "answers": ("It rests on {way}", "依据：{way}"),
    "better": (", which did better here than the shop's own trained model", "，在本店的回顾检验中优于训练的模型"),
    "year": ("On the same days a year earlier it was {value}.", "去年同期为 {value}。"),
    "before": ("The latest stretch of that length brought {value}.", "最近同样长的一段时间为 {value}。"),
    "each": ("One by one:", "分别为："),
    "course": {"day": ("By day:", "按天："), "week": ("By week:", "按周："), "month": ("By month:", "按月：")},  # type: ignore[dict-item]
    "read": ("forecast of {label}", "预测{label}"),
}  # fmt: skip


def foretold(r: Receipt, locale: str) -> str:
    """The sentences as markdown with references, and a table where the course or several things were asked for."""
    said = (_expected, _what_if, _who_and_how_far, _drivers, _beside, _notes, _each, _course)
    return "\n\n".join(filter(None, (sentence(r, locale) for sentence in said)))


def read_as_foretold(r: Receipt, locale: str) -> str:
    """How the question was read."""
    label = _say("read", locale, label=LABELS[_metric(r)][locale == "zh"])
    of = conditions({"where": r.result.input["where"]}, locale) or _names(r)
    return SEPARATOR.join([label, *of, f"{{{r.id}.period}}"])


def rows_of(r: Receipt, part: str) -> list[int]:
    """The rows of a part, in order."""
    return [i for i, row in enumerate(r.result.rows) if row[0] == part]


def course_rows(r: Receipt, part: str) -> list[int]:
    """The rows of a part that is by day, week or month."""
    return rows_of(r, part.format(grain_of(r)))


def grain_of(r: Receipt) -> str:
    return r.result.columns[1].name


def _metric(r: Receipt) -> str:
    return str(r.result.input["metric"])


def _say(key: str, locale: str, **told: str) -> str:
    return T[key][locale == "zh"].format(**told)


def _names(r: Receipt) -> list[str]:
    what = r.result.input["what"]
    return [name for name in ([what] if isinstance(what, str) else what) if name]


def _cell(r: Receipt, row: int, column: str) -> str:
    return f"{{{r.id}.{row}.{column}}}"


def _expected(r: Receipt, locale: str) -> str:
    m = _metric(r)
    of = "" if r.result.cell(0, "what") is None else _cell(r, 0, "what")
    if of:
        of = f" {of} " if locale == "zh" else f" of {of}"
    low, high = (_cell(r, 0, f"{m}_{end}") for end in LEAST_BOUND)
    label = LABELS[m][locale == "zh"]
    told = _say(
        "expected", locale, label=label[:1].upper() + label[1:], of=of, period=f"{{{r.id}.period}}",
        mean=_cell(r, 0, m), low=low, high=high, inside=_cell(r, 0, "times_inside"), all=_cell(r, 0, "times_in_all"),
    )  # fmt: skip
    done = rows_of(r, parts.SO_FAR)
    return told + (GAP[locale == "zh"] + _say("so_far", locale, value=_cell(r, done[0], m)) if done else "")


def _tested(r: Receipt, locale: str) -> str:
    """Who answers, how far off it was, and beside it the naive way."""
    found = {KEYS[str(r.result.cell(i, "method"))]: i for i in rows_of(r, parts.TEST)}
    method, zh = KEYS[str(r.result.cell(0, "method"))], locale == "zh"
    told = _say("answers", locale, way=METHODS[method][zh])
    if method not in TRAINED and MODEL in found:
        told += _say("better", locale)
    if "answer" not in found:
        return told + END[zh]
    own = found["answer"]
    once = r.result.cell(own, "periods_tested") == 1
    cells = {"n": _cell(r, own, "periods_tested"), "error": _cell(r, own, "error")}
    said = _say("tested_once" if once else "tested", locale, **cells)
    naive = next((name for name in NAIVE if name in found), method)
    if naive != method:
        said += _say("naive", locale, way=REPEATED[naive][zh], error=_cell(r, found[naive], "error"))
    return told + END[zh] + GAP[zh] + said + END[zh]


WHAT_IFS = {
    parts.WHAT_IF: "what_if", parts.PROMOTED: "promoted", parts.UNPROMOTED: "unpromoted", parts.BOTH: "both",
    parts.UNPROMOTED_AT: "price_unpromoted",
}  # fmt: skip
SUPPOSED = {
    "change": "price_growth", "elasticity": "elasticity", "off": "promotion_off", "days": "promotion_days",
    "lift": "lift", "uplift": "uplift", "inside": "times_inside", "all": "times_in_all",
}  # fmt: skip
BROUGHT = {"by_price": parts.BY_PRICE, "by_promotion": parts.BY_PROMOTION}


def _what_if(r: Receipt, locale: str) -> str:
    told = [(i, key) for i, row in enumerate(r.result.rows) if (key := WHAT_IFS.get(str(row[0])))]
    if not told:
        return ""
    (at, key), m = told[0], _metric(r)
    columns = SUPPOSED | {"mean": m, "low": f"{m}_low", "high": f"{m}_high"}
    cells = {name: _cell(r, at, column) for name, column in columns.items()}
    brought = {name: _cell(r, row, m) for name, part in BROUGHT.items() for row in rows_of(r, part)}
    return _say(key, locale, **cells, **brought)


def _who_and_how_far(r: Receipt, locale: str) -> str:
    return _simple(r, locale) + _tested(r, locale)


def _drivers(r: Receipt, locale: str) -> str:
    """What it is made of, where it isn't just the last weeks again."""
    m, rows = _metric(r), rows_of(r, parts.DRIVER)
    if not any(r.result.cell(row, m) for row in rows[1:]):
        return ""
    level, calendar, *season, rest = (_cell(r, row, m) for row in rows)
    if not season:
        return _say("drivers", locale, level=level, calendar=calendar, rest=rest)
    return _say("seasonal", locale, level=level, calendar=calendar, season=season[0], rest=rest)


def _simple(r: Receipt, locale: str) -> str:
    """Why the forecast is but a simple one."""
    notes = [n for n in r.result.notes if n in SIMPLE_ZH]
    return "".join((SIMPLE_ZH[n] if locale == "zh" else n) + GAP[locale == "zh"] for n in notes)


def _beside(r: Receipt, locale: str) -> str:
    m = _metric(r)
    pairs = (("year", parts.YEAR_BEFORE), ("before", parts.BEFORE))
    told = [_say(key, locale, value=_cell(r, row, m)) for key, part in pairs for row in rows_of(r, part)[:1]]
    return GAP[locale == "zh"].join(told)


def _notes(r: Receipt, locale: str) -> str:
    notes = [n for n in r.result.notes if n in NOTES_ZH]
    return "".join(NOTES_ZH[n] for n in notes) if locale == "zh" else " ".join(notes)


def _each(r: Receipt, locale: str) -> str:
    rows = rows_of(r, parts.ONE)
    return f"{_say('each', locale)}\n\n{_table(r, locale, rows, 'what')}" if rows else ""


def _course(r: Receipt, locale: str) -> str:
    if not r.result.input["grain"]:
        return ""
    rows = course_rows(r, parts.FORECAST)[:MOST]
    lead = T["course"][grain_of(r)][locale == "zh"]  # type: ignore[call-overload]
    return f"{lead}\n\n{_table(r, locale, rows, grain_of(r))}"


def _table(r: Receipt, locale: str, rows: Sequence[int], key: str) -> str:
    m, lang = _metric(r), "zh" if locale == "zh" else "en"
    names = [key, m, f"{m}_low", f"{m}_high"]
    head = [heading(c, lang) for name in names for c in r.result.columns if c.name == name]
    lines = [head, ["---", *["---:"] * 3], *([_cell(r, i, name) for name in names] for i in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
