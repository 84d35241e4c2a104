"""Results of a run, question by question and summed up."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from evals.audit import Failure, audit
from evals.audit.rerun import Rerun, Versions
from evals.scorers import grade
from evals.suites import Asked, Gold, gold
from store.paths import Home


@dataclass(frozen=True)
class Result:
    """One question judged. It passes when its last answer is graded a pass and the auditor finds nothing in it.

    `failures` holds what the auditor found in the answer of each turn.
    """

    asked: Asked
    gold: Gold | None
    graded: bool
    why: str
    failures: list[list[Failure]]

    @property
    def passed(self) -> bool:
        return self.graded and not self.failures[-1]

    @property
    def wrong(self) -> bool:
        """Answered, and not passed: worse than a decline."""
        return self.asked.answers[-1].get("status") == "answered" and not self.passed

    @property
    def verdict(self) -> str:
        return "passed" if self.passed else "wrong" if self.wrong else "missed"


@dataclass(frozen=True)
class Tally:
    name: str
    questions: int
    passed: int
    wrong: int

    @property
    def pass_rate(self) -> float:
        return self.passed / self.questions if self.questions else 0.0

    @property
    def wrong_rate(self) -> float:
        return self.wrong / self.questions if self.questions else 0.0


def judge(asked: Asked, home: Home, store: str, rerun: Rerun | None = None) -> Result:
    """Grades the last answer and audits every one."""
    versions = Versions(home, store)
    wanted = gold(versions.file(versions.data_version, "shop"), asked.question)
    said = ["\n".join(asked.question.turns[: i + 1]) for i in range(len(asked.answers))]
    failures = [
        audit(answer, home, store, question=text, rerun=rerun) for answer, text in zip(asked.answers, said, strict=True)
    ]
    verdict = grade(asked.question, asked.answers[-1], wanted)
    return Result(asked, wanted, verdict.passed, verdict.why, failures)


def tally(results: Iterable[Result], names: Callable[[Result], Sequence[str]]) -> list[Tally]:
    """Counts by whatever names a result goes under (its kind, its tags), the names sorted."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        for name in names(result):
            groups.setdefault(name, []).append(result)
    return [
        Tally(name, len(group), sum(r.passed for r in group), sum(r.wrong for r in group))
        for name, group in sorted(groups.items())
    ]


def latencies(results: Iterable[Result]) -> dict[str, float]:
    """p50, p95 and max of the seconds a turn took; empty where none was measured. The p95 of 100 is the 95th."""
    seconds = sorted(s for result in results for s in result.asked.seconds)
    if not seconds:
        return {}
    top = seconds[min(len(seconds) - 1, -(-95 * len(seconds) // 100) - 1)]
    return {"p50": statistics.median(seconds), "p95": top, "max": seconds[-1]}


def planned(results: Iterable[Result]) -> dict[str, int]:
    """Of the questions that name a tool, how many it was planned for in the last turn, whether or not it is there."""
    told = [(r.asked.question.tool.split("|"), r.asked.answers[-1]) for r in results if r.asked.question.tool]
    right = sum(any(s.get("tool") in tools for s in answer.get("steps", [])) for tools, answer in told)
    return {"questions": len(told), "right": right}


def summary(results: Sequence[Result]) -> dict[str, Any]:
    """Everything that the reports show, as JSON."""
    return {
        "total": _tally_json(tally(results, lambda r: ["all"])),
        "by_kind": _tally_json(tally(results, lambda r: [r.asked.question.kind])),
        "by_tag": _tally_json(tally(results, lambda r: r.asked.question.tags)),
        "seconds_per_turn": latencies(results),
        "turns_measured": sum(len(r.asked.seconds) for r in results),
        "planned": planned(results),
        "audit_failures": sum(bool(f) for r in results for f in r.failures),
        "questions": [_result_json(r) for r in results],
    }


def _tally_json(tallies: list[Tally]) -> list[dict[str, Any]]:
    return [
        {
            "name": t.name,
            "questions": t.questions,
            "passed": t.passed,
            "wrong": t.wrong,
            "pass_rate": t.pass_rate,
            "wrong_rate": t.wrong_rate,
        }
        for t in tallies
    ]


def _result_json(result: Result) -> dict[str, Any]:
    question, answers = result.asked.question, result.asked.answers
    return {
        "id": question.id,
        "kind": question.kind,
        "tags": list(question.tags),
        "verdict": result.verdict,
        "graded": result.graded,
        "why": result.why,
        "turns": [
            {
                "question": turn,
                "status": answer.get("status"),
                "answer": answer.get("answer"),
                "seconds": result.asked.seconds[i] if result.asked.seconds else None,
                "audit": [{"kind": f.kind, "text": f.text, "why": f.why} for f in result.failures[i]],
            }
            for i, (turn, answer) in enumerate(zip(question.turns, answers, strict=False))
        ],
        "numbers": [{"text": n.get("text"), "value": n.get("value")} for n in answers[-1].get("numbers", [])],
        "gold": _gold_json(result.gold),
        "must_mention": list(question.must_mention),
        "tool": question.tool,
    }


def _gold_json(wanted: Gold | None) -> dict[str, Any] | None:
    if wanted is None:
        return None
    return {"columns": wanted.columns, "rows": [[_plain(c) for c in row] for row in wanted.rows]}


def _plain(cell: Any) -> Any:
    return cell if cell is None or isinstance(cell, (str, int, float)) else str(cell)
