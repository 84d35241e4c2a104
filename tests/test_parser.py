"""The planner's parser: its corpus, its labels, its batches and its weights. What it has learned is measured elsewhere."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from agent.planner.corpus import Conversation, Meaning, Said, conversations, read
from agent.planner.examples import Source, example
from agent.planner.generate import generated
from agent.planner.labels import CHOICES, SETS, meaning_of, spans_of
from agent.planner.model import Parser, loss_of
from agent.planner.pieces import LONGEST, Pieces
from agent.planner.pools import Pools
from agent.planner.vary import varied
from agent.planner.weights import packed, unpacked
from ml.checkpoint import About
from ml.fit import Fit, fit
from ml.transformer import EncoderConfig
from store.errors import UserError

ABOUT = About("tests", 7, "tests")
ALL = list(conversations())
MESSAGES = [m for c in ALL for m in c.messages]


# ---- the corpus


def test_every_file_can_be_read() -> None:
    assert len(MESSAGES) > 1_000
    assert len({c.voice for c in ALL}) >= 4


def test_no_two_voices_say_the_same() -> None:
    said: dict[str, set[str]] = {}
    for c in ALL:
        for m in c.messages:
            if len(m.text) > 40:
                said.setdefault(m.text.lower(), set()).add(c.voice)
    assert [text for text, voices in said.items() if len(voices) > 1] == []


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("> hello\n\n", "has no labels"),
        ("= revenue\n", "labels without a message"),
        ("> a\n> b\n= revenue\n", "has no labels"),
        ("> a\n= revenues\n", "'revenues' is no label"),
        ("> a [b](place)\n= revenue\n", "'place' is no kind of span"),
        ("> a [b](country\n= revenue\n", "a span is broken"),
        ("> a\n= by planet\n", "'planet' is no dimension"),
        ("> a\n= having customer orders >\n", r"needs its \[number\]"),
        ("> a\n= tool magic\n", "'magic' is no tool|is none of|tool"),
        ("a\n", "a line begins with"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, written: str, problem: str) -> None:
    (tmp_path / "voice.txt").write_text(written, encoding="utf-8")
    with pytest.raises(UserError, match=r"voice.txt:\d+: .*(" + problem + ")"):
        list(read(tmp_path / "voice.txt"))


# ---- labels


@pytest.fixture(scope="module")
def pieces() -> Pieces:
    return Pieces("".join(Pieces("").unknown(m.text for m in MESSAGES)[:500]))


def test_labels_come_back_as_they_went(pieces: Pieces) -> None:
    """What a perfect parser would answer is what was written down, as far as a message fits the net."""
    for said in MESSAGES:
        ids, offsets = pieces.read(said.text)
        if len(ids) == LONGEST:
            continue
        right = example(said, pieces).right
        meaning = meaning_of(
            {n: CHOICES[n][i] for n, i in right.choices.items()},
            {n: [SETS[n][i] for i in v] for n, v in right.sets.items()},
        )
        assert _plain(meaning) == _plain(said.meaning), said.text
        there = [i for i, (a, b) in enumerate(offsets) if b > a]
        spans = spans_of(
            [right.marks[i] for i in there], [right.excluded[i] for i in there], [offsets[i] for i in there], said.text
        )
        assert [(s.kind, s.excluded) for s in spans] == [
            (s.kind, s.excluded) for s in sorted(said.spans, key=lambda s: s.start)
        ]


def _plain(m: Meaning) -> tuple[object, ...]:
    if m.tool or m.decline or m.clarify:
        return (m.tool, m.decline, m.clarify)
    return (
        m.metrics[:1],
        sorted(x.partition(" / ")[0] for x in m.metrics),
        sorted(m.by),
        m.grain,
        m.versus,
        m.having,
        m.flags,
    )


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_a_message_said_otherwise_keeps_its_spans(seed: int) -> None:
    rng, pools = random.Random(seed), Pools.of(ALL)
    said = generated(pools, rng) if rng.random() < 0.5 else rng.choice(MESSAGES)
    other = varied(said, pools, rng)
    assert [s.kind for s in other.spans] == [s.kind for s in sorted(said.spans, key=lambda s: s.start)]
    assert other.meaning is said.meaning
    for span in other.spans:
        surface = other.text[span.start : span.end]
        assert 0 <= span.start < span.end <= len(other.text) and surface == surface.strip(), (other.text, surface)


def test_batches_are_the_same_whenever_they_are_asked_for(pieces: Pieces) -> None:
    source = Source.of(ALL[:40], pieces)
    first = [b for b, _ in zip(source.batches(4, 7), range(20), strict=False)]
    later = next(source.batches(4, 7, 18))
    assert all(torch.equal(first[18][name], later[name]) for name in later)


def test_letters_of_any_script_have_their_place(pieces: Pieces) -> None:
    for text in ("café ２０ 上个月的销售额", "🙏 ok", "a" * 2_000, "", "‮x", "מה נשמע"):
        ids, offsets = pieces.read(text)
        assert len(ids) == len(offsets) <= LONGEST
        assert all(0 <= a <= b <= len(text) for a, b in offsets)


# ---- learning

SMALL = EncoderConfig(vocabulary=200, width=16, layers=1, heads=2, inner=32, longest=16, dropout=0.1)


def small_batches(start: int) -> Iterator[dict[str, Tensor]]:
    number = start
    while True:
        torch.manual_seed(number)
        ids = torch.randint(1, 200, (4, 9))
        right = {name: torch.randint(0, len(options), (4,)) for name, options in CHOICES.items()}
        right |= {name: torch.randint(0, 2, (4, len(members))).float() for name, members in SETS.items()}
        yield right | {"ids": ids, "marks": torch.randint(0, 3, (4, 9)), "excluded": torch.zeros(4, 9)}
        number += 1


def small_loss(model: nn.Module, batch: Mapping[str, Tensor]) -> Tensor:
    return loss_of(model(batch["ids"]), batch, batch["ids"])


def small_model() -> Parser:
    torch.manual_seed(1)
    return Parser(SMALL)


def test_a_run_that_was_stopped_ends_as_if_it_hadnt_been(tmp_path: Path) -> None:
    how = Fit(steps=12, rates={"encoder.tokens": 0.0, "": 1e-3}, every=4)
    whole, stopped = small_model(), small_model()
    fit(whole, small_batches, small_loss, how, tmp_path / "whole", ABOUT)

    def pulled(step: int, _: float) -> None:
        if step == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(stopped, small_batches, small_loss, how, tmp_path / "stopped", ABOUT, pulled)
    again = small_model()
    fit(again, small_batches, small_loss, how, tmp_path / "stopped", ABOUT)
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name]), name


def test_what_is_frozen_stays_and_the_rest_learns(tmp_path: Path) -> None:
    model, before = small_model(), small_model().state_dict()
    losses: list[float] = []
    how = Fit(steps=60, rates={"encoder.tokens": 0.0, "": 3e-3}, every=100)
    one = next(small_batches(0))
    fit(
        model,
        lambda start: iter([one] * 60),
        small_loss,
        how,
        tmp_path / "run",
        ABOUT,
        lambda _, loss: losses.append(loss),
    )
    assert torch.equal(model.encoder.tokens.weight, before["encoder.tokens.weight"])
    assert losses[-1] < 0.5 * losses[0]


def test_weights_in_bytes_are_nearly_those_they_were() -> None:
    torch.manual_seed(3)
    state = {"encoder.layers.0.widen.weight": torch.randn(300, 100) / 10, "marks.bias": torch.randn(40)}
    back = unpacked(packed({**state, "encoder.tokens.weight": torch.randn(9, 9)}))
    assert back.keys() == state.keys()
    for name, tensor in state.items():
        assert (back[name] - tensor).abs().max() <= tensor.abs().max() / 200


# ---- the sanity of what people wrote


def test_a_conversation_begins_with_something_that_stands_alone() -> None:
    leaning = [c.where for c in ALL if "lean" in c.messages[0].meaning.flags]
    assert leaning == []


def test_a_ranking_has_a_direction() -> None:
    assert [
        m.text
        for m in MESSAGES
        if _counted(m) and not {"top", "bottom"} & m.meaning.flags and not m.meaning.flags & {"lean"}
    ] == []


def _counted(m: Said) -> bool:
    return bool({"one", "some"} & m.meaning.flags)


def test_conversations_are_of_this_shape() -> None:
    assert all(isinstance(c, Conversation) and c.messages for c in ALL)
