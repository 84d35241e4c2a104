"""Models as they are kept: bit for bit, all or nothing, and nothing that could run is ever read."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from ml.checkpoint import About, load, save
from ml.errors import CheckpointError

ROOT = Path(__file__).parents[1]
ABOUT = About("train forecast --store tiny", 7, "sha256:" + "ab" * 32)
CONFIG = {"layers": 2, "rate": 0.1, "names": ["day", "Tag", "日"], "none": None, "deep": {"yes": True}}
NAMES = ("model.safetensors", "config.json", "manifest.json")


def tensors() -> dict[str, torch.Tensor]:
    """Every type that is kept, and the shapes and values that are easily lost."""
    made = torch.Generator().manual_seed(3)
    wide = torch.randn(6, 4, generator=made)
    types = (torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8)
    odd = torch.tensor([float("nan"), float("inf"), -0.0, 1e-45, 3.4e38])
    return {
        **{str(kind): (wide * 9).to(kind) for kind in types},
        **{"bytes": torch.arange(256).to(torch.uint8), "mask": wide > 0, "odd": odd, "turned": wide.T, "part": wide[::2]},
        **{"scalar": torch.tensor(2.5), "empty": torch.zeros(0, 3), "fitted": wide.clone().requires_grad_()},
        **{"tied.a": wide, "tied.b": wide, "ünï.code": torch.ones(1)},
    }  # fmt: skip


def bits(tensor: torch.Tensor) -> bytes:
    return bytes(tensor.detach().contiguous().flatten().view(torch.uint8).numpy())


# What is kept


def test_a_model_comes_back_bit_for_bit(tmp_path: Path) -> None:
    kept = tensors()
    save(tmp_path / "models" / "forecast", kept, CONFIG, ABOUT)
    found = load(tmp_path / "models" / "forecast")
    assert (found.config, found.about) == (CONFIG, ABOUT)
    assert {n: (t.dtype, t.shape, bits(t)) for n, t in found.tensors.items()} == {
        n: (t.dtype, t.shape, bits(t)) for n, t in kept.items()
    }
    assert not any(t.requires_grad for t in found.tensors.values())


def test_the_same_model_has_the_same_version_and_files(tmp_path: Path) -> None:
    later = About(ABOUT.command, ABOUT.seed, ABOUT.data_version, made_at="2030-01-01T00:00:00+00:00")
    save(tmp_path / "a", tensors(), CONFIG, ABOUT)
    save(tmp_path / "b", tensors(), CONFIG, later)
    assert load(tmp_path / "a").version == load(tmp_path / "b").version
    assert (tmp_path / "a" / NAMES[0]).read_bytes() == (tmp_path / "b" / NAMES[0]).read_bytes()
    save(tmp_path / "b", tensors(), {**CONFIG, "layers": 3}, ABOUT)
    assert load(tmp_path / "a").version != load(tmp_path / "b").version


def test_what_made_a_model_is_told(tmp_path: Path) -> None:
    save(tmp_path / "m", {}, {}, ABOUT)
    body = json.loads((tmp_path / "m" / "manifest.json").read_text())
    assert body["about"]["libraries"]["torch"] == torch.__version__
    data = (tmp_path / "m" / "config.json").read_bytes()
    assert body["files"]["config.json"] == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def test_a_folder_by_a_link_and_without_the_right_to_write(tmp_path: Path) -> None:
    save(tmp_path / "real" / "m", {"a": torch.ones(2)}, {}, ABOUT)
    (tmp_path / "link").symlink_to(tmp_path / "real" / "m")
    save(tmp_path / "link", {"a": torch.zeros(2)}, {}, ABOUT)
    assert (tmp_path / "link").is_symlink()
    (tmp_path / "real").chmod(0o500)
    try:
        assert load(tmp_path / "link").tensors["a"].tolist() == [0, 0]
    finally:
        (tmp_path / "real").chmod(0o700)


@pytest.mark.parametrize("config", [{"a": float("nan")}, {"a": (1, 2)}, {1: "a"}, {"a": [float("inf")]}])
def test_a_config_that_would_not_come_back_is_not_kept(tmp_path: Path, config: dict[Any, Any]) -> None:
    with pytest.raises(ValueError):
        save(tmp_path / "m", {}, config, ABOUT)
    assert not (tmp_path / "m").exists()


def test_a_type_that_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is of type C64"):
        save(tmp_path / "m", {"a": torch.ones(2, dtype=torch.complex64)}, {}, ABOUT)


def test_a_folder_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("all")
    with pytest.raises(CheckpointError, match=r"letters holds dear\.txt"):
        save(tmp_path / "letters", {}, {}, ABOUT)
    assert (tmp_path / "letters" / "dear.txt").read_text() == "all"


def test_a_disk_that_cannot_be_written_leaves_the_old_model(tmp_path: Path) -> None:
    save(tmp_path / "m", {"a": torch.ones(2)}, {}, ABOUT)
    script = """
