"""The command line: what goes where, and the exit codes (0 done, 1 failed, 2 misuse)."""

import io
import json
import os
import shutil
import subprocess
import sys
import types
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agent.answer import failed_answer
from agent.settings import Settings
from store.errors import UserError
from store.locks import locked
from store.paths import Home
from tests.exports import ROWS, write_csv
from ui.__main__ import main

CHECKOUT = Path(__file__).parents[1]
LAUNCHER = CHECKOUT / "storewise"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def object(self) -> dict[str, Any]:
        """stdout as the one JSON object it must be."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


Run = Callable[..., Ran]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("STOREWISE_HOME", str(tmp_path / "home"))
    return Home(tmp_path / "home")


@pytest.fixture
def run(home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def storewise(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["storewise", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return storewise


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "export.csv")


# Help and misuse


@pytest.mark.parametrize(
    "level", [(), ("import",), ("stores",), ("stores", "backup"), ("stores", "remove"), ("ask",), ("doctor",)]
)
def test_help_on_every_level(run: Run, level: tuple[str, ...]) -> None:
    ran = run(*level, "--help")
    assert ran.code == 0 and "Usage: ./storewise" in ran.out and ran.err == ""


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; sys.argv = ['x', '--help']\nimport ui.__main__ as m\ntry: m.main()\nexcept SystemExit: pass\n"
    code += "print(sorted({'duckdb', 'sqlglot', 'pandas', 'torch', 'sqlite3', 'python_calamine'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=CHECKOUT, timeout=300)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_the_launcher_works_from_anywhere(tmp_path: Path) -> None:
    (tmp_path / "ui.py").write_text("raise SystemExit('the wrong ui')")  # the current folder's modules are not ours
    linked = tmp_path / "linked"
    linked.symlink_to(LAUNCHER)
    for launcher in (LAUNCHER, linked):
        ran = subprocess.run([launcher, "--help"], capture_output=True, text=True, cwd=tmp_path, timeout=300)
        assert ran.returncode == 0 and "Commands" in ran.stdout, ran.stderr


def test_the_launcher_says_what_to_do_without_an_environment(tmp_path: Path) -> None:
    copy = tmp_path / "storewise"
    copy.write_bytes(LAUNCHER.read_bytes())
    copy.chmod(0o755)
    ran = subprocess.run([copy, "--help"], capture_output=True, text=True, timeout=300)
    assert ran.returncode == 1 and "make test" in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nonsense",), "nonsense"),
        (("import", "online-retail", "x.csv"), "--store"),
        (("import", "online-retail", "--store", "a"), "FILE"),
        (("import", "shopify", "x.csv", "--store", "a"), "is not built yet"),
        (("import", "ledger", "x.csv", "--store", "a"), "is no format"),
        (("import", "online-retail", "x.csv", "--store", "a/b"), "is not a store name"),
        (("stores", "remove", ".."), "is not a store name"),
        (("ask", "how much?", "--as-of", "9/12/2011"), "--as-of"),
        (("ask", "how much?", "--as-of", "2011-02-30"), "--as-of"),
        (("ask", "--json"), "QUESTION"),
    ],
)
def test_misuse_is_2(run: Run, arguments: tuple[str, ...], said: str) -> None:
    ran = run(*arguments)
    assert ran.code == 2 and said in ran.err and ran.out == ""


# import


def test_import_prints_the_report(run: Run, export: Path) -> None:
    ran = run("import", "online-retail", export, "--store", "shop")
    assert ran.code == 0
    assert "14 rows read = 6 kept + 8 left out" in ran.out
    assert "revenue GBP 30.00 · refunds GBP 4.50 · shipping GBP 12.00 · guest orders 1" in ran.out
    assert ran.err.splitlines() == [
        "reading export.csv",
        "sorting out the lines",
        "building the tables",
        "writing the store",
        "done",
        "embedding product texts",
    ]
    again = run("import", "online-retail", export, "--store", "shop", "--append")
    assert "added to the online-retail data of 3 orders" in again.out


def test_import_as_json(run: Run, export: Path) -> None:
    done = run("import", "online-retail", export, "--store", "shop", "--json").object
    assert done["status"] == "done" and done["data_version"].startswith("sha256:")
    report = done["report"]
    assert report["rows_read"] == 14 == report["rows_kept"] + report["rows_left_out"]
    assert report["totals"]["rows"]["order_items"] == 4
    assert report["left_out"][0]["examples"][0]["row"] == 6


def test_a_bad_file_is_one_clear_line(run: Run, export: Path, home: Home) -> None:
    export.write_text(export.read_text().replace("4.5", "four", 1))
    ran = run("import", "online-retail", export, "--store", "shop")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[-1] == (
        "storewise: export.csv, row 2, column UnitPrice: found 'four', expected a number such as 1234.56. "
        "Nothing was imported."
    )
    as_json = run("import", "online-retail", export, "--store", "shop", "--json")
    assert as_json.code == 1 and as_json.object["status"] == "error" and "'four'" in as_json.object["error"]
    assert home.names() == []


def test_a_second_import_says_that_it_waits(run: Run, export: Path, home: Home) -> None:
    command = [sys.executable, "-m", "ui", "import", "online-retail", str(export), "--store", "shop"]
    with locked(home.lock("shop", "import")):
        second = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert second.stderr and "waiting for it to end" in second.stderr.readline()
    out, _ = second.communicate(timeout=300)
    assert second.returncode == 0 and "14 rows read" in out


# stores


def test_stores_lists_what_there_is(run: Run, export: Path, home: Home) -> None:
    none = run("stores")
    assert (none.code, none.out) == (0, "") and "no stores yet" in none.err
    assert run("stores", "--json").object == {"stores": []}
    for name in ("one", "two"):
        run("import", "online-retail", export, "--store", name)
    (home.store("two") / "shop.duckdb").write_bytes(b"")
    listed = run("stores")
    assert "one  2021-03-01 to 2021-03-25, GBP, from online-retail" in listed.out and "4 order_items" in listed.out
    assert "two\n  Store two is damaged" in listed.out
    one, two = run("stores", "--json").object["stores"]
    assert one["rows"]["orders"] == 3 and one["problem"] is None and one["models"] == [] and one["index"] is True
    assert two["problem"] and two["data_version"] is None


def test_backup_and_remove(run: Run, export: Path, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    run("import", "online-retail", export, "--store", "shop")
    path = Path(run("stores", "backup", "shop").out.strip())
    assert "shop.duckdb" in zipfile.ZipFile(path).namelist()
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    kept = run("stores", "remove", "shop")
    assert kept.code == 1 and home.names() == ["shop"]
    assert run("stores", "remove", "shop", "--yes").code == 0
    assert home.names() == [] and path.exists()
    missing = run("stores", "remove", "shop", "--yes")
    assert missing.code == 1 and "no store 'shop'" in missing.err


def test_doctor(run: Run, export: Path, home: Home) -> None:
    run("import", "online-retail", export, "--store", "shop")
    well = run("doctor")
    assert well.code == 0 and "ok   store shop" in well.out and "BAD" not in well.out
    (home.store("shop") / "analytics.duckdb").unlink()
    ill = run("doctor")
    assert ill.code == 1 and "BAD  Store shop is damaged" in ill.out


# ask

KEYS = {
    "thread_id",
    "turn",
    "store",
    "as_of",
    "status",
    "answer",
    "numbers",
    "receipts",
    "charts",
    "options",
    "steps",
    "usage",
    "error",
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Stands in for the agent: answers by the question's first word, and records how it was called."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")

    def ask(
        principal: Any, thread: str, text: str, *, settings: Settings, as_of: date | None = None, watch: Any = None
    ) -> dict[str, Any]:
        model = settings.model
        calls.append({"store": principal.store, "thread": thread, "text": text, "model": model, "as_of": as_of})
        status = text.split()[0]
        if status == "bug":
            raise ValueError("something nobody thought of")
        if status == "refused":
            raise UserError("no such model")
        answer = failed_answer("it failed", thread, principal.store, model, as_of)
        said = {"answer": "**£30**", "options": ["By month?"] if status == "clarify" else [], "error": None}
        return {**answer, "status": status, **(said if status != "error" else {})}

    module = types.ModuleType("agent.ask")
    module.ask = ask  # type: ignore[attr-defined]
    principal = types.ModuleType("agent.principal")
    principal.Principal = lambda **fields: types.SimpleNamespace(**fields)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "agent.ask", module)
    monkeypatch.setitem(sys.modules, "agent.principal", principal)
    return calls


@pytest.mark.parametrize(("status", "code"), [("answered", 0), ("declined", 0), ("clarify", 0), ("error", 1)])
def test_ask_gives_exactly_one_object(run: Run, asked: list[dict[str, Any]], status: str, code: int) -> None:
    ran = run(
        "ask",
        f"{status} please",
        "--store",
        "shop",
        "--thread",
        "t1",
        "--as-of",
        "2021-03-09",
        "--model",
        "m",
        "--json",
    )
    assert ran.code == code and ran.object["status"] == status and set(ran.object) == KEYS
    assert asked == [
        {"store": "shop", "thread": "t1", "text": f"{status} please", "model": "m", "as_of": date(2021, 3, 9)}
    ]


def test_ask_for_people(run: Run, asked: list[dict[str, Any]], export: Path) -> None:
    run("import", "online-retail", export, "--store", "only")
    ran = run("ask", "clarify this")
    assert ran.out == "**£30**\n- By month?\n"
    assert f"--thread {asked[0]['thread']}" in ran.err and asked[0]["store"] == "only" and len(asked[0]["thread"]) == 12
    failed = run("ask", "error please", "--store", "only")
    assert (failed.code, failed.out) == (1, "") and "storewise: it failed" in failed.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("answered",), "There is no store yet"),
        (("refused", "--store", "x"), "no such model"),
        (("bug", "--store", "x"), "internal error"),
    ],
)
def test_ask_gives_an_object_for_failures_too(
    run: Run, asked: list[dict[str, Any]], home: Home, arguments: tuple[str, ...], said: str
) -> None:
    ran = run("ask", *arguments, "--json")
    assert ran.code == 1 and ran.object["status"] == "error" and said in ran.object["error"] and set(ran.object) == KEYS
    assert "Traceback" not in ran.err
    assert (home.root / "errors.log").exists() == (arguments[0] == "bug")


def test_the_store_that_was_named_last_is_asked_again(run: Run, asked: list[dict[str, Any]], export: Path) -> None:
    for name in ("one", "two"):
        run("import", "online-retail", export, "--store", name)
    several = run("ask", "answered please")
    assert several.code == 1 and "say which with --store NAME (one, two)" in several.err
    run("ask", "error please", "--store", "one")  # which is not remembered
    assert run("ask", "answered please").code == 1
    run("ask", "answered please", "--store", "two")
    assert run("ask", "answered again").code == 0 and [a["store"] for a in asked][-2:] == ["two", "two"]
    run("stores", "remove", "two", "--yes")
    assert run("ask", "answered please").code == 0 and asked[-1]["store"] == "one"


def test_without_a_question_each_line_is_one(
    run: Run, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("answered one\n\n  clarify two \nexit\nanswered never\n"))
    ran = run("ask", "--store", "shop", "--thread", "t1")
    assert (ran.code, ran.out) == (0, "**£30**\n**£30**\n- By month?\n") and "--thread t1" in ran.err
    assert [(a["thread"], a["text"]) for a in asked] == [("t1", "answered one"), ("t1", "clarify two")]
    monkeypatch.setattr(sys, "stdin", io.StringIO("answered one\nerror two"))
    assert run("ask", "--store", "shop").code == 1


def test_a_terminal_gets_steps_a_table_and_a_chart(tiny_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal of its own, as somebody sits at it."""
    import pty

    ours, theirs = pty.openpty()
    command = [LAUNCHER, "ask", "revenue by month in 2024", "--store", "tiny"]
    environment = {**os.environ, "STOREWISE_HOME": str(tiny_home.root), "COLUMNS": "100", "TERM": "xterm"}
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=CHECKOUT)
    os.close(theirs)
    seen = b""
    while part := _read(ours):
        seen += part
    os.close(ours)
    assert process.wait(60) == 0
    text = seen.decode()
    assert "Calculating figures" in text and "─" in text and "Jan 2024" in text and "█" in text and "**" not in text


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # what Linux says when the other side has closed
        return b""


