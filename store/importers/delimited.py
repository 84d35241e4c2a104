"""CSV and its kin: texts cut at a delimiter, which is the one that finds most of the columns wanted."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from store.errors import UserError
from store.importers.caps import Caps, over
from store.importers.sheet import Progress, Row, Sheet, shown

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
OFTEN = 20_000  # rows between two words of progress


def sheet(path: Path, encoding: str, fitting: Callable[[list[str]], int], caps: Caps, progress: Progress) -> Sheet:
    """`fitting` says how many of the columns wanted a header has."""

    def found(delimiter: str) -> int:
        try:
            return fitting(next(_records(path, encoding, delimiter, caps, lambda *_: None), (1, []))[1])
        except UserError:  # which the delimiter that is taken may have too
            return -1

    delimiter = max(DELIMITERS, key=found)
    said = f"CSV, {encoding}, {DELIMITERS[delimiter]}"
    return Sheet(path.name, said, _rows(path, encoding, delimiter, caps, progress))


def _rows(path: Path, encoding: str, delimiter: str, caps: Caps, progress: Progress) -> Iterator[Row]:
    width = 0
    for number, cells in _records(path, encoding, delimiter, caps, progress):
        if not any(cells):
            cells = [""] * width
        width = width or len(cells)
        if len(cells) < width or any(cells[width:]):
            found = f"{len(cells)} cells where the header has {width} ({shown(delimiter.join(cells), 120)!r})"
            remedy = "Look for a line break or a quotation mark that is not closed."
            raise UserError(f"{path.name}, row {number}: {found}. {remedy}")
        yield number, cells


def _records(
    path: Path, encoding: str, delimiter: str, caps: Caps, progress: Progress
) -> Iterator[tuple[int, list[str]]]:
    size, number = path.stat().st_size, 0
    with path.open("rb") as file, io.TextIOWrapper(file, encoding=encoding, newline="") as text:
        lines = _Lines(text, caps.row)
        try:
            for number, cells in enumerate(csv.reader(lines, delimiter=delimiter), 1):
                if lines.taken > caps.cell and max(map(len, cells), default=0) > caps.cell:
                    raise over(f"{path.name}, row {number}:", "cell", caps)
                lines.taken = 0
                if number % OFTEN == 0:
                    progress(f"reading {path.name}", file.tell() / size)
                yield number, cells
        except _TooLong:
            raise over(f"{path.name}, row {number + 1}:", "row", caps) from None
        except csv.Error as error:
            place = f"{path.name}, row {number + 1}:"
            if "field limit" in str(error):  # the csv module's own, of a quotation that goes on and on
                raise over(place, "cell", caps) from error
            raise UserError(f"{place} {error}. Look for a quotation mark not closed.") from error


class _TooLong(Exception):
    pass


class _Lines:
    """The lines of a text. _TooLong once more than `most` characters were taken since `taken` was last set to 0."""

    def __init__(self, text: TextIO, most: int) -> None:
        self._text, self._most = text, most
        self.taken = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._most + 1)
        self.taken += len(line)
        if self.taken > self._most:
            raise _TooLong
        if not line:
            raise StopIteration
        return line
