"""The answer's markdown as Slack's rich text and tables. Nothing in rich text is markup: no text can become a link,
a mention or a command, whatever a product is called."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from agent.labels import seen

Element = dict[str, Any]
MOST_TEXT = 6_000  # characters of one message's prose
STYLES = {"strong": "bold", "em": "italic", "s": "strike"}
LISTS = {"bullet_list_open": "bullet", "ordered_list_open": "ordered"}
CUT = "…"


@dataclass(frozen=True)
class Table:
    """The head first."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Rich:
    """What stands between tables."""

    elements: tuple[Element, ...]


def pieces(markdown: str) -> list[Rich | Table]:
    """The text in its order, cut after MOST_TEXT characters of prose."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.disable(["link", "reference", "image", "autolink", "html_block", "html_inline"])
    return list(_joined(_blocks(reader.parse(seen(markdown)))))


def _blocks(tokens: Sequence[Any]) -> Iterator[Element | Table]:
    i = 0
    while i < len(tokens):
        kind = tokens[i].type
        end = _end(tokens, i)
        if kind == "table_open":
            yield _table(tokens[i:end])
        elif kind in LISTS:
            yield from _list(tokens[i:end], LISTS[kind])
        elif kind in ("fence", "code_block"):
            yield {"type": "rich_text_preformatted", "elements": [_text(tokens[i].content.rstrip() or " ")]}
        elif kind == "inline":
            if leaves := _leaves(tokens[i]):
                yield {"type": "rich_text_section", "elements": leaves}
        else:
            end = i + 1  # the opening or end of something: what is inside comes next
        i = max(end, i + 1)


def _end(tokens: Sequence[Any], start: int) -> int:
    """Just after what opens at `start`."""
    depth = 0
    for i in range(start, len(tokens)):
        depth += tokens[i].nesting
        if depth == 0:
            return i + 1
    return len(tokens)


def _table(tokens: Sequence[Any]) -> Table:
    rows: list[list[str]] = []
    for before, token in itertools.pairwise(tokens):
        if before.type == "tr_open":
            rows.append([])
        if before.type in ("th_open", "td_open"):
            rows[-1].append("".join(leaf["text"] for leaf in _leaves(token)))
    return Table(tuple(tuple(row) for row in rows))


def _list(tokens: Sequence[Any], style: str) -> Iterator[Element]:
    items = [_leaves(token) for token in tokens if token.type == "inline"]
    sections = [{"type": "rich_text_section", "elements": leaves} for leaves in items if leaves]
    if sections:
        yield {"type": "rich_text_list", "style": style, "elements": sections}


def _leaves(inline: Any) -> list[Element]:
    """Texts with their styles; neighbours of one style are one."""
    styles: list[str] = []
    leaves: list[Element] = []
    for child in inline.children or []:
        name = child.type.removesuffix("_open").removesuffix("_close")
        if name in STYLES:
            styles = [*styles, STYLES[name]] if child.nesting > 0 else styles[:-1]
            continue
        text = "\n" if child.type.endswith("break") else child.content
        leaf = _text(text, *styles, *(["code"] if child.type == "code_inline" else []))
        if text and leaves and leaves[-1].get("style") == leaf.get("style"):
            leaves[-1]["text"] += text
        elif text:
            leaves.append(leaf)
    return leaves


def _text(text: str, *styles: str) -> Element:
    return {"type": "text", "text": text} | ({"style": dict.fromkeys(styles, True)} if styles else {})


def _joined(found: Iterator[Element | Table]) -> Iterator[Rich | Table]:
    """Paragraphs are kept apart by an empty line, as rich text has none by itself."""
    left, run = MOST_TEXT, list[Element]()
    for each in found:
        if isinstance(each, Table):
            if run:
                yield Rich(tuple(run))
            run = []
            yield each
            continue
        if left <= 0:
            continue
        each, left = _cut(each, left)
        if run and each["type"] == run[-1]["type"] == "rich_text_section":
            run[-1]["elements"].append(_text("\n\n"))
        run.append(each)
    if run:
        yield Rich(tuple(run))


def _cut(element: Element, left: int) -> tuple[Element, int]:
    """The element, as far as there is room; and what room is left then."""
    if element["type"] == "rich_text_list":
        kept = []
        for section in element["elements"]:
            if left > 0:
                section, left = _cut(section, left)
                kept.append(section)
        return {**element, "elements": kept}, left
    leaves = []
    for leaf in element["elements"]:
        if left <= 0:
            break
        text = leaf["text"] if len(leaf["text"]) <= left else leaf["text"][: max(1, left - 1)] + CUT
        leaves.append({**leaf, "text": text})
        left -= len(leaf["text"])
    return {**element, "elements": leaves}, left


def plain(found: Sequence[Rich | Table]) -> str:
    """The prose without its form, for notifications and screen readers."""
    texts = [_plain(element) for piece in found if isinstance(piece, Rich) for element in piece.elements]
    return "\n".join(texts).strip()


def _plain(element: Element) -> str:
    if element["type"] == "text":
        return str(element["text"])
    glue = "\n" if element["type"] == "rich_text_list" else ""
    return glue.join(_plain(each) for each in element["elements"])
