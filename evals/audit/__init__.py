"""The auditor: proves every number of an answer again, from the answer object and the store's files alone.

It shares no code with agent/receipts.py, so that one mistake is not made twice. Its rules are those of the
machine-readable answer: receipts re-run, claims recomputed, and nothing numeric outside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from evals.audit.backing import Backing
from evals.audit.claims import check_claims
from evals.audit.coverage import check_coverage, check_periods, excused_spans, locate
from evals.audit.labels import check_labels
from evals.audit.rerun import Rerun, Versions, check_receipts
from evals.audit.shape import Claim, Failure, Shown, check_shape, read
from evals.audit.signs import check_signs
from store.paths import Home

__all__ = ["Failure", "audit"]

Span = tuple[int, int]


def audit(
    answer: dict[str, Any], home: Home, store_name: str, *, question: str = "", rerun: Rerun | None = None
) -> list[Failure]:
    """Everything that is wrong with an answer object; empty where all of it is proven.

    `question` holds the person's words so far (earlier turns too): their numbers may be repeated on the line that
    restates them. `rerun(tool, input)` gives (columns, rows) of a tool whose receipt has no SQL; without it such a
    receipt is a failure.
    """
    failures = check_shape(answer)
    if any(f.kind == "broken" for f in failures):
        return failures
    shown = read(answer)
    return [*failures, *_check(shown, Versions(home, store_name), question, rerun)]


def _check(shown: Shown, versions: Versions, question: str, rerun: Rerun | None) -> Iterator[Failure]:
    yield from check_receipts(shown, versions, rerun)
    backing = Backing.of(shown.receipts.values())
    excused = excused_spans(shown.text, backing, question)
    spans = locate(shown, excused)
    located = [(claim, span) for claim, span in zip(shown.claims, spans, strict=True) if span is not None]
    yield from (_lost(claim) for claim, span in zip(shown.claims, spans, strict=True) if span is None)
    yield from check_coverage(shown.text, [span for _, span in located], excused)
    yield from check_periods(shown.text, backing, [span for _, span in located])
    for check in CLAIM_CHECKS:
        yield from check(shown, located)


CLAIM_CHECKS: tuple[Callable[[Shown, list[tuple[Claim, Span]]], Iterator[Failure]], ...] = (
    check_claims,
    check_signs,
    check_labels,
)


def _lost(claim: Claim) -> Failure:
    return Failure("missing text", claim.text, "does not stand in the answer, at its place in the order")
