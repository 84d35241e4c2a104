"""One turn's talk with a model: what it called, what it spent, and whether what it ends with may be shown.

A reply that can't stand (a call that can't be carried out or was made before, an empty answer, prose that is not
proven) is told back to the model with what to mend, as often as the settings say; after that the model has failed.
Proof gets its own one repair; where receipts exist, their table is then shown alone.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from agent import local
from agent.answer import Draft, Usage
from agent.compose import WHOLE_HISTORY
from agent.labels import seen
from agent.links import holds_link
from agent.llm import shown
from agent.llm.failed import Failed
from agent.llm.replies import Answer, Clarify, Reply
from agent.llm.schemas import BOUND
from agent.plan import Call, Outcome, Plan, Turn
from agent.plan import Clarify as Clarified
from agent.plan import Decline as Declined
from agent.receipts import Checked, Fault, Receipt, Unproven, check, table_alone
from agent.settings import Settings
from agent.texts import text as words
from agent.toolbox import TOOLS
from agent.watch import Stopped
from agent.work import Work
from tools.contract import Ambiguous, NotThere, Result, ToolError
from tools.metrics.compare import Kind

LONGEST_PROSE = 12_000  # characters
MOST_FAULTS = 12  # told at once
MOST_OPTIONS = 6
LONGEST_OPTION = 200
MOST_FOLDS = 30  # references to all rows
ALL_ROWS = re.compile(r"\.\s*\*\s*\.")
CHINESE = re.compile("[\u3400-\u9fff]")
EMPTY = "Your reply was empty. End with Answer, Clarify or Decline, or call a tool."
UNFOUNDED = "An Answer needs a result to stand on, and there is none yet: call a tool, or end with Clarify or Decline."
LONG = "That is far too long for a chat. Answer in a few sentences, or a table of the rows that matter."
LINKED = "No links, pictures or HTML: plain markdown, and the shop's figures by references."
DEEP = "These arguments are nested too deep to be meant."
OVER = "The turn is over."
ENDINGS = "to end, there are Answer, Clarify and Decline"


@dataclass
class Talk:
    """`end` is set once the model has ended well."""

    question: str
    turns: Sequence[Turn]
    work: Work
    settings: Settings
    end: tuple[Outcome, Draft] | None = None
    tokens: tuple[int, int] = (0, 0)  # read and written
    replies: int = 0
    failed: Failed | None = None
    started: float = field(default_factory=time.monotonic)
    _calls: dict[str, str] = field(default_factory=dict)  # as made → what came of it
    _faulty: set[int] = field(default_factory=set)  # the replies that had to be repaired
    _doubted: bool = False  # prose was refused once

    @property
    def locale(self) -> str:
        return "zh" if CHINESE.search(self.question) else "en"

    @property
    def questions(self) -> list[str]:
        return [*(t.question for t in self.turns), self.question]

    @property
    def usage(self) -> Usage:
        cost = sum(n * price for n, price in zip(self.tokens, self.settings.prices, strict=True)) / 1e6
        return Usage(self.settings.model, *self.tokens, cost=cost)

    def left(self) -> float:
        """Seconds until the deadline."""
        return self.started + self.settings.seconds - time.monotonic()

    def before_reply(self) -> None:
        """Raises Failed where the turn has failed or its limits are used up, and Stopped."""
        self.work.watch.check()
        if self.failed:
            raise self.failed
        limits = (
            ("replies", self.replies, self.settings.steps),
            ("tokens", sum(self.tokens), self.settings.tokens),
            ("USD", self.usage.cost, self.settings.cost),
        )
        for what, used, limit in limits:
            if used >= limit:
                raise Failed("lost", f"no answer within {limit:g} {what}")
        self.replies += 1

    def spent(self, read: int, written: int) -> None:
        self.tokens = (self.tokens[0] + read, self.tokens[1] + written)

    def repair(self, told: str) -> str:
        """What the model is told of a reply that can't stand; the turn has failed where it had its chances."""
        self._faulty.add(self.replies)
        if len(self._faulty) > self.settings.repairs:
            self.failed = Failed("lost", f"still wrong after {self.settings.repairs} repairs: {told[:200]}")
        return told

    def call(self, tool: str, args: dict[str, Any]) -> str:
        """Makes a tool call, and says what came of it. A turn that ends here ends before the next reply."""
        if self.failed or self.work.watch.stopped:
            return OVER
        try:
            key = f"{tool} {json.dumps(args, sort_keys=True)}"
        except RecursionError:
            return self.repair(DEEP)
        if key in self._calls:
            return self.repair(f"You made this very call before: {self._calls[key]}")
        if len(self._calls) >= self.settings.calls:
            self.failed = Failed("lost", f"more than {self.settings.calls} tool calls")
            return OVER
        self._calls[key] = "it can't be made."
        told = self._made(tool, args)
        if isinstance(told, Receipt):
            self._calls[key] = f"its result is {told.id}. End the turn with what you have."
            return shown.result(told)
        return told

    def _made(self, tool: str, args: dict[str, Any]) -> Receipt | str:
        """The receipt of a call, or why there is none. What the shop lacks is news to the model, and no fault of it."""
        if tool not in TOOLS:
            return self.repair(f"There is no tool {tool[:60]!r}. There are {', '.join(TOOLS)}; {ENDINGS}.")
        if bound := sorted(BOUND & args.keys()):
            return self.repair(f"{tool} has no argument {' or '.join(bound)}. Leave it out.")
        try:
            return self.work.call(tool, args)
        except Stopped:
            return OVER
        except ToolError as e:
            told = shown.failure(e)
            return told if isinstance(e, NotThere | Ambiguous) else self.repair(told)

    def judge(self, reply: Reply) -> str | None:
        """None where the turn ends with this, else what to tell the model."""
        if isinstance(reply, Answer):
            return self._judge_answer(seen(reply.prose).strip())
        if isinstance(reply, Clarify):
            return self._judge_refusal("clarify", seen(reply.question).strip(), _choices(reply.options))
        return self._judge_refusal("declined", seen(reply.reason).strip(), _choices(reply.suggestions))

    def _judge_answer(self, prose: str) -> str | None:
        if fault := _unreadable(prose):
            return self.repair(fault)
        receipts = self.work.receipts
        if not receipts:
            return self.repair(UNFOUNDED)
        try:
            checked = self._checked(prose)
        except Unproven as e:
            if not self._doubted:
                return self._doubt(e.faults)
            checked = table_alone(receipts, self.locale)
        self.end = Plan(calls_of(receipts), self.locale), self._draft("answered", checked)
        return None

    def _judge_refusal(self, status: str, prose: str, options: tuple[str, ...]) -> str | None:
        if fault := _unreadable(prose):
            return self.repair(fault)
        asks = status == "clarify"
        try:
            draft = replace(self._draft(status, self._checked(prose)), options=options)
        except Unproven as e:
            if not self._doubted:
                return self._doubt(e.faults)
            prose = words("which", self.locale) if asks else prose
            draft = local.without_figures(status, prose, self.work, self.questions, options, self.locale)
            draft.usage = self.usage
        kind = Clarified if asks else Declined
        self.end = kind(prose, options, self.locale), draft
        return None

    def _checked(self, prose: str) -> Checked:
        asked = " ".join(self.questions)
        return check(prose, self.work.receipts, locale=self.locale, question=asked, plain_digits=True)

    def _doubt(self, faults: Sequence[Fault]) -> str:
        self._doubted = True
        lines = [f"“{shown.clipped(f.text, 80)}”: {f.why}" for f in faults[:MOST_FAULTS]]
        told = "This can't be shown, as not everything in it is proven. Mend it and send it again whole:"
        return f"{told}\n{shown.fenced(lines)}"

    def _draft(self, status: str, checked: Checked) -> Draft:
        work = self.work
        return Draft(status, checked, work.receipts, steps=work.steps, usage=self.usage, locale=self.locale)


