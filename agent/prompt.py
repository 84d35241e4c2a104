"""The system prompt: the files of agent/prompts, filled with the definitions and with what this shop holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from agent.llm.shown import clipped, fenced
from store.kept import Kept
from tools.contract import NotThere
from tools.metrics.available import counts, refuse_missing
from tools.metrics.definitions import ALIASES, DIMENSIONS, METRICS
from tools.metrics.query import needed
from tools.metrics.request import read_measure
from tools.sql.describe import ColumnNote, TableNote, notes_of

if TYPE_CHECKING:
    import duckdb

    from store.connect import Store

FILES = Path(__file__).parent / "prompts"
LONGEST_VALUE = 40  # characters
_notes: Kept[tuple[Sequence[str], str]] = Kept()


def system_prompt(store: Store, today: date) -> str:
    """What a model is told before anything else; the shop's own words stand in a boundary made for this call."""
    days = {"today": f"{today:%A} {today.isoformat()}", "first_day": store.first_day, "last_day": store.today}
    fixed = {name: _filled(name) for name in ("calls", "asking_back")}
    parts = {"definitions": definitions(), "shop": shop_note(store), "currency": store.currency}
    return _filled("system", **days, **fixed, **parts)


def definitions() -> str:
    """What the words mean: metrics and dimensions as the tools define them, the conventions as the file says."""
    metrics = "\n".join(f"- {name}: {m.definition}" for name, m in METRICS.items())
    aliases = ", ".join(f"{alias} ({name})" for alias, name in ALIASES.items() if alias.replace("_", " ") != name)
    return _filled("definitions", metrics=metrics, aliases=aliases, dimensions=", ".join(DIMENSIONS))


def _filled(name: str, **parts: Any) -> str:
    return Template((FILES / f"{name}.md").read_text(encoding="utf-8").strip()).substitute(parts)


def shop_note(store: Store) -> str:
    """The tables with their rows and columns, and of each column its meaning, unit, range or commonest values."""
    lines, lacks = _notes.of(store, lambda: _read(store))
    return f"The tables behind the metrics, with their commonest values:\n{fenced(lines)}\n{lacks}".rstrip()


def _read(store: Store) -> tuple[Sequence[str], str]:
    lines = [_table(note) for note in notes_of(store) if note.rows]
    with store.connect() as con:
        missing = _missing(store, con)
    return lines, f"Not in this shop's data, so decline: {', '.join(missing)}." if missing else ""


def _table(note: TableNote) -> str:
    return f"{note.name}: {note.rows} rows ({note.meaning}). {'; '.join(_column(c) for c in note.columns)}"


def _column(c: ColumnNote) -> str:
    label = f"{c.name} ({c.meaning})" if c.meaning else c.name
    if c.examples:
        more = f" … ({c.distinct} in all)" if c.distinct > len(c.examples) else ""
        return f"{label}: {', '.join(clipped(e, LONGEST_VALUE) for e in c.examples)}{more}"
    return f"{label} {c.least} to {c.most} {c.unit}".rstrip() if c.least else label


def _missing(store: Store, con: duckdb.DuckDBPyConnection) -> list[str]:
    """The metrics and dimensions that the tools would refuse here."""
    have = counts(store, con)
    out = [m for m in METRICS if _is_refused(have, needed([read_measure(m)]), [])]
    return out + [f"by {d.replace('_', ' ')}" for d in DIMENSIONS if _is_refused(have, [], [d])]


def _is_refused(have: dict[str, int], components: Any, dims: list[str]) -> bool:
    try:
        refuse_missing(have, list(components), dims, [])
    except NotThere:
        return True
    return False
