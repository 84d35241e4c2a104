"""Formats that can be imported, and the one way in: files → staging → canonical tables → a published store."""

from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from store.connect import open_store
from store.errors import UserError
from store.importers import online_retail
from store.importers.importer import Importer
from store.importers.merge import attach_old
from store.importers.reading import Progress, stage
from store.importers.report import QualityReport, Totals
from store.manifest import MANIFEST, Manifest, read_manifest
from store.paths import Home
from store.publish import publish
from store.schema import TABLES

IMPORTERS: dict[str, Importer] = {
    "online-retail": Importer(
        online_retail.COLUMNS, online_retail.fill, online_retail.kept, online_retail.left_out, online_retail.changed
    )
}


def import_files(
    home: Home,
    name: str,
    format: str,
    files: Sequence[Path],
    *,
    append: bool = False,
    progress: Progress = lambda what, part: None,
    waiting: Callable[[], None] | None = None,
) -> tuple[Manifest, QualityReport]:
    """Import files of one format into a store, replacing it or, with `append`, merging into it.

    UserError: bad input (file, row, column, value, what was expected); the store is as it was then.
    """
    importer = IMPORTERS[format]
    reports: list[QualityReport] = []

    def build(con: duckdb.DuckDBPyConnection) -> dict[str, object]:
        instead_of = _attach_present(con, home, name, append)
        sources = stage(con, files, importer.columns, progress)
        read = importer.fill(con, sources, progress)
        kept, left_out = importer.kept(con), importer.left_out(con, sources)
        if not any(k.rows for k in kept):
            reasons = "; ".join(f"{r.rows:,} {r.said}" for r in left_out) or "the files have only headers"
            raise UserError(f"No row could be used, so nothing was imported: {reasons}.")
        totals = _totals(con)
        reports.append(
            QualityReport(format, name, instead_of, tuple(read), kept, left_out, importer.changed(con), totals)
        )
        progress("writing the store", 0.9)
        return reports[-1].to_json()

    manifest = publish(home, name, build, format=format, waiting=waiting)
    progress("done", 1)
    return manifest, reports[-1]


def _attach_present(con: duckdb.DuckDBPyConnection, home: Home, name: str, append: bool) -> str:
    """Attach what is merged into, and say what becomes of it."""
    if name not in home.names():
        attach_old(con, None)
        return "a new store"
    if append:
        present = open_store(home, name)
        attach_old(con, str(present.version_file(present.data_version, "shop")))
        return f"added to {_said(present.manifest)}"
    attach_old(con, None)
    try:
        return f"replaces {_said(read_manifest(home.store(name) / MANIFEST))}"
    except UserError:
        return "replaces a store that was damaged"


def _said(manifest: Manifest) -> str:
    orders = f"{manifest.rows['orders']:,} orders, {manifest.first_day} to {manifest.last_day}"
    return f"the {manifest.format} data of {orders}"


def _totals(con: duckdb.DuckDBPyConnection) -> Totals:
    rows = {t.name: con.execute(f"SELECT count(*) FROM {t.name}").fetchall()[0][0] for t in TABLES}
    found = con.execute("""
        SELECT CAST(min(ordered_at)::DATE AS VARCHAR), CAST(max(ordered_at)::DATE AS VARCHAR), any_value(currency),
            (SELECT coalesce(sum(quantity * unit_price - i.discount), 0)
             FROM order_items i JOIN orders USING (order_id) WHERE status = 'completed'),
            (SELECT coalesce(sum(amount), 0) FROM returns), coalesce(sum(shipping), 0),
            count(*) FILTER (customer_id IS NULL)
        FROM orders WHERE status = 'completed'""").fetchall()[0]
    return Totals(rows, *found)
