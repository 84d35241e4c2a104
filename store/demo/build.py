"""A demo shop from a seed into a store: tables and truths."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from store.demo.shop import Progress, Shop, draw_shop
from store.demo.tables import fill_tables
from store.demo.truths import FILE, write_truths
from store.errors import UserError
from store.locks import locked
from store.manifest import MANIFEST, Manifest, read_manifest
from store.paths import Home
from store.publish import publish

FORMAT = "demo"


def build_demo(
    home: Home,
    name: str,
    seed: int,
    progress: Progress = lambda what, part: None,
    *,
    replace: bool = False,
    waiting: Callable[[], None] | None = None,
) -> tuple[Manifest, Path]:
    """Publish the demo shop of this seed as a store; its truths lie at the path returned.

    The same seed gives the same rows. An earlier demo is replaced; other data only with `replace`.
    UserError: a store with other data is there, or the disk cannot be written. The store is as it was then.
    """
    drawn: list[Shop] = []

    def build(con: duckdb.DuckDBPyConnection) -> Mapping[str, Any]:
        if not replace:
            _refuse_to_lose(home, name)
        drawn.append(draw_shop(seed, progress))
        fill_tables(con, drawn[0], progress)
        progress("publishing the store", 0.85)
        return {"shop": drawn[0].plan.shop, "theme": drawn[0].plan.theme.name, "seed": seed}

    with locked(home.lock(name, "demo"), waiting=waiting):
        manifest = publish(home, name, build, format=FORMAT, waiting=waiting)
        write_truths(home, name, drawn[0], manifest.data_version)
    progress("done", 1)
    return manifest, home.store(name) / FILE


def _refuse_to_lose(home: Home, name: str) -> None:
    """UserError where the store holds anything but a demo, as far as can be seen."""
    if name not in home.names():
        return
    try:
        present = read_manifest(home.store(name) / MANIFEST)
    except UserError as error:
        raise UserError(
            f"Store {name} is there, but damaged: {error} To replace it all the same, add --replace."
        ) from error
    if present.format != FORMAT:
        days = f"{present.first_day} to {present.last_day}"
        raise UserError(
            f"Store {name} holds {present.format} data ({present.rows['orders']:,} orders, {days}), no demo shop."
            " Give the demo another name (--store NAME), or replace that data with --replace."
        )
