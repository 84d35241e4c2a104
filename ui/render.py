"""What front ends share when they show an answer object: cells, CSV, a receipt in words, a conversation to keep."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from agent.figures import figure, is_finite, language
from agent.labels import NULL, first_day, key_text, period_text, plain, seen
from agent.links import unlinked
from agent.proof.headings import heading
from store.state import Turn
from tools.contract import Cell, Column

FORMULA = ("=", "+", "-", "@")  # a spreadsheet runs texts that start so, also behind spaces and in full width
ASKED = {
    "metrics": ("Figures", "指标"),
    "by": ("For each", "按"),
    "where": ("Only where", "条件"),
    "period": ("Period", "时段"),
    "compare_to": ("Compared with", "对比"),
    "order_by": ("Ordered by", "排序"),
    "limit": ("Rows at most", "最多行数"),
    "offset": ("Rows left out before", "之前略去行数"),
    "grain": ("In steps of", "粒度"),
    "rest": ("With everything else", "其余合计"),
    "today": ("Counted from", "今天为"),
    "what": ("Of", "对象"),
    "horizon": ("Period", "时段"),
    "metric": ("Figure", "指标"),
    "until": ("Known until", "数据截至"),
    "model": ("Model", "模型"),
}
NAMES = ("metrics", "by")  # arguments that name columns
SHOWN_BESIDE = frozenset({"sql"})  # arguments that a receipt shows by themselves


def csv_text(receipt: Mapping[str, Any]) -> str:
    """A receipt's rows as a spreadsheet reads them: values as they are, no text that it would run as a formula.

    Texts stand in quotes: a spreadsheet that cuts lines at another mark than ours doesn't cut them there.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([inert(name) for name in receipt["columns"]])
    writer.writerows([inert(value) for value in row] for row in receipt["rows"])
    return out.getvalue()


def inert(value: Cell) -> Cell:
    """A cell that is only read, whatever a shop's title begins with."""
    if not isinstance(value, str):
        return value
    text = "".join(c for c in value if c in "\t\r\n" or unicodedata.category(c) != "Cc")
    starts = unicodedata.normalize("NFKC", plain(text)).startswith(FORMULA) or text.startswith(("\t", "\r", "\n"))
    return "'" + text if starts else text


def column_heading(name: str, locale: str = "en") -> str:
    return heading(Column(name, ""), locale)


def cell_text(value: Cell, unit: str, locale: str = "en") -> str:
    """A cell for people, as answers write it."""
    if value is None:
        return NULL
    if Column("", unit).is_key or isinstance(value, str | bool):
        return key_text(value, unit, locale)
    return figure(value, unit, locale) if is_finite(value) else str(value)


def asked_of(call: Mapping[str, Any], locale: str = "en") -> Iterator[tuple[str, str]]:
    """A tool call's arguments in words; those that were left open are not said."""
    for name, value in call.items():
        if value not in (None, "", [], (), {}, False) and name not in SHOWN_BESIDE:
            name_said = ASKED[name][language(locale) == "zh"] if name in ASKED else column_heading(name, locale)
            yield name_said, _columns_said(value, locale) if name in NAMES else _said(value, locale)


def _columns_said(value: Any, locale: str) -> str:
    """Names of columns: Chinese where there is a word for them."""
    names = [value] if isinstance(value, str) else [str(each) for each in value]
    return ", ".join(column_heading(n, locale) if language(locale) == "zh" else n.replace("_", " ") for n in names)


def _said(value: Any, locale: str) -> str:
    if isinstance(value, Mapping):
        return _said_mapping(value, locale)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_said(each, locale) for each in value)
    return "yes" if value is True else str(value).replace("_", " ")


def _said_mapping(value: Mapping[str, Any], locale: str) -> str:
    if first_day(str(value.get("start"))) and first_day(str(value.get("end"))):
        return period_text(dict(value), locale)
    if {"op", "value"} <= value.keys():
        subject = value.get("field") or f"{value.get('group', '')}: {value.get('metric', '')}"
        return f"{_said(subject, locale)} {value['op']} {_said(value['value'], locale)}"
    return ", ".join(
        f"{name.replace('_', ' ')} {_said(each, locale)}" for name, each in value.items() if each is not None
    )


def shown_text(answer: Mapping[str, Any]) -> str:
    """The markdown that stands for an answer, whatever its status."""
    return str(answer["answer"] or answer["error"] or "")


def as_markdown(turns: Iterable[Turn], store: str) -> str:
    """A conversation to be kept: each question, its answer, and the receipts that prove it."""
    parts = [f"# A conversation about {store}"]
    for turn in turns:
        parts += [f"## {unlinked(plain(turn.question))}", f"*{turn.asked_at}*", unlinked(shown_text(turn.answer))]
        parts += [_receipt_markdown(r) for r in turn.answer["receipts"]]
    return seen("\n\n".join(parts)) + "\n"


def _receipt_markdown(receipt: Mapping[str, Any]) -> str:
    facts = f"Receipt {receipt['id']}: {rows_said(receipt)}, {receipt['elapsed_ms']} ms, data {receipt['data_version']}"
    sql = receipt["sql"] or ""
    fence = "`" * max([3, *(len(ticks) + 1 for ticks in re.findall("`+", sql))])  # nothing in the SQL can close it
    return f"{facts}\n\n{fence}sql\n{sql}\n{fence}" if sql else facts


def rows_said(receipt: Mapping[str, Any]) -> str:
    count = receipt["row_count"]
    return f"{count:,} row" if count == 1 else f"{count:,} rows"
