"""How good forecasts were, in plain sentences. Every number is a reference."""

from __future__ import annotations

from agent.foretold import END, GAP, KEYS, LABELS, REPEATED, SIMPLE_ZH
from agent.proof.headings import heading
from agent.read_as import SEPARATOR, conditions
from agent.receipts import Receipt
from tools.forecast.record import ALL, GONE, METRICS, NONE_DUE, ONE, WAITING
from tools.forecast.rows import ANSWER, TEST
from tools.forecast.simple import NAIVE

T: dict[str, tuple[str, str]] = {
    "all": (
        "Of {n} forecasts of {label} whose days are over, {inside} came within their bounds, which are to hold {times} "
        "times out of {all}; together they were off by {error}.",
        "在 {n} 个已到期的{label}预测中，{inside} 个落在区间内（区间应在 {all} 次中"
        "覆盖 {times} 次），总体偏差 {error}。",
    ),
    "each": ("The last of them, what was expected and what came:", "最近的预测与实际："),
    "test": (
        "Over the last {n} such periods, forecasts{of} of the coming weeks would have been off by {error} on average",
        "在过去 {n} 个同样长的时期里，对随后几周{of}的预测平均偏差 {error}",
    ),
    "naive": ("; {way} would have been off by {error}", "；{way}的偏差为 {error}"),
    "label": ("how good forecasts were", "预测的准确度"),
}  # fmt: skip
SAID_ZH = {
    **SIMPLE_ZH,
    NONE_DUE: "以往给出的预测都还没有到期，因此以下是回顾检验的结果。",
    WAITING: "其余预测尚未到期。",
    GONE: "名称已变的商品的预测未列出。",
}
SHOWN = ("made_on", "first", "last", "what")
ENDS = ("_expected", "_low", "_high", "")


def recalled(r: Receipt, locale: str) -> str:
    """The answer as markdown with references: counts and a table, or the back-test where nothing has come due."""
    chinese = locale == "zh"
    notes = [n for n in r.result.notes if n in SAID_ZH]
    beside = "".join(SAID_ZH[n] for n in notes) if chinese else " ".join(notes)
    told = [_summed(r, chinese), _each(r, chinese)] if _rows(r, ALL) else [_tested(r, chinese)]
    lead, behind = ("", beside) if _rows(r, ALL) else (beside, "")
    return "\n\n".join(filter(None, (lead, *told, behind, _read(r, locale))))


def _rows(r: Receipt, part: str) -> list[int]:
    return [i for i, row in enumerate(r.result.rows) if row[0] == part]


def _cell(r: Receipt, row: int, column: str) -> str:
    return f"{{{r.id}.{row}.{column}}}"


def _measure(r: Receipt, row: int) -> str:
    return next(m for m in METRICS if r.result.cell(row, f"{m}_expected") is not None)


def _summed(r: Receipt, chinese: bool) -> str:
    said = []
    for row in _rows(r, ALL):
        names = {"n": "forecasts", "inside": "inside", "error": "error", "times": "times_inside", "all": "times_in_all"}
        cells = {key: _cell(r, row, column) for key, column in names.items()}
        said.append(T["all"][chinese].format(label=LABELS[_measure(r, row)][chinese], **cells))
    return GAP[chinese].join(said)


def _each(r: Receipt, chinese: bool) -> str:
    """A table for each measure."""
    out = [T["each"][chinese]]
    for m in METRICS:
        rows = [row for row in _rows(r, ONE) if _measure(r, row) == m]
        columns = [c for c in r.result.columns if c.name in (*SHOWN, *(f"{m}{end}" for end in ENDS))]
        head = [heading(c, "zh" if chinese else "en") for c in columns]
        rule = ["---" if c.is_key else "---:" for c in columns]
        lines = [[_shown(r, row, c.name) for c in columns] for row in rows]
        out += ["\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *lines))] if rows else []
    return "\n\n".join(out)


def _shown(r: Receipt, row: int, column: str) -> str:
    return "–" if r.result.cell(row, column) is None else _cell(r, row, column)


def _tested(r: Receipt, chinese: bool) -> str:
    """What the answer would have been off by, and beside it the naive way."""
    found = {str(r.result.cell(row, "method")): row for row in _rows(r, TEST)}
    own = found[ANSWER]
    label = r.result.cell(own, "what")
    of = "" if label is None else f"{_cell(r, own, 'what')}" if chinese else f" of {_cell(r, own, 'what')}"
    said = T["test"][chinese].format(n=_cell(r, own, "forecasts"), of=of, error=_cell(r, own, "error"))
    ways = {KEYS[name]: row for name, row in found.items()}
    naive = next((name for name in NAIVE if name in ways), None)
    if naive:
        said += T["naive"][chinese].format(way=REPEATED[naive][chinese], error=_cell(r, ways[naive], "error"))
    return said + END[chinese]


def _read(r: Receipt, locale: str) -> str:
    what = r.result.input["what"]
    names = [name for name in ([what] if isinstance(what, str) else what) if name]
    of = conditions({"where": r.result.input["where"]}, locale) or names
    lead = "理解为：" if locale == "zh" else "Read as: "
    return f"_{lead}{SEPARATOR.join([T['label'][locale == 'zh'], *of, f'{{{r.id}.period}}'])}_"