def test_slack_teams_and_their_digests(run: Run, home: Home, tiny_home: Home) -> None:
    shutil.copytree(tiny_home.root, home.root)
    assert run("slack", "add-team", "T0001", "--store", "tiny", "--role", "owner").code == 0
    assert run("slack", "digest", "T0001", "--channel", "C0001", "--every", "week", "--at", "07:30").code == 0
    assert run("slack", "teams").out == "T0001  owner of tiny, digest every week from 07:30 in C0001\n"
    assert run("slack", "add-team", "T0001", "--store", "tiny").code == 0
    assert run("slack", "teams", "--json").object == {
        "teams": [
            {
                "id": "T0001",
                "store": "tiny",
                "role": "analyst",
                "digest": {"channel": "C0001", "every": "week", "at": "07:30"},
            }
        ]
    }
    assert run("slack", "digest", "T0001", "--off").code == 0 and "digest" not in run("slack", "teams").out
    for wrong in (("add-team", "here", "--store", "tiny"), ("add-team", "T0001", "--store", "none"), ("remove-team", "T9"),
                  ("digest", "T0001", "--channel", "sales"), ("digest", "T0001", "--channel", "C0001", "--at", "8am"),
                  ("digest", "T9", "--channel", "C0001")):  # fmt: skip
        assert run("slack", *wrong).code == 1, wrong
    for misuse in (("digest", "T0001"), ("digest", "T0001", "--channel", "C1", "--off"), ("digest", "T0001", "--channel", "C1", "--every", "hour"),
                   ("add-team", "T0001", "--store", "tiny", "--role", "king")):  # fmt: skip
        assert run("slack", *misuse).code == 2, misuse
    assert run("slack", "remove-team", "T0001").code == 0 and run("slack", "teams").out == ""


