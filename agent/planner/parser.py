"""Reading a message with the trained parser: what it says, which words say it, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agent.planner.corpus import Marked, Meaning
from agent.planner.labels import CHOICES, FIGURES, SETS, meaning_of, spans_of
from agent.planner.pieces import LONGEST, Pieces, base_weights
from agent.planner.spans import tidy

if TYPE_CHECKING:
    import torch

    from agent.planner.model import Parser

WEIGHTS = Path(__file__).parent / "trained"
COPIES = 8


@dataclass(frozen=True)
class Reading:
    """`sure` has a probability for each question, of the answer given; `least` is that of the least sure one."""

    text: str
    meaning: Meaning
    spans: tuple[Marked, ...]
    sure: dict[str, float] = field(default_factory=dict)

    @property
    def least(self) -> float:
        return min(self.sure.values())


class Trust(NamedTuple):
    """Weights for the chance that the parser is right, and that the rules are, where they differ."""

    parser: tuple[float, ...]
    rules: tuple[float, ...]


@dataclass(frozen=True)
class Trained:
    """The net, its pieces, the words it has heard in questions for figures, the weights of trust.py, and what is left
    of the net in thinned copies of it."""

    net: Parser
    pieces: Pieces
    heard: frozenset[str]
    trust: Trust
    thinned: torch.Tensor


@cache
def trained(folder: Path = WEIGHTS) -> Trained:
    """The parser, loaded once. CheckpointError: its files are not as they were written."""
    from agent.planner.model import Parser
    from agent.planner.weights import unpacked
    from ml.checkpoint import load
    from ml.transformer import EncoderConfig, from_bert, thinnings

    kept = load(folder)
    pieces = Pieces(kept.config["signs"])
    config = EncoderConfig(more=len(pieces.signs), longest=LONGEST)
    bert = from_bert(base_weights(), config)
    state = {f"encoder.{name}": tensor for name, tensor in bert.items()} | unpacked(kept.tensors)
    model = Parser(config)
    model.load_state_dict(state)
    return Trained(
        model.eval(),
        pieces,
        frozenset(kept.config["heard"].split()),
        Trust(*(tuple(kept.config["trust"][of]) for of in Trust._fields)),
        thinnings(config, COPIES, kept.about.seed),
    )


def read(text: str, folder: Path = WEIGHTS) -> Reading:
    """What the message says."""
    import torch

    it = trained(folder)
    ids, offsets = it.pieces.read(text)
    with torch.inference_mode():
        answers = {name: logits[0] for name, logits in it.net(torch.tensor([ids])).items()}
    return _reading(text, answers, offsets)


def copies(text: str, folder: Path = WEIGHTS) -> list[Reading]:
    """What each thinned copy of the net makes of it."""
    import torch

    it = trained(folder)
    ids, offsets = it.pieces.read(text)
    with torch.inference_mode():
        answers = it.net(torch.tensor([ids] * COPIES), it.thinned)
    return [_reading(text, {name: logits[i] for name, logits in answers.items()}, offsets) for i in range(COPIES)]


def _reading(text: str, answers: dict[str, torch.Tensor], offsets: Sequence[tuple[int, int]]) -> Reading:
    choices, sets, sure = dict[str, str](), dict[str, list[str]](), dict[str, float]()
    for name, options in CHOICES.items():
        best = answers[name].softmax(-1).max(-1)
        choices[name], sure[name] = options[int(best.indices)], float(best.values)
    for name, members in SETS.items():
        chances = answers[name].sigmoid()
        ranked = chances.argsort(descending=True).tolist()
        sets[name] = [members[i] for i in ranked if chances[i] > 0.5]
        sure[name] = float((chances - 0.5).abs().min() + 0.5)
    marks = answers["marks"].softmax(-1).max(-1)
    there = [i for i, (a, b) in enumerate(offsets) if b > a]
    left_out = answers["excluded"].sigmoid().tolist()
    spans = spans_of(
        [int(marks.indices[i]) for i in there], [left_out[i] for i in there], [offsets[i] for i in there], text
    )
    sure["marks"] = min((float(marks.values[i]) for i in there), default=1.0)
    if choices["kind"] != FIGURES:
        sure = {"kind": sure["kind"]}  # nothing else matters then
    return Reading(text, meaning_of(choices, sets), tidy(text, spans), sure)
