"""Tensors as the bytes of a safetensors file: data alone, read by a parser that can't run anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ml.errors import AGAIN, CheckpointError
from ml.strict_json import read_object

if TYPE_CHECKING:
    import torch

DTYPES = frozenset({"F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL"})
MOST_HEADER = 1 << 20  # bytes: some ten thousand tensors


def to_bytes(tensors: Mapping[str, torch.Tensor]) -> bytes:
    """ValueError: a type of numbers that is not kept."""
    from safetensors.torch import save

    data = save({name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()})
    try:
        _check_header(Path("model"), data)
    except CheckpointError as error:
        raise ValueError(str(error)) from error
    return data


def from_bytes(path: Path, data: bytes) -> dict[str, torch.Tensor]:
    """CheckpointError names `path`, where the bytes are from."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    _check_header(path, data)
    try:
        return load(data)
    except (SafetensorError, ValueError, RuntimeError) as error:
        raise CheckpointError(f"{path} is no safetensors file: {error}. {AGAIN}") from error


def _check_header(path: Path, data: bytes) -> None:
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or size > min(MOST_HEADER, len(data) - 8):
        raise CheckpointError(f"{path}: its header claims {size:,} bytes of {MOST_HEADER:,} it may have. {AGAIN}")
    header = read_object(path, data[8 : 8 + size])
    for name, tensor in header.items():
        dtype = tensor.get("dtype") if isinstance(tensor, dict) else None
        if name != "__metadata__" and dtype not in DTYPES:
            raise CheckpointError(f"{path}: tensor {name!r} is of type {dtype}, not of {', '.join(sorted(DTYPES))}.")