import resource, signal, sys, torch
from pathlib import Path
from ml.checkpoint import About, load, save
from ml.errors import CheckpointError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    save(Path(sys.argv[1]), {"a": torch.ones(100_000)}, {}, About("x", 1, "y"))
except CheckpointError as error:
    print(error)
"""
    assert "could not be written, and is as it was" in run(script, tmp_path / "m")
    assert load(tmp_path / "m").tensors["a"].tolist() == [1, 1]
    assert sorted(p.name for p in tmp_path.iterdir()) == [".m.lock", "m"]


# All or nothing


def run(script: str, *arguments: Path) -> str:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


KILLED = """
import os, signal, sys, torch
from itertools import count
from pathlib import Path
from ml.checkpoint import About, load, save

folder = Path(sys.argv[1])
STEPS = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.listdir", "fcntl.flock"}

def keep(generation):
    save(folder, {"a": torch.full((2000,), generation)}, {"generation": generation}, About("x", generation, "y"))

def kill_at(step):
    left = step
    def hook(event, _):
        nonlocal left
        if event in STEPS:
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
    sys.addaudithook(hook)

def kept():
    found = load(folder)
    generation = found.config["generation"]
    assert (found.tensors["a"] == generation).all() and found.about.seed == generation
    return generation

keep(0)
for step in count():
    before = kept()
    child = os.fork()
    if child == 0:
        kill_at(step)
        keep(before + 1)
        os._exit(0)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    after = kept()
    assert after in (before, before + 1), (before, after)
    print(step, ended, after - before, sorted(p.name for p in folder.parent.iterdir()))
    if ended == 0:
        break
"""


def test_killed_at_any_step_a_save_leaves_a_whole_model(tmp_path: Path) -> None:
    """Each time on what the kill before it left behind."""
    steps = [line.split(maxsplit=3) for line in run(KILLED, tmp_path / "m").splitlines()]
    assert [ended for _, ended, *_ in steps] == ["-9"] * (len(steps) - 1) + ["0"]
    assert len(steps) > 20
    left = {name for *_, names in steps for name in (".m.work", ".m.new", ".m.old") if f"'{name}'" in names}
    assert left == {".m.work", ".m.new", ".m.old"}  # the kills did come at every stage
    assert any("'m'" not in names for *_, names in steps)
    assert steps[-1][3] == "['.m.lock', 'm']"


READ = """
import os, sys, torch, traceback
from pathlib import Path
from ml.checkpoint import About, load, save

folder = Path(sys.argv[1])
torch.set_num_threads(1)

def keep(generation):
    save(folder, {"a": torch.full((50_000,), generation)}, {"generation": generation}, About("x", generation, "y"))

def read(done):
    seen = set()
    while not done.exists():
        found = load(folder)
        generation = found.config["generation"]
        assert (found.tensors["a"] == generation).all() and found.about.seed == generation
        seen.add(generation)
    return len(seen)

def forked(work):
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    return child

keep(0)
done = Path(sys.argv[2])
readers = [forked(lambda: os.write(1, b"%d " % read(done))) for _ in range(3)]
writers = [forked(lambda: [keep(100 * n + i) for i in range(40)]) for n in (1, 2)]
ends = [os.waitpid(child, 0)[1] for child in writers]
done.touch()
ends += [os.waitpid(child, 0)[1] for child in readers]
assert ends == [0] * 5, ends
"""


def test_readers_see_one_version_or_another_whatever_writers_do(tmp_path: Path) -> None:
    seen = [int(line) for line in run(READ, tmp_path / "m", tmp_path / "done").split()]
    assert len(seen) == 3 and all(count > 3 for count in seen)
