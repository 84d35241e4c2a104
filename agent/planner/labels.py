"""The questions that the parser answers about a message, each with its possible answers, as numbers and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.planner.corpus import (
    CLARIFIES,
    DECLINES,
    FLAGS,
    KINDS,
    LENGTHS,
    OPERATORS,
    TOOLS,
    Marked,
    Meaning,
)
from tools.metrics.definitions import DIMENSIONS, METRICS, TIME_GRAINS

NONE = ""
FIGURES = "figures"
RANKS = frozenset({"top", "bottom"})
COUNTS = frozenset({"one", "some"})

# One answer each.
CHOICES: dict[str, tuple[str, ...]] = {
    "kind": (
        FIGURES,
        *(f"tool {t}" for t in sorted(TOOLS)),
        *(f"decline {d}" for d in sorted(DECLINES)),
        *(f"clarify {c}" for c in sorted(CLARIFIES)),
    ),
    "per": (NONE, *METRICS, *sorted(LENGTHS)),
    "grain": (NONE, *TIME_GRAINS),
    "versus": (NONE, "previous", "year_earlier"),
    "rank": (NONE, *sorted(RANKS)),
    "count": (NONE, *sorted(COUNTS)),
    "group": (NONE, *DIMENSIONS),
    "group_metric": (NONE, *METRICS),
    "group_operator": (NONE, *sorted(OPERATORS)),
}
# Any number of answers each.
SETS: dict[str, tuple[str, ...]] = {
    "metrics": tuple(METRICS),
    "by": tuple(DIMENSIONS),
    "flags": tuple(sorted(FLAGS - RANKS - COUNTS)),
}
# One answer for each token: none, the first of a span, or a further one.
MARKS = ("O", *(f"{place} {kind}" for kind in sorted(KINDS) for place in ("B", "I")))


@dataclass(frozen=True)
class Target:
    """A message's right answers: numbers of choices, numbers of set members, and a mark and an exclusion a token."""

    choices: dict[str, int]
    sets: dict[str, list[int]]
    marks: list[int]
    excluded: list[int]


def kind_of(meaning: Meaning) -> str:
    for name in ("tool", "decline", "clarify"):
        if value := getattr(meaning, name):
            return f"{name} {value}"
    return FIGURES


def target(meaning: Meaning, spans: Sequence[Marked], offsets: Sequence[tuple[int, int]]) -> Target:
    """What the parser should say of a message whose tokens stand at these offsets."""
    figures, _, per = (meaning.metrics[0] if meaning.metrics else "").partition(" / ")
    group, metric, operator = meaning.having or (NONE, NONE, NONE)
    said = {
        "kind": kind_of(meaning),
        "per": per,
        "grain": meaning.grain,
        "versus": meaning.versus,
        "rank": next(iter(RANKS & meaning.flags), NONE),
        "count": next(iter(COUNTS & meaning.flags), NONE),
        "group": group,
        "group_metric": metric,
        "group_operator": operator,
    }
    sets: dict[str, list[str]] = {
        "metrics": [figures, *meaning.metrics[1:]] if figures else [],
        "by": meaning.by,
        "flags": sorted(meaning.flags - RANKS - COUNTS),
    }
    marks, excluded = _marks(spans, offsets)
    return Target(
        {name: CHOICES[name].index(value) for name, value in said.items()},
        {name: [SETS[name].index(v.partition(" / ")[0]) for v in values] for name, values in sets.items()},
        marks,
        excluded,
    )


def _marks(spans: Sequence[Marked], offsets: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
    marks, excluded = [0] * len(offsets), [0] * len(offsets)
    for span in spans:
        inside = [i for i, (a, b) in enumerate(offsets) if a < span.end and span.start < b and b > a]
        for place, i in zip(["B"] + ["I"] * len(inside), inside, strict=False):
            marks[i], excluded[i] = MARKS.index(f"{place} {span.kind}"), int(span.excluded)
    return marks, excluded


def spans_of(
    marks: Sequence[int], excluded: Sequence[float], offsets: Sequence[tuple[int, int]], text: str
) -> list[Marked]:
    """The spans that the tokens' marks come to; a further token of a kind that nothing began begins it.

    The pieces of one English word are marked as its first one is.
    """
    out: list[Marked] = []
    last = "O"
    before = 0
    for i, (mark, left_out, (start, end)) in enumerate(zip(marks, excluded, offsets, strict=True)):
        place, _, kind = MARKS[mark].partition(" ")
        if (
            i
            and start == before
            and (text[start - 1] + text[start]).isascii()
            and (text[start - 1] + text[start]).isalpha()
        ):
            place, kind = ("I", last) if last != "O" else ("O", "")
        before = end
        if place == "I" and last == kind and out:
            out[-1] = Marked(out[-1].start, end, kind, out[-1].excluded)
        elif place != "O":
            out.append(Marked(start, end, kind, left_out > 0.5))
        last = kind if place != "O" else "O"
    return out


def meaning_of(choices: dict[str, str], sets: dict[str, list[str]]) -> Meaning:
    """The meaning that answers come to."""
    kind, _, which = choices["kind"].partition(" ")
    metrics = list(sets["metrics"])
    if choices["per"] and metrics:
        metrics[0] = f"{metrics[0]} / {choices['per']}"
    having = (choices["group"], choices["group_metric"], choices["group_operator"])
    flags = {*sets["flags"], choices["rank"], choices["count"]} - {NONE}
    meaning = Meaning(metrics, list(sets["by"]), choices["grain"], choices["versus"])
    meaning.having, meaning.flags = having if all(having) else None, frozenset(flags)
    if kind != FIGURES:
        setattr(meaning, kind, which)
    return meaning
