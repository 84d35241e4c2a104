"""The product index: vectors that are never another text's, whatever happens to their files, and whose they are."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retrieval import index
from retrieval.documents import Document
from retrieval.encoder import default_folder, encoder_at
from store.errors import UserError

READ = ("seal.json", "texts.json", "vectors.npy")  # the files that searches read; the others are Chroma's


class Hashed:
    """Texts as vectors that are theirs alone, in no time."""

    version = "hashed"

    def encode(self, texts: list[str], stop: Any = None) -> Any:
        seeds = [int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) for text in texts]
        found = np.array([np.random.default_rng(seed).normal(size=8) for seed in seeds], np.float32).reshape(-1, 8)
        return found / np.linalg.norm(found, axis=1, keepdims=True)


def things(count: int, word: str = "thing") -> list[Document]:
    return [Document(f"p{i}", f"{word} number {i}") for i in range(count)]


def assert_right(folder: Path, documents: list[Document]) -> None:
    kept = index.read(folder)
    assert kept is not None and len(kept.ids) == len(documents)
    vectors, there = kept.of(documents)
    assert there.all() and np.allclose(vectors, Hashed().encode([d.text for d in documents]), atol=1e-5)


def test_only_what_changed_is_embedded_again(tmp_path: Path) -> None:
    folder, documents = tmp_path / "index", things(300)
    assert index.read(folder) is None
    assert index.sync(folder, documents, Hashed()) == index.Synced(300, 0, 0)
    assert index.sync(folder, documents, Hashed()) == index.Synced(0, 300, 0)
    changed = [*things(10, "other"), *documents[10:290]]
    assert index.sync(folder, changed, Hashed()) == index.Synced(10, 280, 10)
    assert_right(folder, changed)
    kept = index.read(folder)
    assert kept is not None and not kept.of(documents)[1][:10].any()  # another text's vectors count nowhere


def test_an_index_of_another_encoder_is_made_anew(tmp_path: Path) -> None:
    other = Hashed()
    other.version = "other"
    index.sync(tmp_path, things(20), other)
    assert index.sync(tmp_path, things(20), Hashed()).rebuilt == "the index was another encoder's"
    assert_right(tmp_path, things(20))


@pytest.mark.parametrize("how", ["garbage", "half", "gone"])
def test_a_damaged_index_is_never_used_and_mended(tmp_path: Path, how: str) -> None:
    index.sync(tmp_path, things(40), Hashed())
    for name in sorted(p.name for p in next(tmp_path.glob("v*")).rglob("*") if p.is_file()):
        [file] = [p for p in next(tmp_path.glob("v*")).rglob("*") if p.name == name]
        content = file.read_bytes()
        file.unlink() if how == "gone" else file.write_bytes(
            b"x" * 99 if how == "garbage" else content[: len(content) // 2]
        )
        if how == "half" and not content:
            continue
        if name in READ:
            with pytest.raises(index.IndexDamaged, match="storewise index"):
                index.read(tmp_path)
        else:
            assert_right(tmp_path, things(40))
        assert index.sync(tmp_path, things(40), Hashed()).rebuilt == "the index was damaged"
        assert_right(tmp_path, things(40))


KILLED = """
import sys, time
from pathlib import Path
from retrieval import index
from tests.test_index import Hashed, things
index.BATCH = 100
print("ready", flush=True)
for word in ("thing", "other"):
    index.sync(Path(sys.argv[1]), things(1500, word), Hashed())
"""


@pytest.mark.slow
def test_killed_whenever_it_goes_on_rightly(tmp_path: Path) -> None:
    for kill in range(20):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]
        )
        assert child.stdout and child.stdout.readline()
        time.sleep(0.6 + kill * 0.13)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        kept = index.read(tmp_path)
        for word in ("thing", "other") if kept else ():
            assert kept is not None
            vectors, there = kept.of(things(1500, word))
            texts = [d.text for d, here in zip(things(1500, word), there, strict=True) if here]
            assert np.allclose(vectors[there], Hashed().encode(texts), atol=1e-5)
    index.sync(tmp_path, things(1500), Hashed())
    assert_right(tmp_path, things(1500))
    assert not list(tmp_path.glob(".work*")) and len(list(tmp_path.glob("v*"))) == 1


@pytest.mark.parametrize(
    ("files", "match"),
    [
        (None, "There is no encoder at"),
        ({}, "lacks config.json, model.safetensors, a tokenizer"),
        ({"config.json": "[", "model.safetensors": "", "vocab.txt": ""}, "is no JSON"),
        ({"config.json": '{"model_type": "gpt2"}', "model.safetensors": "", "vocab.txt": ""}, "type 'gpt2'"),
        (
            {"config.json": '{"model_type": "bert"}', "model.safetensors": "x", "tokenizer.json": "{}"},
            "can't be loaded",
        ),
    ],
)
def test_a_folder_that_is_no_encoder(tmp_path: Path, files: dict[str, str] | None, match: str) -> None:
    folder = tmp_path / "encoder"
    for name, text in (files or {}).items():
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    if files == {}:
        folder.mkdir()
    with pytest.raises(UserError, match=match):
        encoder_at(folder)


@pytest.mark.slow  # it imports transformers
def test_berts_own_net_reads_as_transformers_does(tmp_path: Path) -> None:
    from retrieval.encoder import Encoder, _bert, _of_the_family

    folder = default_folder()
    config = json.loads((folder / "config.json").read_text())
    texts = ["red lamp", "", "a" * 500, "茶壶 红色", "tea " * 100, "Café “quoted” £5", "\ud800"]
    ours, theirs = (Encoder(read, "", 384).encode(texts) for read in (_bert(folder, config), _of_the_family(folder)))
    assert (ours * theirs).sum(1).min() > 0.999


def full_disk(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("broken", ["shutil.copyfile", "numpy.save", "os.rename"])
def test_a_full_disk_is_said_and_what_was_there_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    index.sync(tmp_path, things(40), Hashed())
    with monkeypatch.context() as patch:
        patch.setattr(broken, full_disk)
        with pytest.raises(UserError, match="could not be written"):
            index.sync(tmp_path, things(40, "other"), Hashed())
    assert_right(tmp_path, things(40))
    index.sync(tmp_path, things(40, "other"), Hashed())
    assert_right(tmp_path, things(40, "other"))
