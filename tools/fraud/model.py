"""A Transformer over the entities' own last orders: the order that is judged attends to what went before it.

Each entity's earlier orders and the order itself are a sequence; what the order's token becomes in each of them is read
beside the order's own features. B orders, F features, E entities, K earlier orders, C numbers of each, G categories,
D wide, S steps of a number's embedding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import PretrainedConfig, PreTrainedModel

GIVEN = ("x", "hashed", "events", "held")


class ScorerConfig(PretrainedConfig):  # type: ignore[no-untyped-call]
    """`hashes`: the size of the one table that all hashed categories share."""

    model_type = "storewise-fraud-scorer"

    def __init__(
        self, features: int = 8, entities: int = 1, told: int = 8, steps: int = 8,
        hashes: int = 1024, width: int = 32, layers: int = 2, heads: int = 4, inner: int = 64, dropout: float = 0.1,
        **more: Any,
    ) -> None:  # fmt: skip
        self.features, self.entities, self.told = features, entities, told
        self.steps, self.hashes, self.width, self.layers, self.heads = steps, hashes, width, layers, heads
        self.inner, self.dropout = inner, dropout
        super().__init__(**more)


class Piecewise(nn.Module):
    """Numbers embedded piecewise-linearly between quantiles of what was learned from (Gorishniy et al. 2022, PLE).

    A number that is missing has a place of its own.
    """

    def __init__(self, numbers: int, steps: int) -> None:
        super().__init__()
        self.low: Tensor
        self.wide: Tensor
        self.register_buffer("low", torch.zeros(numbers, steps))
        self.register_buffer("wide", torch.ones(numbers, steps))
        self.size = numbers * (steps + 1)

    def settle(self, edges: Tensor) -> None:
        """edges (numbers, S + 1), rising."""
        self.low.copy_(edges[:, :-1])
        self.wide.copy_(edges[:, 1:] - edges[:, :-1])

    def forward(self, x: Tensor) -> Tensor:
        """(…, numbers), NaN where missing → (…, numbers · (S + 1))"""
        gone = torch.isnan(x)
        steps = ((torch.nan_to_num(x)[..., None] - self.low) / self.wide.clamp(min=1e-9)).clamp(0, 1)
        steps = torch.where(gone[..., None], 0.0, steps * (self.wide > 0))
        return torch.cat([steps, gone[..., None].float()], -1).flatten(-2)


class Block(nn.Module):
    """Attention and a feed-forward net, each on what was normalised before (pre-norm; Xiong et al. 2020)."""

    def __init__(self, config: ScorerConfig) -> None:
        super().__init__()
        width = config.width
        self.heads, self.dropout = config.heads, config.dropout
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.q, self.kv, self.out = nn.Linear(width, width), nn.Linear(width, 2 * width), nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x: Tensor, mask: Tensor, asking: int) -> Tensor:
        """x (B, T, D), mask (B, 1, 1, T), the first Q tokens asking → (B, Q, D)"""
        b, t, d = x.shape
        known = self.first(x)
        q = self.q(known[:, :asking]).view(b, asking, self.heads, -1).transpose(1, 2)  # (B, heads, Q, D/heads)
        k, v = self.kv(known).view(b, t, 2, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x[:, :asking] + self._dropped(self.out(mixed.transpose(1, 2).reshape(b, asking, d)))
        return x + self._dropped(self.narrow(functional.gelu(self.widen(self.second(x)))))

    def _dropped(self, x: Tensor) -> Tensor:
        return functional.dropout(x, self.dropout, self.training)


class Scorer(PreTrainedModel):  # type: ignore[no-untyped-call]
    """Numbers of an order and of those before it in, the logit of fraud out."""

    config_class: ClassVar[type[ScorerConfig]] = ScorerConfig  # type: ignore[misc]

    def __init__(self, config: ScorerConfig) -> None:
        super().__init__(config)
        width = config.width
        self.numbers = Piecewise(config.features, config.steps)
        self.past = Piecewise(config.told, config.steps)
        self.own = nn.Linear(self.numbers.size, width)
        self.event = nn.Linear(self.past.size + config.told, width)
        self.entity = nn.Embedding(config.entities, width)
        self.hashed = nn.Embedding(config.hashes, width)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.normalised = nn.LayerNorm(width)
        self.tabular = nn.Sequential(nn.Linear(self.numbers.size, config.inner), nn.GELU())
        self.head = nn.Sequential(
            nn.Linear(config.inner + width * (config.entities + 1), config.inner), nn.GELU(),
            nn.Dropout(config.dropout), nn.Linear(config.inner, 1),
        )  # fmt: skip
        self.post_init()  # type: ignore[no-untyped-call]

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)

    def forward(self, x: Tensor, hashed: Tensor, events: Tensor, held: Tensor) -> Tensor:
        """x (B, F), hashed (B, G), events (B, E, K, C), held (B, E, K) → (B,)"""
        numbers = self.numbers(x)
        own = self.own(numbers) + self.hashed(hashed).sum(1)  # (B, D)
        told = self.read(own, self.earlier(events), held)
        found: Tensor = self.head(torch.cat([self.tabular(numbers), own, told], -1))
        return found.squeeze(-1)

    def earlier(self, events: Tensor) -> Tensor:
        """(B, E, K, C) → (B, E, K, D), a token for each earlier order."""
        token: Tensor = self.event(torch.cat([self.past(events), events], -1))
        return token

    def read(self, own: Tensor, past: Tensor, held: Tensor) -> Tensor:
        """own (B, D), past (B, E, K, D), held (B, E, K) → (B, E · D): what `own` becomes in each history."""
        b, entities, count, _ = past.shape
        tokens = torch.cat([own[:, None, None].expand(-1, entities, -1, -1), past], 2) + self.entity.weight[:, None]
        mask = functional.pad(held, (1, 0), value=1.0).bool().view(b * entities, 1, 1, count + 1)
        seen = tokens.reshape(b * entities, count + 1, -1)
        for n, block in enumerate(self.blocks, 1):  # of the last one, only what the order's token becomes is read
            seen = block(seen, mask, 1 if n == len(self.blocks) else count + 1)
        told: Tensor = self.normalised(seen[:, 0]).view(b, -1)
        return told


def edges_of(x: Tensor, steps: int) -> Tensor:
    """(numbers, S + 1): quantiles of each column of x (N, numbers), those that are missing left out."""
    levels = torch.linspace(0, 1, steps + 1)
    columns: Sequence[Tensor] = [c[~torch.isnan(c)] for c in x.T]
    return torch.stack([torch.quantile(c, levels) if len(c) else torch.zeros(steps + 1) for c in columns])


def loss(model: nn.Module, batch: Mapping[str, Tensor]) -> Tensor:
    """Cross-entropy, corrected for the others that were left out: the logit is of the whole (King and Zeng 2001)."""
    logit = model(*(batch[name] for name in GIVEN)) + batch["shift"]
    return functional.binary_cross_entropy_with_logits(logit, batch["y"])
