"""How much an import reads of one file, and what is said of more."""

from dataclasses import dataclass

from store.errors import UserError


@dataclass(frozen=True)
class Caps:
    """The most of everything, for one file. The last four are for workbooks, which are packed."""

    file: int = 4_000_000_000  # bytes
    rows: int = 20_000_000  # of a table
    columns: int = 2_000
    cell: int = 131_072  # characters
    row: int = 4_000_000  # characters of all its cells
    content: int = 4_000_000_000  # bytes of all cells, which a Parquet file may pack a millionfold
    unpacked: int = 2_000_000_000  # bytes of all parts
    ratio: int = 100  # times the file's size, where that is more than `small`
    small: int = 50_000_000  # bytes unpacked
    memory: int = 1_000_000_000  # bytes of address space of the process that reads it
    seconds: int = 300  # of a processor, for that process


CAPS = Caps()

_PARTS = "Split it, for example by year, and import the parts one after another, the later ones appended."
_LEAVE = "Leave out the columns that are not needed."
_AS_CSV = "Save the sheet with the lines as CSV and import that."
_OVER = {
    "file": ("is larger than {mb:,} MB, the most that is read", _PARTS),
    "rows": ("has more than {most:,} rows, the most that are read", _PARTS),
    "columns": ("has more than {most:,} columns, the most that are read", _LEAVE),
    "cell": (
        "a cell has more than {most:,} characters, the most that it may have",
        "Look for a quotation mark that is not closed, or shorten the cell.",
    ),
    "row": (
        "a row has more than {most:,} characters, the most that it may have",
        "Look for line breaks that are missing, or leave out columns.",
    ),
    "content": ("holds more than {mb:,} MB of text, the most that is read", _PARTS),
    "unpacked": ("unpacks to more than {mb:,} MB, the most that is read", _AS_CSV),
    "ratio": ("unpacks to more than {most:,} times its size, the most that is read", _AS_CSV),
    "memory": (
        "takes more than {mb:,} MB of memory, the most that reading it may take",
        f"Look for a stray cell far below the table or right of it, and delete it. Or: {_AS_CSV}",
    ),
    "seconds": ("takes more than {most:,} seconds to read, the most that it may take", _AS_CSV),
}


def over(what: str, cap: str, caps: Caps = CAPS) -> UserError:
    """The error that `what`, a file or a place in it, is over a cap."""
    said, remedy = _OVER[cap]
    most: int = getattr(caps, cap)
    return UserError(f"{what} {said.format(most=most, mb=most // 1_000_000)}. {remedy}")
