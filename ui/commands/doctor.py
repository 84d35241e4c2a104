"""./storewise doctor: is everything there, and whole?"""

import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import typer

from store.paths import Home
from ui.commands.common import home_of

_ROOM = 1 << 30  # bytes: an import needs the store's size three times over


@dataclass(frozen=True)
class Finding:
    good: bool
    said: str


def doctor_command(context: typer.Context) -> None:
    """Check the installation: Python, packages, the home folder, every store. Exit 1 where something is wrong."""
    findings = list(_findings(home_of(context), Path(__file__).parents[2]))
    for finding in findings:
        print(f"{'ok ' if finding.good else 'BAD'}  {finding.said}")
    raise typer.Exit(0 if all(f.good for f in findings) else 1)


def _findings(home: Home, checkout: Path) -> Iterator[Finding]:
    here = sys.version_info
    yield Finding(here >= (3, 11), f"Python {here.major}.{here.minor}.{here.micro} (3.11 or newer is needed)")
    yield from _packages(checkout)
    yield from _home(home)
    yield from _stores(home)


def _packages(checkout: Path) -> Iterator[Finding]:
    wanted = tomllib.loads((checkout / "pyproject.toml").read_text())["project"]["dependencies"]
    names = [re.split(r"[^A-Za-z0-9_.-]", requirement)[0] for requirement in wanted]
    missing = [name for name in names if not _installed(name)]
    if missing:
        yield Finding(False, f"packages missing: {', '.join(missing)}. Run make test.")
    else:
        yield Finding(True, f"{len(names)} packages installed")


def _installed(name: str) -> bool:
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False


def _home(home: Home) -> Iterator[Finding]:
    probe = home.root / ".doctor"
    try:
        home.root.mkdir(parents=True, exist_ok=True)
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        yield Finding(False, f"{home.root} cannot be written: {error.strerror}")
        return
    yield Finding(True, f"{home.root} can be written")
    free = shutil.disk_usage(home.root).free
    yield Finding(free > _ROOM, f"{free / _ROOM:,.1f} GiB free on its disk (1 GiB is needed)")


def _stores(home: Home) -> Iterator[Finding]:
    from store.upkeep import describe_stores

    for info in describe_stores(home):
        yield Finding(info.problem is None, info.problem or f"store {info.name}: files whole")
    if not home.names():
        yield Finding(True, "no stores yet")
