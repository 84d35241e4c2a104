"""How models are kept: FOLDER/model.safetensors, config.json and manifest.json, and nothing else.

The manifest has each file's size and sha256, and what made the model. Nothing is parsed before both are verified, and
nothing that could run is ever read: no pickle, no code, no file that is not listed.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ml import strict_json, weights
from ml.errors import AGAIN, CheckpointError
from ml.folder import opened, replace

if TYPE_CHECKING:
    import torch

WEIGHTS, CONFIG, MANIFEST = "model.safetensors", "config.json", "manifest.json"
FORMAT = 1
MOST = {WEIGHTS: 2 << 30, CONFIG: 1 << 20, MANIFEST: 1 << 20}  # bytes
LIBRARIES = ("torch", "safetensors", "numpy")
CAN_RUN = frozenset(".bin .ckpt .h5 .joblib .npy .npz .pickle .pkl .pt .pth .py .pyc .so".split())


def _libraries() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class About:
    """What made a model: the command, its seed, the data's version; which libraries, and when (UTC)."""

    command: str
    seed: int
    data_version: str
    libraries: Mapping[str, str] = field(default_factory=_libraries)
    made_at: str = field(default_factory=_now)


@dataclass(frozen=True)
class Checkpoint:
    """A model as it was kept. `version` is the same for the same weights and config, whenever they were made."""

    tensors: dict[str, torch.Tensor]
    config: dict[str, Any]
    about: About
    version: str


def save(folder: Path, tensors: Mapping[str, torch.Tensor], config: dict[str, Any], about: About) -> None:
    """Keep a model in the folder, in place of the one that is there: all or nothing, however the process ends.

    ValueError: a config that is not plain JSON, or a type of tensor that is not kept. CheckpointError: the disk's.
    """
    files = {WEIGHTS: weights.to_bytes(tensors), CONFIG: strict_json.to_bytes(config)}
    marks = {name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()}
    body = {"format": FORMAT, "files": marks, "about": asdict(about)}
    replace(folder, {**files, MANIFEST: strict_json.to_bytes({**body, "seal": _seal(body)})})


def load(folder: Path) -> Checkpoint:
    """The model, whole and as it was written. CheckpointError: names the file at fault, and says what to do."""
    with opened(folder, tuple(MOST)) as files:
        manifest = _read_manifest(folder / MANIFEST, files[MANIFEST])
        data = {name: _verified(folder / name, files[name], mark) for name, mark in manifest["files"].items()}
    config = strict_json.read_object(folder / CONFIG, data[CONFIG])
    tensors = weights.from_bytes(folder / WEIGHTS, data[WEIGHTS])
    return Checkpoint(tensors, config, About(**manifest["about"]), _seal(manifest["files"])[:16])


def load_form(folder: Path, form: int, what: str) -> Checkpoint:
    """The model, if the config says that it is of this form. CheckpointError: it isn't; and as `load` has it."""
    kept = load(folder)
    if kept.config.get("form") != form:
        raise CheckpointError(f"{folder} holds no {what} of form {form}. {AGAIN}")
    return kept


def verify_files(folder: Path, sha256: Mapping[str, str]) -> None:
    """Verify files of somebody else's model against hashes that stand in code, before anything reads them.

    CheckpointError: one is missing or another, or the folder has a file that could run and is not listed.
    """
    for name, expected in sha256.items():
        try:
            with (folder / name).open("rb") as handle:
                found = hashlib.file_digest(handle, "sha256").hexdigest()
        except OSError as error:
            raise CheckpointError(f"{folder / name} can't be read ({error.strerror}). {_INSTALL}") from error
        if found != expected:
            raise CheckpointError(f"{folder / name} is not the file that is known: its sha256 is {found}. {_INSTALL}")
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in CAN_RUN and path.relative_to(folder).as_posix() not in sha256:
            raise CheckpointError(f"{path} could run code and is not known. {_INSTALL}")


_INSTALL = "Install its package again, from where you trust it."


def _seal(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _read_manifest(path: Path, file: BinaryIO) -> dict[str, Any]:
    """The manifest, in its form and as it was sealed; it names the two files and no others."""
    data = file.read(MOST[MANIFEST] + 1)
    if len(data) > MOST[MANIFEST]:
        raise CheckpointError(f"{path} has more than {MOST[MANIFEST]:,} bytes. {AGAIN}")
    body = strict_json.read_object(path, data)
    if body.get("format") != FORMAT:
        raise CheckpointError(f"{path} is of format {body.get('format')!r}; format {FORMAT} is read. {AGAIN}")
    if body.pop("seal", None) != _seal(body):
        raise CheckpointError(f"{path} is not as it was written. {AGAIN}")
    fault = _fault(body)
    if fault:
        raise CheckpointError(f"{path}: {fault}. {AGAIN}")
    return body


def _fault(body: dict[str, Any]) -> str | None:
    """What is wrong with the form of a manifest."""
    files, about = body.get("files"), body.get("about")
    if not isinstance(files, dict) or not isinstance(about, dict) or body.keys() != {"format", "files", "about"}:
        return "it has no files, no about, or something else"
    if files.keys() != {WEIGHTS, CONFIG}:
        return f"it lists {', '.join(map(repr, sorted(files)))} instead of {CONFIG} and {WEIGHTS}"
    for name, mark in files.items():
        if not isinstance(mark, dict) or {k: type(v) for k, v in mark.items()} != {"bytes": int, "sha256": str}:
            return f"what it says of {name} is not a size and a sha256"
        if not 0 <= mark["bytes"] <= MOST[name]:
            return f"{name} would have {mark['bytes']:,} bytes; {MOST[name]:,} are the most"
    kinds = {"command": str, "seed": int, "data_version": str, "libraries": dict, "made_at": str}
    if {name: type(value) for name, value in about.items()} != kinds:
        return f"what made the model is not told by {', '.join(kinds)}"
    return None


def _verified(path: Path, file: BinaryIO, mark: dict[str, Any]) -> bytes:
    size = os.fstat(file.fileno()).st_size
    if size != mark["bytes"]:
        raise CheckpointError(f"{path} has {size:,} bytes instead of {mark['bytes']:,}: cut short or changed. {AGAIN}")
    data = file.read(size + 1)
    if len(data) != size or hashlib.sha256(data).hexdigest() != mark["sha256"]:
        raise CheckpointError(f"{path} is damaged or was changed: its sha256 is not the manifest's. {AGAIN}")
    return data
