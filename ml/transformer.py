"""A Transformer encoder of BERT's kind (Devlin et al. 2018), small enough for two cores; BERT's own weights fit it.

B texts of T tokens, D wide, H heads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

PAD = 0


@dataclass(frozen=True)
class EncoderConfig:
    """MiniLM's shape unless told otherwise. `vocabulary` counts tokens, `more` those beyond it, `longest` positions."""

    vocabulary: int = 30_522
    more: int = 0
    width: int = 384
    layers: int = 6
    heads: int = 12
    inner: int = 1_536
    longest: int = 512
    dropout: float = 0.1

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise ValueError(f"width {self.width} is no multiple of {self.heads} heads")


class Layer(nn.Module):
    """Self-attention and a feed-forward net, each added to what came in and normalised after."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        width = config.width
        self.heads, self.dropout = config.heads, config.dropout
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.output = nn.Linear(width, width)
        self.attended = nn.LayerNorm(width, eps=1e-12)
        self.widen, self.narrow = nn.Linear(width, config.inner), nn.Linear(config.inner, width)
        self.fed = nn.LayerNorm(width, eps=1e-12)

    def forward(self, x: Tensor, mask: Tensor, thinned: Sequence[Tensor | None] = (None, None)) -> Tensor:
        """x (B, T, D), mask (B, 1, 1, T) true where there is a token → (B, T, D); `thinned` see thinnings"""
        b, t, d = x.shape
        q, k, v = (f(x).view(b, t, self.heads, -1).transpose(1, 2) for f in (self.query, self.key, self.value))
        dropout = self.dropout if self.training else 0.0
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=dropout)  # (B, H, T, D/H)
        x = self.attended(x + self._dropped(self.output(mixed.transpose(1, 2).reshape(b, t, d)), thinned[0]))
        fed: Tensor = self.fed(x + self._dropped(self.narrow(functional.gelu(self.widen(x))), thinned[1]))
        return fed

    def _dropped(self, x: Tensor, thinned: Tensor | None) -> Tensor:
        return functional.dropout(x, self.dropout, self.training) if thinned is None else x * thinned


class Encoder(nn.Module):
    """Tokens in, a vector for each out."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.config = config
        self.tokens = nn.Embedding(config.vocabulary, config.width, padding_idx=PAD)
        self.more = nn.Embedding(config.more + 1, config.width)  # the last one is nobody's
        self.positions = nn.Embedding(config.longest, config.width)
        self.normalised = nn.LayerNorm(config.width, eps=1e-12)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))

    def forward(self, ids: Tensor, thinned: Tensor | None = None) -> Tensor:
        """ids (B, T), PAD where a text has ended → (B, T, D); `thinned` see thinnings"""
        if ids.shape[1] > self.config.longest:
            raise ValueError(f"{ids.shape[1]} tokens are more than {self.config.longest}")
        x: Tensor = self.normalised(self._embedded(ids) + self.positions.weight[: ids.shape[1]])
        x = functional.dropout(x, self.config.dropout, self.training) if thinned is None else x * thinned[0]
        mask = (ids != PAD)[:, None, None, :]
        for i, layer in enumerate(self.layers):
            x = layer(x, mask) if thinned is None else layer(x, mask, (thinned[1 + 2 * i], thinned[2 + 2 * i]))
        return x

    def _embedded(self, ids: Tensor) -> Tensor:
        if not self.config.more:
            found: Tensor = self.tokens(ids)
            return found
        known, beyond = ids < self.config.vocabulary, ids - self.config.vocabulary
        tokens = self.tokens(torch.where(known, ids, PAD))
        more = self.more(torch.where(known, self.config.more, beyond))
        return torch.where(known.unsqueeze(-1), tokens, more)


def thinnings(config: EncoderConfig, copies: int, seed: int) -> Tensor:
    """Factors (1 + 2 layers, copies, 1, D) that take channels out of an encoder as training's dropout does, the same
    ones for every token and every text: what its copies don't agree on, it isn't sure of (Gal and Ghahramani 2016)."""
    rng = torch.Generator().manual_seed(seed)
    kept = torch.rand(1 + 2 * config.layers, copies, 1, config.width, generator=rng) >= config.dropout
    return kept / (1 - config.dropout)


BERT_LAYER = {  # ours → BERT's, within a layer
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "output": "attention.output.dense",
    "attended": "attention.output.LayerNorm",
    "widen": "intermediate.dense",
    "narrow": "output.dense",
    "fed": "output.LayerNorm",
}


def from_bert(tensors: Mapping[str, Tensor], config: EncoderConfig) -> dict[str, Tensor]:
    """The state of an Encoder from a BERT file's tensors. The one token type that texts have joins the positions.

    KeyError where a tensor is missing; tokens beyond BERT's begin as the mean of its own.
    """
    words = tensors["embeddings.word_embeddings.weight"]
    state = {
        "tokens.weight": words,
        "more.weight": words.mean(0, keepdim=True).repeat(config.more + 1, 1),
        "positions.weight": tensors["embeddings.position_embeddings.weight"][: config.longest]
        + tensors["embeddings.token_type_embeddings.weight"][0],
    }
    for part in ("weight", "bias"):
        state[f"normalised.{part}"] = tensors[f"embeddings.LayerNorm.{part}"]
        for i in range(config.layers):
            for ours, theirs in BERT_LAYER.items():
                state[f"layers.{i}.{ours}.{part}"] = tensors[f"encoder.layer.{i}.{theirs}.{part}"]
    return state
