"""A global quantile Transformer: patches of the past and of the steps ahead attend to one another.

What it says of a step is a weighed mean of simple forecasts (anchors) and a departure from it, so that a season is
followed before it was ever learned. B windows, L periods of context, P patches, H steps ahead, C channels, F features
of a step, A anchors, E features of a window, D wide, Q quantile levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import PretrainedConfig, PreTrainedModel

LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
MIDDLE = LEVELS.index(0.5)
GIVEN = ("past", "step", "anchor", "context", "static")
LITTLE = 0.05  # of a level: the mean starts from no less
MOST = 6.0  # arcsinh of some 200 levels: no forecast is beyond


class ForecasterConfig(PretrainedConfig):  # type: ignore[no-untyped-call]
    """`statics` are the sizes of the embeddings, the series' own first; 0 in each is the unknown one. `young`: what is
    learned is without the drift of all series together."""

    model_type = "storewise-forecaster"

    def __init__(
        self, context: int = 112, patch: int = 7, channels: int = 5, horizon: int = 28, features: int = 8,
        anchors: int = 3, window: int = 8, statics: tuple[int, ...] = (), width: int = 96, layers: int = 3,
        heads: int = 4, inner: int = 64, dropout: float = 0.15, forget: float = 0.3, young: bool = False, **more: Any,
    ) -> None:  # fmt: skip
        self.context, self.patch, self.channels, self.horizon = context, patch, channels, horizon
        self.features, self.anchors, self.window, self.statics = features, anchors, window, list(statics)
        self.width, self.layers, self.heads, self.inner = width, layers, heads, inner
        self.dropout, self.forget, self.young = dropout, forget, young
        super().__init__(**more)


class Block(nn.Module):
    """Attention and a feed-forward net, each on what was normalised before (pre-norm; Xiong et al. 2020)."""

    def __init__(self, config: ForecasterConfig) -> None:
        super().__init__()
        width = config.width
        self.heads, self.dropout = config.heads, config.dropout
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, T, D) → (B, T, D)"""
        b, t, d = x.shape
        q, k, v = self.qkv(self.first(x)).view(b, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)  # (B, heads, T, D/heads)
        mixed = functional.scaled_dot_product_attention(q, k, v)
        x = x + self._dropped(self.out(mixed.transpose(1, 2).reshape(b, t, d)))
        return x + self._dropped(self.narrow(functional.gelu(self.widen(self.second(x)))))

    def _dropped(self, x: Tensor) -> Tensor:
        return functional.dropout(x, self.dropout, self.training)


class Ranges(nn.Module):
    """Features as they were in what was learned from: centred, by their deviation, and never beyond what was seen."""

    def __init__(self, size: int) -> None:
        super().__init__()
        for name, value in (("low", -1e9), ("high", 1e9), ("centre", 0.0), ("spread", 1.0)):
            self.register_buffer(name, torch.full((size,), value))

    low: Tensor
    high: Tensor
    centre: Tensor
    spread: Tensor

    def learn(self, x: Tensor) -> None:
        """x (N, F)"""
        self.low.copy_(x.amin(0))
        self.high.copy_(x.amax(0))
        self.centre.copy_(x.mean(0))
        self.spread.copy_(torch.where(self.high > self.low, x.std(0), 1.0))

    def forward(self, x: Tensor) -> Tensor:
        """x (…, F)"""
        found: Tensor = (torch.clamp(x, self.low, self.high) - self.centre) / self.spread
        return found


