"""Messages as numbers: batches of word pieces with the right answers to every question of labels.py."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.planner.corpus import Conversation, Said
from agent.planner.generate import generated
from agent.planner.labels import CHOICES, SETS, Target, target
from agent.planner.pieces import Pieces
from agent.planner.pools import Pools
from agent.planner.vary import varied

if TYPE_CHECKING:
    from torch import Tensor

MADE = 0.15  # of the messages come from the grammar, the others from people
POOLED = 16  # batches are cut from so many batches' messages, sorted by length


@dataclass(frozen=True)
class Example:
    ids: list[int]
    right: Target


@dataclass(frozen=True)
class Source:
    """Messages to learn from, endlessly, each time said otherwise."""

    messages: Sequence[Said]
    pools: Pools
    pieces: Pieces

    @classmethod
    def of(cls, conversations: Sequence[Conversation], pieces: Pieces) -> Source:
        return cls([m for c in conversations for m in c.messages], Pools.of(conversations), pieces)

    def batches(self, size: int, seed: int, start: int = 0) -> Iterator[dict[str, Tensor]]:
        """Batches from number `start` on; each is the same whenever it is asked for."""
        number, skipped = divmod(start, POOLED)
        while True:
            rng = random.Random(f"{seed} {number}")
            examples = [self._example(rng) for _ in range(size * POOLED)]
            examples.sort(key=lambda e: len(e.ids))
            cuts = [examples[i : i + size] for i in range(0, len(examples), size)]
            rng.shuffle(cuts)
            yield from (collated(cut) for cut in cuts[skipped:])
            number, skipped = number + 1, 0

    def _example(self, rng: random.Random) -> Example:
        said = generated(self.pools, rng) if rng.random() < MADE else rng.choice(self.messages)
        return example(varied(said, self.pools, rng), self.pieces)


def example(said: Said, pieces: Pieces) -> Example:
    ids, offsets = pieces.read(said.text)
    return Example(ids, target(said.meaning, said.spans, offsets))


def collated(examples: Sequence[Example]) -> dict[str, Tensor]:
    """ids (B, T) with PAD behind short ones, choices (B,), sets (B, C), marks and excluded (B, T)."""
    import torch
    from torch.nn.utils.rnn import pad_sequence

    def padded(rows: Sequence[Sequence[int]], kind: torch.dtype) -> Tensor:
        return pad_sequence([torch.tensor(row, dtype=kind) for row in rows], batch_first=True)

    out = {
        "ids": padded([e.ids for e in examples], torch.long),
        "marks": padded([e.right.marks for e in examples], torch.long),
        "excluded": padded([e.right.excluded for e in examples], torch.float),
    }
    for name in CHOICES:
        out[name] = torch.tensor([e.right.choices[name] for e in examples])
    for name, members in SETS.items():
        out[name] = torch.zeros(len(examples), len(members))
        for i, e in enumerate(examples):
            out[name][i, e.right.sets[name]] = 1.0
    return out
