"""What readers give: a table of texts, row by row."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

Progress = Callable[[str, float], None]  # what is being done, how much of it (0 to 1)
Row = tuple[int, Sequence[str | None]]  # its number as a spreadsheet shows it, its cells


@dataclass
class Sheet:
    """A file, or a sheet of one: its name for people, what it is, and its rows, which are read as they are taken."""

    label: str
    kind: str
    rows: Iterator[Row]


def shown(text: str, most: int = 300) -> str:
    """A text of a file as it may stand in a message: cut, and without characters that a terminal would obey."""
    seen = "".join(ch if ch.isprintable() else "\N{REPLACEMENT CHARACTER}" for ch in text[: most + 1])
    return seen if len(seen) <= most else seen[:most] + "…"
