"""Files that are too much: each is refused with its name, the cap and what to do, before memory is a matter."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from store.errors import UserError
from store.importers import import_files, workbook
from store.importers.caps import CAPS, Caps
from store.importers.online_retail import COLUMNS
from store.importers.reading import Source, stage
from store.paths import Home
from tests.exports import HEADER, ROWS, csv_text, lines, write_csv, write_parquet, write_xlsx
from tests.hostile import GOOD, LINE, MAIN, book, claiming, opendocument, padded, relations, row, sheet, text

ROOT = Path(__file__).parents[1]
OFTEN = '<c t="s"><v>0</v></c>'


def staged(path: Path, caps: Caps = CAPS) -> list[Source]:
    with duckdb.connect(config={"memory_limit": "150MB", "temp_directory": str(path.parent / "spill")}) as con:
        return stage(con, [path], COLUMNS, lambda what, part: None, caps)


def refused(path: Path, *said: str, caps: Caps = CAPS) -> None:
    with pytest.raises(UserError) as error:
        staged(path, caps)
    for part in (path.name, *said):
        assert part in str(error.value)


# Caps, made small


def exports(folder: Path) -> dict[str, Path]:
    rows = [(1000 + i, "M10", "a mug of twenty letters"[: 19 + i % 5], *ROWS[0][3:]) for i in range(30)]
    made = {"CSV": write_csv, "XLSX": write_xlsx, "Parquet": write_parquet}
    return {kind: write(folder / f"x.{kind.lower()}", rows) for kind, write in made.items()}


CAPPED = [
    (Caps(rows=29), "has more than 29 rows, the most that are read. Split it"),
    (Caps(columns=7), "has more than 7 columns, the most that are read. Leave out the columns"),
    (Caps(cell=22), "a cell has more than 22 characters, the most that it may have. Look for a quotation mark"),
    (Caps(file=100), "is larger than 0 MB, the most that is read. Split it"),
]


@pytest.mark.parametrize("kind", ["CSV", "XLSX", "Parquet"])
@pytest.mark.parametrize(("caps", "said"), CAPPED, ids=["rows", "columns", "cell", "file"])
def test_caps_that_every_kind_of_file_has(tmp_path: Path, kind: str, caps: Caps, said: str) -> None:
    refused(exports(tmp_path)[kind], said, caps=caps)


@pytest.mark.parametrize("kind", ["CSV", "XLSX", "Parquet"])
def test_what_is_just_below_the_caps_is_read(tmp_path: Path, kind: str) -> None:
    assert staged(exports(tmp_path)[kind], Caps(rows=30, columns=8, cell=23, row=120))[0].rows == 30


OWN = [
    ("CSV", Caps(row=60), "row 1: a row has more than 60 characters"),
    ("XLSX", Caps(row=60), "row 1: a row has more than 60 characters"),
    ("XLSX", Caps(unpacked=2_000), "unpacks to more than 0 MB, the most that is read. Save the sheet"),
    ("XLSX", Caps(small=2_000, ratio=1), "unpacks to more than 1 times its size"),
    ("Parquet", Caps(content=1_500), "holds more than 0 MB of text, the most that is read. Split it"),
]


@pytest.mark.parametrize(("kind", "caps", "said"), OWN)
def test_caps_of_one_kind_of_file(tmp_path: Path, kind: str, caps: Caps, said: str) -> None:
    refused(exports(tmp_path)[kind], said, caps=caps)


def test_a_workbook_that_takes_too_long(tmp_path: Path) -> None:
    path = book(tmp_path / "slow.xlsx", sheet(GOOD + '<row r="1048576"><c r="A1048576"><v>1</v></c></row>'))
    refused(path, "takes more than 1 seconds to read", caps=Caps(seconds=1))


# Workbooks as no program writes them


def entities(folder: Path) -> Path:
    nested = "".join(f'<!ENTITY b{i} "{f"&b{i - 1};" * 10}">' for i in range(1, 10))
    doctype = f'<!DOCTYPE w [<!ENTITY b0 "jar">{nested}]>'
    return book(folder / "x.xlsx", sheet(GOOD.replace("mug", "&b9;"), prolog=doctype))


def outside(folder: Path) -> Path:
    (folder / "secret.txt").write_text("the-till-code-is-4711")
    doctype = f'<!DOCTYPE w [<!ENTITY b SYSTEM "{(folder / "secret.txt").as_uri()}">]>'
    return book(folder / "x.xlsx", sheet(GOOD.replace("mug", "&b;"), prolog=doctype))


MEMORY = "takes more than 1,000 MB of memory, the most that reading it may take. Look for a stray cell"
HOSTILE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a bomb of spaces": (lambda f: book(f / "x.xlsx", padded(200, GOOD, "")), "unpacks to more than 100 times its size"),
    "a bomb in a cell": (
        lambda f: book(f / "x.xlsx", padded(200, GOOD + '<row><c t="inlineStr"><is><t>', "</t></is></c></row>", "a")),
        "unpacks to more than 100 times its size",
    ),
    "a bomb that lies": (
        lambda f: claiming(book(f / "x.xlsx", padded(200, GOOD, "")), 1_000),
        "larger than its declared uncompressed size",
    ),
    "a cell in the last corner": (
        lambda f: book(f / "x.xlsx", sheet(GOOD + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
        MEMORY,
    ),
    "a cell in the last column": (
        lambda f: book(f / "x.xlsx", sheet(GOOD + '<row r="3"><c r="XFD3"><v>1</v></c></row>')),
        "sheet 'Lines' has more than 2,000 columns",
    ),
    "a cell beyond every sheet": (
        lambda f: book(f / "x.xlsx", sheet(GOOD + '<row r="4294967295"><c r="ZZZZZZ4294967295"><v>1</v></c></row>')),
        "x.xlsx",
    ),
    "a column of a thousand letters": (
        lambda f: book(f / "x.xlsx", sheet(GOOD + f'<row><c r="{"A" * 1000}3"><v>1</v></c></row>')),
        "x.xlsx",
    ),
    "shared texts that claim to be many": (
        lambda f: book(f / "x.xlsx", sheet(GOOD), **{
            "xl/sharedStrings.xml": f'<sst {MAIN} count="4294967295" uniqueCount="4294967295"><si><t>a</t></si></sst>'
        }),
        "x.xlsx",
    ),
    "a shared text in very many cells": (
        lambda f: book(f / "x.xlsx", sheet(GOOD + f"<row>{OFTEN * 8}</row>" * 20_000), f"<si><t>{'x' * 32_000}</t></si>"),
        MEMORY,
    ),
    "entities that grow": (entities, "unrecognized entity"),
    "an entity of a file outside": (outside, "unrecognized entity"),
    "a cell that repeats over all sheets": (lambda f: opendocument(f / "x.ods", 1_048_576, 16_384), "x.ods"),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_workbook_is_refused_and_nothing_of_it_is_told(tmp_path: Path, what: str) -> None:
    make, said = HOSTILE[what]
    path = make(tmp_path)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(UserError) as error:
        staged(path)
    assert said in str(error.value) and path.name in str(error.value)
    assert "4711" not in str(error.value)


def test_a_repeated_cell_that_fits_is_only_another_sheet(tmp_path: Path) -> None:
    refused(opendocument(tmp_path / "x.ods", 2, 3), "lacks the columns", "Row 1 has: a, a, a.")


def test_a_sheet_that_claims_to_be_large_is_read_as_it_is(tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", sheet(GOOD, dimension="A1:XFD1048576"))
    assert staged(path)[0].rows == 1
    formatted = '<row r="1048576"><c r="XFD1048576" s="0"/></row>'
    assert staged(book(tmp_path / "x.xlsx", sheet(GOOD + formatted)))[0].rows == 1


def test_a_link_to_elsewhere_is_not_followed(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(1)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/prices.xlsx"
        linked = '<c t="str"><f>[1]Prices!A1</f><v>mug</v></c>'
        links = {
            "xl/externalLinks/externalLink1.xml": f"<externalLink {MAIN}><externalBook/></externalLink>",
            "xl/externalLinks/_rels/externalLink1.xml.rels": relations(externalLinkPath=address),
        }
        path = book(tmp_path / "x.xlsx", sheet(GOOD.replace(text("mug"), linked)), **links)
        assert staged(path)[0].rows == 1
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_fault_of_the_reader_is_a_bug_and_not_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "child.py").write_text("raise KeyError('the shelf')")
    monkeypatch.setattr(workbook, "CHILD", tmp_path / "child.py")
    with pytest.raises(RuntimeError, match="KeyError: 'the shelf'"):
        staged(write_xlsx(tmp_path / "x.xlsx"))


def test_no_reader_is_left_behind(tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", sheet(GOOD + row(*LINE) * 60_000))
    opened = workbook.sheets(path, CAPS, lambda what, part: None)
    first = next(opened)
    next(iter(first.rows))
    reader = [pid for pid in children() if "workbook_child.py" in command(pid)]
    assert len(reader) == 1
    opened.close()
    assert not Path(f"/proc/{reader[0]}").exists()


def children() -> list[str]:
    return Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split()


def command(pid: str) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


# Texts


def written(path: Path, *parts: str | bytes) -> Path:
    with path.open("wb") as out:
        for part in parts:
            out.write(part if isinstance(part, bytes) else part.encode())
    return path


HEAD = ",".join(HEADER) + "\n"
GOOD_LINE = ",".join(LINE) + "\n"
TEXTS: dict[str, tuple[tuple[str | bytes, ...], str]] = {
    "a million columns": ((HEAD.strip() + "," * 1_000_000 + "\n", GOOD_LINE), "has more than 2,000 columns"),
    "a line without end": ((HEAD, "x" * 9_000_000), "row 2: a row has more than 4,000,000 characters"),
    "a header without end": (("x" * 9_000_000,), "row 1: a row has more than 4,000,000 characters"),
    "a quotation mark not closed": (
        (HEAD, GOOD_LINE.replace("mug", '"mug'), GOOD_LINE * 5_000),
        "row 2: a cell has more than 131,072 characters, the most that it may have. Look for a quotation mark",
    ),
    "a row over lines without end": (
        (HEAD, '1001,M10,"mug', '\n","b' * 1_000_000),
        "row 2: a row has more than 4,000,000 characters",
    ),
    "a NUL": ((HEAD, GOOD_LINE * 40, GOOD_LINE.replace("mug", "m\0ug")), "row 42, column Description: the cell has a NUL"),
    "a NUL late": (
        (HEAD, GOOD_LINE * 4_000, GOOD_LINE.replace("Spain", "Sp\0ain")),
        "row 4002, column Country: the cell has a NUL",
    ),
    "zeros": ((bytes(100_000),), "is not a table"),
    "another encoding within UTF-8": (
        (HEAD, GOOD_LINE.replace("mug", "Café crème"), GOOD_LINE.replace("mug", "Café").encode("cp1252")),
        "line 3, has bytes that are not UTF-8, as the rest of the file is. Save all of it as UTF-8",
    ),
    "half a character, as some databases write it": (
        (HEAD, GOOD_LINE.encode().replace(b"mug", b"m\xed\xa0\xbdg")),
        "line 2, has bytes that are not UTF-8",
    ),
    "half a character of UTF-16": (
        (HEAD.encode("utf-16"), GOOD_LINE.replace("mug", "\ud83d").encode("utf-16-le", "surrogatepass")),
        "is not a table",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", TEXTS)
def test_a_hostile_text_is_refused(tmp_path: Path, what: str) -> None:
    parts, said = TEXTS[what]
    refused(written(tmp_path / "x.csv", *parts), said)


def test_texts_of_windows_are_still_read(tmp_path: Path) -> None:
    rows = [(1000 + i, "M10", "CAFÉ» crème", *ROWS[0][3:]) for i in range(5)]
    path = written(tmp_path / "x.csv", csv_text(lines(rows)).encode("cp1252"))
    assert staged(path)[0].kind == "CSV, cp1252, comma"


def test_what_never_ends_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    refused(tmp_path / "pipe.csv", "is no plain file: save what it gives to one")
    refused(Path("/dev/zero"), "is no plain file")


# Parquet


def parquet(path: Path, description: str, rows: int) -> Path:
    columns = f"'1001' AS InvoiceNo, 'M10' AS StockCode, {description} AS Description, 1 AS Quantity"
    more = "TIMESTAMP '2021-03-01' AS InvoiceDate, 2.5 AS UnitPrice, 5 AS CustomerID, 'Spain' AS Country"
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute(f"COPY (SELECT {columns}, {more} FROM range({rows})) TO '{path}' (COMPRESSION zstd)")
    return path


@pytest.mark.parametrize(
    ("description", "rows", "caps", "said"),
    [
        (
            "repeat('x', 100000)",
            2_000,
            Caps(content=100_000_000),
            "holds more than 100 MB of text, the most that is read",
        ),
        ("'mug'", 1_500_000, Caps(rows=1_000_000), "has more than 1,000,000 rows, the most that are read. Split it"),
        ("repeat('x', 200000000)", 1, CAPS, "takes more memory to unpack than an import may take. Write it in smaller"),
        ("'m' || chr(0)", 9, CAPS, "row 2, column Description: the cell has a NUL"),
    ],
)
def test_a_small_parquet_file_may_hold_any_number_of_cells(
    tmp_path: Path, description: str, rows: int, caps: Caps, said: str
) -> None:
    path = parquet(tmp_path / "x.parquet", description, rows)
    assert path.stat().st_size < 100_000
    refused(path, said, caps=caps)


def test_a_parquet_file_that_claims_anything_is_read_or_refused(tmp_path: Path) -> None:
    """Each byte of what the file says of itself in turn, as large as it goes."""
    good = write_parquet(tmp_path / "good.parquet").read_bytes()
    about = len(good) - 8 - int.from_bytes(good[-8:-4], "little")
    read = 0
    for place in range(about, len(good) - 4, 13):
        path = written(tmp_path / "x.parquet", good[:place], b"\xff" * 3, good[place + 3 :])
        try:
            read += bool(staged(path))
        except UserError as error:
            assert path.name in str(error)
    assert read < 60


# The whole way

MEASURED = """
import json, resource, sys
from pathlib import Path
from store.errors import UserError
from store.importers import import_files
from store.paths import Home
try:
    import_files(Home(Path(sys.argv[1])), "shop", "online-retail", [Path(sys.argv[2])])
    said = "imported"
