"""Imports from the page: in a process of their own, all or nothing, one at a time a store."""

from __future__ import annotations

import io
import json
import shutil
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from agent.principal import Person
from store.errors import UserError
from store.manifest import read_manifest
from store.paths import Home
from tests.doors import came_from
from tests.exports import ROWS, write_csv, write_xlsx
from ui.web.importing import Imports, Job
from ui.web.reports import job_html, report_html


@pytest.fixture
def home(tiny_home: Home, tmp_path: Path) -> Home:
    """A copy of the tiny shop's home, to be written to."""
    shutil.copytree(tiny_home.root, tmp_path / "home")
    return Home(tmp_path / "home")


def settled(imports: Imports, job: Job, seconds: float = 300) -> Job:
    until = time.monotonic() + seconds
    while not job.done:
        assert time.monotonic() < until
        time.sleep(0.05)
    return job


def upload(folder: Path, name: str, content: bytes) -> Path:
    """A file as Gradio leaves it: in a folder of its own."""
    place = folder / f"upload-{name}"
    place.mkdir()
    (place / name).write_bytes(content)
    return place / name


def test_an_import_in_a_process_of_its_own(tmp_path: Path) -> None:
    home, place = Home(tmp_path / "home"), tmp_path / "dropped"
    place.mkdir()
    imports = Imports(home)
    job = settled(
        imports,
        imports.start(Person(Home(tmp_path)), "cafe", "online-retail", [write_csv(place / "orders.csv")], append=False),
    )
    assert job.error is None and job.report is not None and job.report["rows_read"] == len(ROWS)
    assert not place.exists()  # what was uploaded is gone once it is read
    assert read_manifest(home.store("cafe") / "manifest.json").report == json.loads(json.dumps(job.report))
    shown = job_html(job)
    assert f"<b>{len(ROWS)}</b>" in shown and "Ask about it" in shown and shown == report_html(job.report)


def pdf(folder: Path) -> Path:
    return upload(folder, "orders.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")


def zipped(folder: Path) -> Path:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("orders.csv", "InvoiceNo,StockCode\n1,2\n")
    return upload(folder, "orders.zip", packed.getvalue())


def nothing(folder: Path) -> Path:
    return upload(folder, "orders.csv", b"")


@pytest.mark.parametrize("bad", [pdf, zipped, nothing])
def test_a_file_that_is_no_export_leaves_the_store_as_it_was(home: Home, tmp_path: Path, bad: Any) -> None:
    before = read_manifest(home.store("tiny") / "manifest.json")
    imports, path = Imports(home), bad(tmp_path)
    job = settled(imports, imports.start(Person(Home(tmp_path)), "tiny", "online-retail", [path], append=False))
    assert job.error and path.name in job.error and str(tmp_path) not in job.error
    assert "Nothing was imported" in job_html(job)
    assert read_manifest(home.store("tiny") / "manifest.json") == before


def test_a_second_import_into_a_store_is_refused_and_the_first_can_be_stopped(tmp_path: Path) -> None:
    home, imports = Home(tmp_path / "home"), Imports(Home(tmp_path / "home"))
    big = write_xlsx(tmp_path / "big.xlsx", [(i, *ROWS[0][1:]) for i in range(30_000)])
    first = tmp_path / "first"
    first.mkdir()
    job = imports.start(Person(Home(tmp_path)), "cafe", "online-retail", [Path(shutil.copy(big, first))], append=False)
    with pytest.raises(UserError, match="An import into store cafe is running"):
        imports.start(Person(Home(tmp_path)), "cafe", "online-retail", [big], append=False)
    assert "goes on" in job_html(job)
    imports.stop(Person(home), "cafe")
    settled(imports, job, 20)
    assert job.error == "The import was stopped. The store is as it was." and home.names() == []


def test_an_import_without_a_file_or_with_no_proper_name_is_refused(tmp_path: Path) -> None:
    imports = Imports(Home(tmp_path))
    with pytest.raises(UserError, match="no file yet"):
        imports.start(Person(Home(tmp_path)), "cafe", "online-retail", [], append=False)
    with pytest.raises(UserError, match="not a store name"):
        imports.start(Person(Home(tmp_path)), "../etc", "online-retail", [tmp_path / "x.csv"], append=False)


def test_nobody_replaces_a_store_without_having_said_so(home: Home, tmp_path: Path) -> None:
    import asyncio

    from agent.settings import Settings
    from ui.web.import_page import ImportDesk

    desk = ImportDesk(Settings(), Imports(home))
    before = read_manifest(home.store("tiny") / "manifest.json")

    async def shown(name: str, mode: str | None) -> str:
        return [
            str(each[0])
            async for each in desk.start(
                [str(write_csv(tmp_path / "x.csv"))], "online-retail", name, mode, came_from(Person(home))
            )
        ][-1]

    assert "choose whether to replace" in asyncio.run(shown("tiny", None))
    assert "a name first" in asyncio.run(shown(" ", None))
    assert read_manifest(home.store("tiny") / "manifest.json") == before


def test_what_is_dropped_while_an_import_runs_is_kept_for_the_next(tmp_path: Path) -> None:
    import asyncio

    import gradio as gr

    from agent.settings import Settings
    from ui.web.import_page import ImportDesk, formats
    from ui.web.shop import Shops

    home, place = Home(tmp_path / "home"), tmp_path / "dropped"
    place.mkdir()
    desk = ImportDesk(Settings(), Imports(home))
    _, name = formats()[0]

    async def boxes(shown: Any) -> list[Any]:
        return [each[3] async for each in shown]

    begun = asyncio.run(
        boxes(desk.start([str(write_csv(place / "x.csv"))], name, "cafe", None, came_from(Person(home))))
    )
    assert begun[0] is None and begun[1:] and all(box == gr.skip() for box in begun[1:])
    assert asyncio.run(boxes(desk.look(Shops(Person(home), Settings()), "elsewhere"))) == [
        gr.skip()
    ]  # its report, whichever store one comes from


def test_formats_are_known_by_their_columns() -> None:
    from ui.web.import_page import formats

    assert ("Online retail lines: InvoiceNo, StockCode, Description, Quantity, …", "online-retail") in formats()
