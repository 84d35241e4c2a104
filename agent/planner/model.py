"""The parser's net: BERT reads a message, and a head for each question of labels.py answers it.

B messages of T pieces, D wide.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from agent.planner.corpus import TOOLS
from agent.planner.labels import CHOICES, MARKS, SETS
from ml.transformer import PAD, Encoder, EncoderConfig

# How much each answer counts: a wrong kind or span is worse than a wrong flag.
WEIGHTS = {"kind": 2.0, "metrics": 2.0, "marks": 3.0, "excluded": 0.5}


class Parser(nn.Module):
    """Answers are logits: of choices (B, C), of sets (B, C), of marks (B, T, C) and of exclusions (B, T)."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.encoder = Encoder(config)
        whole = 2 * config.width
        self.dropout = nn.Dropout(config.dropout)
        self.choices = nn.ModuleDict({name: nn.Linear(whole, len(answers)) for name, answers in CHOICES.items()})
        self.sets = nn.ModuleDict({name: nn.Linear(whole, len(members)) for name, members in SETS.items()})
        self.marks = nn.Linear(config.width, len(MARKS))
        self.excluded = nn.Linear(config.width, 1)

    def forward(self, ids: Tensor, thinned: Tensor | None = None) -> dict[str, Tensor]:
        """ids (B, T), PAD where a message has ended; `thinned` see ml/transformer.py."""
        x = self.encoder(ids, thinned)
        there = (ids != PAD).unsqueeze(-1)
        mean = (x * there).sum(1) / there.sum(1)
        whole = self.dropout(torch.cat([x[:, 0], mean], dim=-1))  # (B, 2 D)
        x = self.dropout(x)
        return {
            **{name: head(whole) for name, head in self.choices.items()},
            **{name: head(whole) for name, head in self.sets.items()},
            "marks": self.marks(x),
            "excluded": self.excluded(x).squeeze(-1),
        }


def loss_of(answers: Mapping[str, Tensor], right: Mapping[str, Tensor], ids: Tensor) -> Tensor:
    """The sum over all questions. `right` has numbers for choices (B,) and marks (B, T), 0 or 1 for the others.

    Where a message asks for no figures only its kind counts, and what it names where another tool will want to know.
    """
    figures = right["kind"] == 0
    losses = {"kind": functional.cross_entropy(answers["kind"], right["kind"])}
    for name in CHOICES:
        if name != "kind":
            each = functional.cross_entropy(answers[name], right[name], reduction="none")
            losses[name] = _mean(each, figures)
    for name in SETS:
        each = functional.binary_cross_entropy_with_logits(answers[name], right[name], reduction="none").sum(-1)
        losses[name] = _mean(each, figures)
    named = right["kind"] <= len(TOOLS)
    token = (ids != PAD) & named.unsqueeze(-1)
    marks = functional.cross_entropy(answers["marks"].transpose(1, 2), right["marks"], reduction="none")
    losses["marks"] = _mean(marks, token)
    left_out = functional.binary_cross_entropy_with_logits(answers["excluded"], right["excluded"], reduction="none")
    losses["excluded"] = _mean(left_out, token & (right["marks"] > 0))
    return torch.stack([WEIGHTS.get(name, 1.0) * loss for name, loss in losses.items()]).sum()


def _mean(losses: Tensor, counted: Tensor) -> Tensor:
    return (losses * counted).sum() / counted.sum().clamp(min=1)
