"""An order foretold from its entities' histories alone: how likely each of its traits was (a masked-event model).

The scorer's encoder reads the histories, with a mask in the order's place; the traits are then told one after another,
each from what was read and the traits before it (NADE; Larochelle and Murray 2011), so that their nats add up to the
order's. B orders, E entities, K earlier orders, G traits with S codes in all, D wide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.fraud.model import Scorer, ScorerConfig

READ = ("events", "held", "past", "codes")


class Masked(nn.Module):
    """`sizes` (G,): how many codes each trait has."""

    def __init__(self, config: ScorerConfig, sizes: Sequence[int]) -> None:
        super().__init__()
        width, total = config.width, sum(sizes)
        self.scorer = Scorer(config)
        self.begin: Tensor
        self.others: Tensor
        self.register_buffer("begin", torch.tensor([0, *sizes[:-1]]).cumsum(0), persistent=False)
        self.register_buffer("others", _others(sizes), persistent=False)
        self.mask = nn.Parameter(torch.zeros(width))
        self.past = nn.EmbeddingBag(total, width, mode="sum")
        self.context = nn.Linear(config.entities * width, len(sizes) * width)
        self.told = nn.Embedding(total, width)
        self.out = nn.Linear(width, total)
        for table in (self.past, self.told):
            nn.init.normal_(table.weight, std=0.05)

    def forward(self, events: Tensor, held: Tensor, past: Tensor, codes: Tensor) -> Tensor:
        """events (B, E, K, C), held (B, E, K), past (B, E, K, G) and the order's own codes (B, G) → nats (B, G)"""
        b, traits = codes.shape
        were = self.past((past + self.begin).flatten(0, -2)).view(*past.shape[:-1], -1)  # (B, E, K, D)
        earlier = self.scorer.earlier(events) + were
        read = self.scorer.read(self.mask.expand(b, -1), earlier, held)
        told = self.told(codes + self.begin)  # (B, G, D)
        before = told.cumsum(1) - told  # of each trait, those that were told by then
        logits = self.out(functional.gelu(self.context(read).view(b, traits, -1) + before)) + self.others
        return functional.cross_entropy(logits.transpose(1, 2), codes + self.begin, reduction="none")


def _others(sizes: Sequence[int]) -> Tensor:
    """(G, S): −∞ where a code is of another trait."""
    of = torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))
    return torch.where(of == torch.arange(len(sizes))[:, None], 0.0, -torch.inf)


def loss(model: nn.Module, batch: Mapping[str, Tensor]) -> Tensor:
    """Nats of an order, a trait on the mean."""
    found: Tensor = model(*(batch[name] for name in READ))
    return found.mean()
