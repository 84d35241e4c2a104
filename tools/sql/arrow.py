"""Rows between the two processes, in Arrow's stream format."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import nanoarrow
from nanoarrow.ipc import InputStream, StreamWriter

if TYPE_CHECKING:
    import duckdb


class TooLarge(Exception):
    """More bytes than may come back."""


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


def read(data: bytes) -> tuple[list[str], list[str], list[list[Any]]]:
    """Names, types and rows of an Arrow stream."""
    with nanoarrow.ArrayStream(InputStream.from_readable(io.BytesIO(data))) as stream:
        fields = list(stream.schema.fields)
        rows = [list(row) for row in stream.read_all().iter_tuples()]
    return [f.name for f in fields], [f.type.name.lower() for f in fields], rows
