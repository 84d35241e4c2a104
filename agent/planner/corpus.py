"""What merchants say, written by hand in many voices, with what they mean: the files of agent/planner/voices.

A conversation is a paragraph. `> ` is a message, with the spans that name something marked as [words](kind); `= ` is
what the message itself says, in labels with semicolons between:

    > how did [the lunch bags](product) do [last month](period)?
    = revenue
    > only the [3](limit) best countries
    = lean; by country; top

A span's kind may stand behind a minus: what it names is left out. Lines that begin with # are about the voice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from store.errors import UserError
from tools.metrics.definitions import DIMENSIONS, METRICS, TIME_GRAINS

FOLDER = Path(__file__).parent / "voices"
NAMED = (
    *("product", "category", "brand", "country", "region", "city", "channel", "payment_method", "segment"),
    *("customer", "order", "weekday", "hour"),
)
TIMES = ("period", "versus", "shift")  # this one; the one to compare with; one that is told from the period before
NUMBERS = ("limit", "number")
KINDS = frozenset({*NAMED, *TIMES, *NUMBERS})
EXCLUDED = "-"
FLAGS = frozenset(
    "lean add swap drop total top bottom one some growth share rest whole".split()
)  # each explained in voices/README.md
TOOLS = frozenset(
    "forecast_sales explain_change score_fraud predict_churn optimise_price recommend_products search_products".split()
)
DECLINES = frozenset("action nodata offtopic nonsense".split())
CLARIFIES = frozenset("metric rank which vague greeting period".split())
LENGTHS = frozenset({"days", "weeks", "months", "trading_days"})
OPERATORS = frozenset("> >= < <= = top%".split())
SPAN = re.compile(r"\[([^\[\]]+)\]\((-?[a-z_]+)\)")


@dataclass(frozen=True)
class Marked:
    """A stretch of a message, by characters of its plain text."""

    start: int
    end: int
    kind: str
    excluded: bool = False


@dataclass
class Meaning:
    """What one message says by itself; empty where it doesn't say."""

    metrics: list[str] = field(default_factory=list)
    by: list[str] = field(default_factory=list)
    grain: str = ""
    versus: str = ""  # previous | year_earlier
    having: tuple[str, str, str] | None = None  # group, metric, operator; the number is a span
    flags: frozenset[str] = frozenset()
    tool: str = ""
    decline: str = ""
    clarify: str = ""

    @property
    def asks_figures(self) -> bool:
        return not (self.tool or self.decline or self.clarify)


@dataclass(frozen=True)
class Said:
    """One message: its plain text, its spans and its meaning."""

    text: str
    spans: tuple[Marked, ...]
    meaning: Meaning


@dataclass(frozen=True)
class Conversation:
    voice: str
    where: str  # file and line
    messages: tuple[Said, ...]


def conversations(folder: Path = FOLDER) -> Iterator[Conversation]:
    """All of them. UserError names the file, the line and what is wrong with it."""
    for path in sorted(folder.glob("*.txt")):
        yield from read(path)


def read(path: Path) -> Iterator[Conversation]:
    messages: list[Said] = []
    text, began = "", 0
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate([*lines, ""], 1):
        where = f"{path.name}:{number}"
        if line.startswith("> "):
            _require(not text, where, "the message before has no labels")
            text, began = line[2:].strip(), began or number
        elif line.startswith("= "):
            _require(bool(text), where, "labels without a message")
            messages.append(_said(text, line[2:], where))
            text = ""
        elif not line.strip():
            _require(not text, where, "the message before has no labels")
            if messages:
                yield Conversation(path.stem, f"{path.name}:{began}", tuple(messages))
            messages, began = [], 0
        else:
            _require(line.startswith("#"), where, f"a line begins with >, = or #: {line[:40]!r}")


def _require(fine: bool, where: str, problem: str) -> None:
    if not fine:
        raise UserError(f"{where}: {problem}.")


def _said(marked: str, labels: str, where: str) -> Said:
    text, spans = _unmarked(marked, where)
    meaning = _meaning(labels, where)
    numbers = [s for s in spans if s.kind == "number"]
    if meaning.having:
        _require(bool(numbers), where, "'having' needs its [number](number)")
    _require(len([s for s in spans if s.kind == "period"]) <= 3, where, "more than three periods")
    return Said(text, spans, meaning)


def _unmarked(marked: str, where: str) -> tuple[str, tuple[Marked, ...]]:
    text, spans, at = "", [], 0
    for found in SPAN.finditer(marked):
        text += marked[at : found.start()]
        kind = found[2].lstrip(EXCLUDED)
        _require(kind in KINDS, where, f"{found[2]!r} is no kind of span: {', '.join(sorted(KINDS))}")
        spans.append(Marked(len(text), len(text) + len(found[1]), kind, found[2].startswith(EXCLUDED)))
        text += found[1]
        at = found.end()
    text += marked[at:]
    _require("](" not in text, where, "a span is broken: write [words](kind)")
    return text, tuple(spans)


def _meaning(labels: str, where: str) -> Meaning:
    out, flags = Meaning(), set()
    for label in filter(None, (part.strip() for part in labels.split(";"))):
        word, _, rest = label.partition(" ")
        if label in FLAGS:
            flags.add(label)
        elif _is_metric(label):
            out.metrics.append(label)
        elif word in READERS and rest:
            READERS[word](out, rest, where)
        else:
            raise UserError(f"{where}: {label!r} is no label.")
    out.flags = frozenset(flags)
    return out


def _is_metric(label: str) -> bool:
    above, _, below = label.partition(" / ")
    return above in METRICS and (not below or below in METRICS or below in LENGTHS)


def _by(out: Meaning, rest: str, where: str) -> None:
    out.by += [d.strip() for d in rest.split(",")]
    _require(all(d in DIMENSIONS for d in out.by), where, f"{rest!r} is no dimension: {', '.join(DIMENSIONS)}")


def _grain(out: Meaning, rest: str, where: str) -> None:
    _require(rest in TIME_GRAINS, where, f"{rest!r} is no grain: {', '.join(TIME_GRAINS)}")
    out.grain = rest


def _versus(out: Meaning, rest: str, where: str) -> None:
    _require(rest in ("previous", "year_earlier"), where, "'vs' is previous or year_earlier; else mark a versus span")
    out.versus = rest


def _having(out: Meaning, rest: str, where: str) -> None:
    parts = rest.split()
    fine = len(parts) == 3 and parts[0] in DIMENSIONS and _is_metric(parts[1]) and parts[2] in OPERATORS
    _require(fine, where, "'having' is: having customer orders >=")
    out.having = (parts[0], parts[1], parts[2])


def _one_of(name: str, known: frozenset[str]) -> Callable[[Meaning, str, str], None]:
    def put(out: Meaning, rest: str, where: str) -> None:
        _require(rest in known, where, f"{rest!r} is no {name}: {', '.join(sorted(known))}")
        setattr(out, name, rest)

    return put


READERS: dict[str, Callable[[Meaning, str, str], None]] = {
    "by": _by,
    "grain": _grain,
    "vs": _versus,
    "having": _having,
    "tool": _one_of("tool", TOOLS),
    "decline": _one_of("decline", DECLINES),
    "clarify": _one_of("clarify", CLARIFIES),
}


def main() -> None:
    """Checks every file and counts."""
    counts: dict[str, list[int]] = {}
    for each in conversations():
        counts.setdefault(each.voice, []).append(len(each.messages))
    for voice, lengths in counts.items():
        print(f"{voice}: {len(lengths)} conversations, {sum(lengths)} messages")


if __name__ == "__main__":
    main()