except UserError as error:
    said = str(error)
own = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([said, int(own), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""


def measured(home: Home, path: Path) -> list[Any]:
    ran = subprocess.run(
        [sys.executable, "-c", MEASURED, str(home.root), str(path)],
        capture_output=True, text=True, timeout=300, check=True, cwd=ROOT,
    )  # fmt: skip
    result: list[Any] = json.loads(ran.stdout)
    return result


@pytest.mark.parametrize(
    "what", ["a bomb in a cell", "a shared text in very many cells", "shared texts that claim to be many"]
)
def test_a_hostile_workbook_takes_less_than_a_gigabyte(tmp_path: Path, what: str) -> None:
    said, own, reader = measured(Home(tmp_path / "home"), HOSTILE[what][0](tmp_path))
    assert "x.xlsx" in said
    assert own < 300_000 and reader < 1_000_000  # KiB


def test_a_text_without_end_takes_little_memory(tmp_path: Path) -> None:
    path = written(tmp_path / "x.csv", HEAD, *["x" * 1_000_000] * 400)
    said, own, _ = measured(Home(tmp_path / "home"), path)
    assert "4,000,000 characters" in said and own < 300_000


def test_the_command_line_and_the_page_say_which_cap(tmp_path: Path) -> None:
    from agent.principal import Person
    from ui.web.importing import Imports

    (tmp_path / "dropped").mkdir()
    bomb = book(tmp_path / "dropped" / "bomb.xlsx", padded(60, GOOD, ""))
    ran = subprocess.run(
        [sys.executable, "-m", "ui", "import", "online-retail", str(bomb), "--store", "shop"],
        capture_output=True, text=True, cwd=ROOT, timeout=120, env={**os.environ, "STOREWISE_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert ran.returncode == 1
    assert f"storewise: {bomb} unpacks to more than 100 times its size" in ran.stderr and "Traceback" not in ran.stderr
    imports = Imports(Home(tmp_path / "home"))
    job = imports.start(Person(Home(tmp_path / "home")), "shop", "online-retail", [bomb], append=False)
    assert job.process is not None
    job.process.join(120)
    while not job.done:
        time.sleep(0.05)
    assert job.error is not None and job.error.startswith("bomb.xlsx unpacks to more than 100 times its size")


def test_a_refused_file_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    before = import_files(home, "shop", "online-retail", [write_csv(tmp_path / "good.csv")])[0].data_version
    bomb = book(tmp_path / "x.xlsx", sheet(GOOD + row(*LINE[:2], "m" * 200_000, *LINE[3:])))
    for append in (False, True):
        with pytest.raises(UserError, match=r"x\.xlsx, sheet 'Lines', row 3: a cell has more than 131,072 characters"):
            import_files(home, "shop", "online-retail", [tmp_path / "good.csv", bomb], append=append)
    from store.connect import open_store

    assert open_store(home, "shop").data_version == before