def test_slack_says_which_key_is_missing(run: Run, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.delenv(variable, raising=False)
    assert (run("slack").code, "SLACK_BOT_TOKEN is not set" in run("slack").err) == (1, True)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    assert "SLACK_APP_TOKEN" in run("slack").err and "SLACK_SIGNING_SECRET" in run("slack", "--http").err


def test_slacks_manifest_is_one_with_all_that_the_app_uses(run: Run) -> None:
    manifest = json.loads(run("slack", "manifest").out)
    events = set(manifest["settings"]["event_subscriptions"]["bot_events"])
    assert {"app_mention", "app_home_opened", "assistant_thread_started", "message.im"} <= events
    assert {"chat:write", "files:write", "commands", "channels:history"} <= set(
        manifest["oauth_config"]["scopes"]["bot"]
    )


def test_users_and_tokens(run: Run, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse\n"))
    assert run("users", "add", "ann", "--store", "shop", "--role", "owner").code == 0
    assert run("users", "list").out == "ann  owner of shop\n"
    assert run("users", "list", "--json").object == {"users": [{"name": "ann", "role": "owner", "stores": ["shop"]}]}
    made = run("tokens", "create", "till", "--all-stores", "--days", "1")
    assert made.code == 0 and made.out.startswith("sw_") and made.out.count("\n") == 1
    id = made.err.split()[1].rstrip(",")
    assert run("tokens", "list").out == f"{id}  till  analyst of all stores  good\n"
    assert run("tokens", "revoke", id).code == 0 and "revoked" in run("tokens", "list").out
    assert run("tokens", "list", "--json").object["tokens"][0]["state"] == "revoked"
    assert run("users", "remove", "ann").code == 0 and run("users", "list").out == ""
    for misuse in (("users", "add", "bob"), ("users", "add", "bob", "--store", "a", "--all-stores"),
                   ("users", "add", "bob", "--store", "a/b"), ("tokens", "create", "x", "--all-stores", "--role", "boss")):  # fmt: skip
        assert run(*misuse).code == 2
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))
    assert run("users", "add", "bob", "--all-stores").code == 1 and run("tokens", "revoke", "nothing").code == 1


