"""What stands around an answer, in the answer's language: English or Chinese."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ui.render import shown_text

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_WORDS: dict[str, tuple[str, str]] = {
    "declined": ("Not answered", "未作答"),
    "error": ("Something is wrong", "出错了"),
    "step": ("1 step", "1 步"),
    "steps": ("{n} steps", "{n} 步"),
    "usage": (
        "{model} · {read:,} tokens read, {written:,} written{cost}",
        "{model} · 读入 {read:,} 个词元，写出 {written:,} 个{cost}",
    ),
    "people": ("Who these customers are", "这些客户是谁"),
    "receipt": ("Receipt", "凭据"),
    "row": ("1 row", "1 行"),
    "rows": ("{n:,} rows", "{n:,} 行"),
    "the_rows": ("Rows", "数据行"),
    "no_rows": ("No rows.", "没有数据行。"),
    "first_rows": (
        "The first {shown} of {rows}; the CSV has them all.",
        "共 {rows}，此处为前 {shown} 行；CSV 含全部。",
    ),
    "tool": ("Tool", "工具"),
    "took": ("Took", "用时"),
    "version": ("Data version", "数据版本"),
    "again": ("Run again", "重新运行"),
    "copy": ("Copy", "复制"),
    "choose": ("Choose one", "请选择"),
    "next": ("Ask next", "接着问"),
    "chart_bar": ("A bar chart", "柱形图"),
    "chart_fan": ("A fan chart: what was sold, what is expected, and its bounds", "扇形图：已售、预计与上下界"),
    "chart_waterfall": ("A waterfall chart", "瀑布图"),
    "chart_line": ("A line chart", "折线图"),
    "beside_table": ("{chart}; the table below has the same figures.", "{chart}；下方表格有相同的数字。"),
    "beside_receipt": ("{chart}; the receipt has the same figures.", "{chart}；凭据中有相同的数字。"),
    "part_bar": ("The first {shown:,} of {of:,}.", "共 {of:,} 项，此处为前 {shown:,} 项。"),
    "part_line": ("The {shown:,} largest of {of:,}.", "共 {of:,} 项，此处为最大的 {shown:,} 项。"),
}


def language_of(answer: Mapping[str, Any]) -> str:
    """ "en" or "zh": what the answer is written in."""
    return "zh" if _CHINESE.search(re.sub(r"“[^”]*”", "", shown_text(answer))) else "en"


def word(name: str, lang: str, **values: object) -> str:
    return _WORDS[name][lang == "zh"].format(**values)


def rows_of(count: int, lang: str) -> str:
    return word("row", lang) if count == 1 else word("rows", lang, n=count)


def usage_of(usage: Mapping[str, Any], lang: str) -> str:
    """Which model, its tokens and, where prices are known, their cost; "" where no tokens were used."""
    read, written = usage["input_tokens"], usage["output_tokens"]
    if not read and not written:
        return ""
    cost = f" · {usage['currency']} {usage['cost']:.4f}" if usage["cost"] else ""
    return word("usage", lang, model=usage["model"], read=read, written=written, cost=cost)
