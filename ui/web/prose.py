"""The answer's markdown as HTML: no links, no pictures, no HTML of its own, and each number tied to its receipt."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ui.render import column_heading

_READING = re.compile(r"(Read as|读作|理解为)")


class Prose:
    """Splits an answer's text at its first table, so that a chart can stand before it."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self._markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")
        self._markdown.disable(["link", "reference", "image", "autolink", "html_block", "html_inline"])
        self._receipts = {r["id"]: r for r in answer["receipts"]}
        self._numbers = list(answer["numbers"])
        tokens = self._markdown.parse(answer["answer"] or "")
        _mark_reading(tokens)
        self._tie(tokens)
        first = next((i for i, t in enumerate(tokens) if t.type == "table_open"), len(tokens))
        self.before, self.rest = self._html(tokens[:first]), self._html(tokens[first:])
        self.has_table = first < len(tokens)

    def _html(self, tokens: Sequence[Token]) -> str:
        return str(self._markdown.renderer.render(tokens, self._markdown.options, {}))

    def _tie(self, tokens: list[Token]) -> None:
        """Numbers of the text are in the order of the answer's "numbers"."""
        for start, end in _tables_and_texts(tokens):
            if tokens[start].type == "table_open":
                self._tie_table(tokens[start : end + 1])
            else:
                self._tie_text(tokens[start])

    def _tie_text(self, token: Token) -> None:
        children: list[Token] = []
        for child in token.children or []:
            children += self._tied(child) if child.type == "text" else [child]
        token.children = children

    def _tied(self, token: Token) -> Iterator[Token]:
        text, at = token.content, 0
        while self._numbers and (found := _find(self._numbers[0]["text"], text, at)) is not None:
            number = self._numbers.pop(0)
            yield _text(text[at:found])
            at = found + len(number["text"])
            yield _raw(f'<span class="num" title="{html.escape(source(number))}">{html.escape(number["text"])}</span>')
        yield _text(text[at:])

    def _tie_table(self, tokens: list[Token]) -> None:
        """Cells get their unrounded values, to sort by; the table gets its receipt, for the CSV."""
        heads = [tokens[i + 1].content for i, t in enumerate(tokens) if t.type == "th_open"]
        receipts: list[str] = []
        for row in _rows(tokens):
            claims = [self._claim(inline.content) for _, inline in row]
            first = next((c for c in claims if c), None)
            for (cell, inline), claim, head in zip(row, claims, heads, strict=False):
                value = claim["value"] if claim else self._key(first, head)
                if value is not None:
                    cell.attrSet("data-value", str(value))
                if claim:
                    cell.attrSet("title", source(claim))
                inline.children = [_text(inline.content)] if claim else inline.children
            receipts += [first["receipt"]] if first else []
        if receipts:
            tokens[0].attrSet("data-receipt", receipts[0])

    def _claim(self, content: str) -> Mapping[str, Any] | None:
        is_next = self._numbers and self._numbers[0]["text"] == content.strip()
        return self._numbers.pop(0) if is_next else None

    def _key(self, beside: Mapping[str, Any] | None, head: str) -> Any:
        """The raw key in the receipt's row that the cells beside it come from: months then sort as months."""
        receipt = self._receipts.get(beside["receipt"]) if beside else None
        if beside is None or receipt is None or not isinstance(beside.get("row"), int):
            return None
        for name, value in zip(receipt["columns"], receipt["rows"][beside["row"]], strict=True):
            if head in {column_heading(name), column_heading(name, "zh")}:
                return value
        return None


def source(number: Mapping[str, Any]) -> str:
    """Where a number comes from, in a line."""
    operands = number["operands"]
    if number["how"] != "cell" and operands:
        return f"{number['how'].replace('_', ' ')} of {len(operands)} cells of receipt {operands[0]['receipt']}"
    row = number["row"] + 1 if isinstance(number["row"], int) else "all"
    return f"Receipt {number['receipt']}, row {row}, {number['column']}"


def _find(number: str, text: str, start: int) -> int | None:
    """Where the number stands by itself, not as a part of a longer one."""
    found = re.compile(rf"(?<![\w.,]){re.escape(number)}(?![\w]|[.,]\d)").search(text, start)
    return found.start() if found else None


def _tables_and_texts(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    inside = -1
    for i, token in enumerate(tokens):
        if token.type == "table_open":
            inside = i
        elif token.type == "table_close":
            yield inside, i
            inside = -1
        elif token.type == "inline" and inside < 0:
            yield i, i


def _rows(tokens: Sequence[Token]) -> Iterator[list[tuple[Token, Token]]]:
    row: list[tuple[Token, Token]] = []
    for i, token in enumerate(tokens):
        if token.type == "td_open":
            row.append((token, tokens[i + 1]))
        elif token.type == "tr_close" and row:
            yield row
            row = []


def _mark_reading(tokens: Sequence[Token]) -> None:
    """The restatement of the question is set smaller than the answer to it."""
    for opening, inline in pairwise(tokens):
        if opening.type == "paragraph_open" and _READING.match(inline.content.lstrip("_*")):
            opening.attrSet("class", "reading")


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _raw(content: str) -> Token:
    return Token("html_inline", "", 0, content=content)