def test_others_are_served_only_when_somebody_could_sign_in(run: Run, home: Home) -> None:
    refused = run("chat", "--host", "0.0.0.0", "--port", "17970")
    assert refused.code == 1 and "users add" in refused.err
    assert run("chat", "--sign-in", "--port", "17970").code == 1


def test_a_bug_is_recorded_and_not_shown(run: Run, asked: list[dict[str, Any]], home: Home) -> None:
    ran = run("ask", "bug", "--store", "x")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.count("\n") == 1 and "ValueError: something nobody thought of" in ran.err
    assert "Traceback" in (home.root / "errors.log").read_text()


def test_rows_are_as_a_spreadsheet_counts_them(run: Run, tmp_path: Path) -> None:
    """A cell with a line break is one row still."""
    rows = [(*ROWS[0][:2], "two\nlines", *ROWS[0][3:]), (*ROWS[1][:5], "free", *ROWS[1][6:])]
    ran = run("import", "online-retail", write_csv(tmp_path / "x.csv", rows), "--store", "shop")
    assert "x.csv, row 3, column UnitPrice: found 'free'" in ran.err


def test_a_home_that_is_no_folder_is_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STOREWISE_HOME", str(tmp_path / "file"))
    ran = run("stores")
    assert ran.code == 1 and str(tmp_path / "file") in ran.err and "Set STOREWISE_HOME" in ran.err
    assert "BAD" in run("doctor").out
