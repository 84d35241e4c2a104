"""JSON as the standard has it: one object, finite numbers, no key twice."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from ml.errors import AGAIN, CheckpointError


def to_bytes(value: dict[str, Any]) -> bytes:
    """ValueError: a value that would not come back as it is."""
    text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    if json.loads(text) != value:
        raise ValueError("only plain JSON can be kept: lists for tuples, texts as keys")
    return text.encode()


def read_object(path: Path, data: bytes) -> dict[str, Any]:
    """CheckpointError names `path`, where the bytes are from."""
    try:
        value = json.loads(data.decode(), parse_constant=_finite, parse_float=_finite, object_pairs_hook=_without_twins)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} is not the JSON that was written: {error}. {AGAIN}") from error
    if not isinstance(value, dict):
        raise CheckpointError(f"{path} is not a JSON object. {AGAIN}")
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number")
    return number


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a key stands twice in an object")
    return value
