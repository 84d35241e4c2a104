"""The parser's weights as they are shipped: a byte for each of the large ones, with a scale a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

LARGE = 10_000  # numbers; smaller tensors stay in half precision
FROZEN = ("encoder.tokens.", "encoder.positions.")  # BERT's own, which its package has
SCALE = ".scale"


def packed(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The state for the disk, without what stays as BERT has it."""
    import torch

    out: dict[str, Tensor] = {}
    for name, tensor in state.items():
        if name.startswith(FROZEN):
            continue
        if tensor.numel() < LARGE or tensor.dim() < 2:
            out[name] = tensor.half()
            continue
        scale = (tensor.abs().amax(dim=1, keepdim=True).clamp(min=1e-12) / 127).half()
        out[name] = (tensor / scale.float()).round().clamp(-127, 127).to(torch.int8)
        out[name + SCALE] = scale
    return out


def unpacked(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The state in single precision."""
    import torch

    return {
        name: tensor.float() * tensors[name + SCALE].float() if tensor.dtype == torch.int8 else tensor.float()
        for name, tensor in tensors.items()
        if not name.endswith(SCALE)
    }