def _unreadable(prose: str) -> str | None:
    """What is wrong with prose before its numbers are looked at."""
    if not prose:
        return EMPTY
    if len(prose) > LONGEST_PROSE or len(ALL_ROWS.findall(prose)) > MOST_FOLDS:
        return LONG
    return LINKED if holds_link(prose) else None


def _choices(options: Sequence[str]) -> tuple[str, ...]:
    lines = (shown.clipped(o, LONGEST_OPTION) for o in options)
    return tuple(dict.fromkeys(line for line in lines if line and not holds_link(line)))[:MOST_OPTIONS]


def calls_of(receipts: Sequence[Receipt]) -> tuple[Call, ...]:
    """The calls behind receipts as a plan has them, figures first: a later question goes on from the first."""
    calls = (Call(r.result.tool, _arguments(r.result)) for r in receipts)
    return tuple(sorted(calls, key=lambda c: c.tool != "query_metrics"))


def _arguments(result: Result) -> dict[str, Any]:
    """A call as its receipt says it was understood, without what the call itself left open."""
    said = result.input
    args = {k: v for k, v in said.items() if k not in {*BOUND, "compared_with"} and v not in (None, [], False)}
    for key in ("period", "compare_to"):
        if isinstance(args.get(key), dict):
            args[key] = {end: args[key][end] for end in ("start", "end")}
    if said.get("compared_with") in get_args(Kind):
        args["compare_to"] = said["compared_with"]
    if WHOLE_HISTORY in result.notes:
        args.pop("period", None)
    return args