class Forecaster(PreTrainedModel):  # type: ignore[no-untyped-call]
    """Numbers of a window in; quantiles, a mean and the chance of no sale out, all in levels of the series."""

    config_class: ClassVar[type[ForecasterConfig]] = ForecasterConfig  # type: ignore[misc]

    def __init__(self, config: ForecasterConfig) -> None:
        super().__init__(config)
        width, inner = config.width, config.inner
        self.of_step, self.of_window = Ranges(config.features), Ranges(config.window)
        self.past = nn.Linear(config.patch * config.channels, width)
        self.coming = nn.Linear(config.patch * config.features, width)
        self.window = nn.Linear(config.window, width)
        self.statics = nn.ModuleList(nn.Embedding(size, width) for size in config.statics)
        tokens = config.context // config.patch + -(-config.horizon // config.patch)
        self.positions = nn.Embedding(tokens, width)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.normalised = nn.LayerNorm(width)
        self.unfold = nn.Linear(width, config.patch * inner)
        self.step = nn.Sequential(nn.Linear(config.features + config.window + config.anchors, inner), nn.GELU())
        self.mix = nn.Sequential(nn.Linear(2 * inner, 2 * inner), nn.GELU())
        self.head = nn.Linear(2 * inner, len(LEVELS) + 2 + config.anchors)
        self.post_init()  # type: ignore[no-untyped-call]
        self._begin_at_anchors()

    def _begin_at_anchors(self) -> None:
        """What it says before it has learned: the mean of the anchors, give or take."""
        with torch.no_grad():
            self.head.weight.mul_(0.1)
            self.head.bias.zero_()
            self.head.bias[: len(LEVELS)] = -1.5
            self.head.bias[MIDDLE] = 0.0

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)

    def forward(
        self, past: Tensor, step: Tensor, anchor: Tensor, context: Tensor, static: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """past (B, L, C), step (B, H, F), anchor (B, H, A), context (B, E), static (B, 1 + G) → quantiles bent by
        arcsinh (B, H, Q), the logarithm of the mean (B, H), the logit of no sale (B, H)."""
        step, context = self.of_step(step), self.of_window(context)
        x = self._mixed(past, step, context, static)
        wide = torch.cat([step, context[:, None, :].expand(-1, step.shape[1], -1)], -1)
        out = self.head(self.mix(torch.cat([x, self.step(torch.cat([wide, anchor], -1))], -1)))  # (B, H, Q + 2 + A)
        count = len(LEVELS)
        usual = (out[..., count + 2 :].softmax(-1) * anchor).sum(-1)  # (B, H)
        middle = usual[..., None] + out[..., MIDDLE : MIDDLE + 1]
        gaps = functional.softplus(out[..., :count])
        lower = middle - gaps[..., :MIDDLE].flip(-1).cumsum(-1).flip(-1)
        upper = middle + gaps[..., MIDDLE + 1 :].cumsum(-1)
        bent = torch.cat([lower, middle, upper], -1).clamp(-MOST, MOST)
        mean = usual.clamp(max=MOST).sinh().clamp(min=LITTLE).log() + out[..., count]
        ahead = self.config.horizon
        return bent[:, :ahead], mean.clamp(-8, MOST)[:, :ahead], out[:, :ahead, count + 1]

    def _mixed(self, past: Tensor, step: Tensor, context: Tensor, static: Tensor) -> Tensor:
        """What attention makes of each step, (B, H, inner)."""
        b, config = past.shape[0], self.config
        tokens = torch.cat([self.past(past.reshape(b, -1, self.past.in_features)),
                            self.coming(step.reshape(b, -1, self.coming.in_features))], 1)  # fmt: skip
        x = tokens + self.positions.weight + (self.window(context) + self._embedded(static))[:, None]
        for block in self.blocks:
            x = block(x)
        ahead = self.normalised(x[:, config.context // config.patch :])
        unfolded: Tensor = self.unfold(ahead)
        return unfolded.reshape(b, step.shape[1], config.inner)

    def _embedded(self, static: Tensor) -> Tensor:
        """The sum of the embeddings; while it learns, some are taken for unknown, so that unknown ones are learned.

        Of a young table all are: of few dates an embedding learns those by heart.
        """
        if self.config.young:
            static = torch.zeros_like(static)
        if self.training:
            static = static * (torch.rand(static.shape) >= self.config.forget)
        found: Tensor = torch.stack([table(static[:, g]) for g, table in enumerate(self.statics)]).sum(0)
        return found


def loss(model: nn.Module, batch: Mapping[str, Tensor]) -> Tensor:
    """Pinball loss of the quantiles in levels, plus Poisson's of the mean (its minimum is the mean, and over the
    windows the totals agree; Gourieroux et al. 1984), plus cross-entropy of no sale: what makes it aware of counts.

    Each window counts `weight`. What isn't known of the target (NaN) doesn't count.
    """
    bent, mean, none = model(*(batch[name] for name in GIVEN))
    held = ~torch.isnan(batch["target"])
    y = torch.nan_to_num(batch["target"])  # (B, H)
    gap = y[..., None] - torch.sinh(bent)
    levels = torch.tensor(LEVELS)
    quantile = torch.maximum(levels * gap, (levels - 1) * gap).mean(-1)
    poisson = mean.exp() - y.clamp(min=0) * mean
    zero = functional.binary_cross_entropy_with_logits(none, (y <= 0).float(), reduction="none")
    weight = batch["weight"][:, None] * held
    found: Tensor = ((2 * quantile + MEAN * poisson + COUNT * zero) * weight).sum()
    return found / weight.sum().clamp(min=1e-6)


MEAN, COUNT = 0.2, 0.05  # how much the mean and the chance of no sale count beside the quantiles
