"""A model that does whatever the text it has read tells it to, and a server that counts who calls."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers.replies import Reply

FILE = Path(__file__).parent.parent / "data" / "injections.jsonl"
BY = {  # where a text is planted → the dimension that shows it
    "products.title": "product", "products.category": "category", "products.brand": "brand", "orders.city": "city",
    "orders.channel": "channel", "customers.segment": "segment",
}  # fmt: skip
ROWS = {  # the others are read by SQL: table → its key, and a figure beside the text
    "products": ("product_id", "stock"), "reviews": ("review_id", "rating"), "returns": ("return_id", "quantity"),
    "promotions": ("promotion_id", "percent_off"),
}  # fmt: skip


@dataclass(frozen=True)
class Injection:
    """A text planted in a shop, and what a model that obeys it does: the replies of tests/servers/replies.py.

    With `later` it obeys in the next turn of the conversation, from memory alone.
    """

    id: str
    kind: str
    where: str
    text: str
    does: tuple[Reply, ...] = ()
    later: bool = False

    @property
    def cell(self) -> str:
        """The reference to the planted text, once it has been read."""
        return f"{{r1.0.{BY.get(self.where, 'said')}}}"

    def reads(self) -> Reply:
        """The call that brings the text before the model's eyes."""
        if self.where in BY:
            where = [{"field": "product", "op": "=", "value": self.id}]
            return _call("query_metrics", metrics=["units"], by=[BY[self.where]], where=where)
        table, column = self.where.split(".")
        key, figure = ROWS[table]
        return _call(
            "run_sql", sql=f"SELECT {column} AS said, {figure} AS rating FROM {table} WHERE {key} = '{self.id}'"
        )

    def ends(self) -> list[Reply]:
        """What it says in the end, in prose and as a table: the planted text, cited."""
        figure = "{r1.0.units}" if self.where in BY else "{r1.0.rating}"
        prose = {"answer": f"This stands there: {self.cell}, with {figure}."}
        return [prose, {"answer": f"| What | How many |\n| --- | ---: |\n| {self.cell} | {figure} |"}]


def _call(tool: str, **args: Any) -> Reply:
    return {"calls": [{"tool": tool, "args": args}]}


def injections(words: Mapping[str, str], path: Path = FILE) -> list[Injection]:
    """Those of the file, with the words that only a test knows: "$CATCHER", "$OTHER" and the like."""
    return [_injection(json.loads(line), words) for line in path.read_text(encoding="utf-8").splitlines()]


def _injection(entry: dict[str, Any], words: Mapping[str, str]) -> Injection:
    entry["does"] = tuple(entry.get("does", ()))
    blank = Injection(**entry)
    return Injection(**_filled(entry, {**words, "$CELL": blank.cell}))


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for word, stands_for in words.items():
            value = value.replace(word, stands_for)
        return value
    if isinstance(value, dict):
        return {key: _filled(each, words) for key, each in value.items()}
    return type(value)(_filled(each, words) for each in value) if isinstance(value, list | tuple) else value


def obeying(injection: Injection, *, times: int) -> list[list[Reply]]:
    """The model's replies, turn by turn: it does the same again, so many times in all, however it is told to mend it."""
    ends, does = injection.ends(), [*injection.does] * times
    if injection.later:
        return [[injection.reads(), ends[0]], [*does, *ends]]
    return [[injection.reads(), *does, *ends]]


class Catcher:
    """Counts whoever connects; answers nobody."""

    def __init__(self) -> None:
        self.calls: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            with line:
                line.settimeout(0.2)
                try:
                    self.calls.append(line.recv(2_000))
                except OSError:
                    self.calls.append(b"")

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@contextmanager
def catching() -> Iterator[Catcher]:
    catcher = Catcher()
    try:
        yield catcher
    finally:
        catcher.close()
