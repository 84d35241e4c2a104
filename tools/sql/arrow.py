"""Rows between the two processes, in Arrow's stream format."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

import nanoarrow
from nanoarrow.ipc import InputStream, StreamWriter
from nanoarrow.iterator import PyIterator, RowTupleIterator

if TYPE_CHECKING:
    import duckdb


DIGITS = Context(prec=40)  # DuckDB's decimals have 38


class TooLarge(Exception):
    """More bytes than may come back."""


class OutOfRange(Exception):
    """A date that Python has no room for."""


class _Bounded(io.BytesIO):
    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self.full = False

    def write(self, data: Any) -> int:
        self.full = self.full or self.tell() + len(data) > self._most
        if self.full:
            raise TooLarge
        return super().write(data)


def written(relation: duckdb.DuckDBPyRelation, most: int) -> bytes:
    """The relation's rows as an Arrow stream. Raises TooLarge, and what the database raises."""
    out = _Bounded(most)
    try:
        with StreamWriter.from_writable(out) as writer:
            writer.write_stream(nanoarrow.c_array_stream(relation))
    except Exception as error:
        if out.full:  # nanoarrow raises an error of its own for any that writing raises
            raise TooLarge(f"The result is larger than {most:,} bytes.") from error
        raise
    return out.getvalue()


def read(data: bytes) -> tuple[list[str], list[list[Any]]]:
    """Names and rows of an Arrow stream. Raises OutOfRange."""
    with nanoarrow.ArrayStream(InputStream.from_readable(io.BytesIO(data))) as stream:
        names = [field.name for field in stream.schema.fields]
        try:
            rows = [list(row) for chunk in stream.read_all().iter_chunks() for row in _Rows.get_iterator(chunk)]
        except (OverflowError, ValueError) as error:
            raise OutOfRange from error
    return names, rows


class _Cells(PyIterator):  # type: ignore[misc]
    """nanoarrow reads a decimal's bytes as if none were negative."""

    def _decimal_iter(self, offset: int, length: int) -> Iterator[Decimal | None]:
        scale = -self._schema_view.decimal_scale
        for item in self._primitive_iter(offset, length):
            whole = None if item is None else int.from_bytes(item, sys.byteorder, signed=True)
            yield None if whole is None else Decimal(whole).scaleb(scale, DIGITS)


class _Rows(RowTupleIterator):  # type: ignore[misc]
    def _make_child(self, schema: Any, array_view: Any) -> _Cells:
        return _Cells(schema, array_view=array_view)


def text_size(rows: list[list[Any]]) -> int:
    """How large the rows are as JSON, which is how they go on: a byte of Arrow can be many of those."""
    return len(json.dumps(rows, default=str, ensure_ascii=False))
