"""What in an answer, as each front end shows it, would link, fetch or run: empty where nothing does."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

import pytest
from markdown_it import MarkdownIt

from ui.commands.common import print_json
from ui.commands.shown import show
from ui.render import csv_text

LIVE_TOKENS = {"link_open", "image", "html_inline", "html_block"}
LINKED_BY_OTHERS = re.compile(  # by GitHub, chats, Slack: addresses and tags as they stand
    r"(?<!\\):\/\/|\bwww\.\w|\w(?<!\\)@\w+\.\w|(?<!\\)<[a-z/!?@#]|[\w-](?<!\\)\.[a-z]{2,}/", re.IGNORECASE
)
TAGS = set(
    "h2 h3 p div span ol ul li details summary table thead tbody tr th td code pre em strong br hr button a figure dl dt dd"
    " blockquote s h1 h4 h5 h6".split()
)
ATTRIBUTES = re.compile(r"(?:data|aria)-[a-z]+|class|title|lang|role|type|tabindex|scope|download|start|href|style")
OURS = re.compile(r"(?:stores/|\?store=)[\w/.=&%?-]*")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def live_markdown(text: str) -> list[str]:
    """Links, pictures and HTML of a markdown text, also those that only some readers make of it."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    every = [each for token in tokens for each in (token, *(token.children or []))]
    found = [f"{t.type} {t.content or t.attrs}" for t in every if t.type in LIVE_TOKENS]
    outside = [text for token in tokens if token.type == "inline" for text in (token.content,)]
    return found + [f"{m[0]!r} in {text!r}" for text in outside for m in LINKED_BY_OTHERS.finditer(text)]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [f"<{tag}>"] if tag not in TAGS else []
        for name, value in attrs:
            wrong = {"href": not OURS.fullmatch(value or ""), "style": not re.fullmatch(r"text-align:\w+", value or "")}
            if not ATTRIBUTES.fullmatch(name) or wrong.get(name):
                self.found.append(f"<{tag} {name}={value!r}>")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"<!--{data}-->")

    handle_decl = handle_pi = unknown_decl = handle_comment


def live_html(page: str) -> list[str]:
    """Tags and attributes that are none of ours."""
    parser = _Page()
    parser.feed(page)
    parser.close()
    return parser.found


def live_cells(receipt: Mapping[str, Any]) -> list[str]:
    """Cells of the CSV that a spreadsheet would run, also one that cuts at semicolons or tabs."""
    text = csv_text(receipt)
    rows = [row for mark in ",;\t" for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark)]
    texts = [cell for row in rows for cell in row if not re.fullmatch(r"-?[0-9.e+-]+", cell)]
    return [
        cell
        for cell in texts
        if _is_run(cell) or any(unicodedata.category(c) == "Cc" and c not in "\t\r\n" for c in cell)
    ]


def _is_run(cell: str) -> bool:
    seen = "".join(c for c in cell if unicodedata.category(c) not in {"Cf", "Cc"})
    return unicodedata.normalize("NFKC", seen).strip()[:1] in tuple("=+-@") or cell[:1] in tuple("\t\r\n")


def live_terminal(answer: Mapping[str, Any]) -> list[str]:
    """What a terminal would act on, in all that `./storewise ask` prints of an answer."""
    shown = [_printed(answer, terminal) for terminal in (True, False)] + [_json(answer)]
    return [f"{c!r} in {text!r}" for text in shown for c in COLOURS.sub("", text) if _acts(c)]


def _acts(char: str) -> bool:
    return char != "\n" and (
        unicodedata.category(char) in {"Cc", "Zl", "Zp"} or char in "\u202a\u202b\u202d\u202e\u2066\u2067"
    )


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _printed(answer: Mapping[str, Any], terminal: bool) -> str:
    out, err = _Terminal() if terminal else io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _colours():
        show(dict(answer))
    return out.getvalue() + err.getvalue()


def _json(answer: Mapping[str, Any]) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        print_json(answer)
    assert json.loads(out.getvalue()) == answer
    return out.getvalue()


@contextlib.contextmanager
def _colours() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TERM", "xterm-256color")
        patch.delenv("NO_COLOR", raising=False)
        yield
