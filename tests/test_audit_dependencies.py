"""The audit of the lock, against a server of OSV's query protocol; and what an exception of it rests on."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
LOCK = "attic-lamp==1.4.0\nbarley==2.0  # a comment\n\ncellar-door==0.3\n"
TOMORROW = date.today() + timedelta(days=1)
YESTERDAY = date.today() - timedelta(days=1)


def advisory(id: str, package: str, version: str, fixed: str, *aliases: str) -> dict[str, Any]:
    """An entry in OSV's schema."""
    events = [{"introduced": "0"}, {"fixed": fixed}]
    about = {"package": {"name": package, "ecosystem": "PyPI", "purl": f"pkg:pypi/{package}"}}
    affected = [{**about, "ranges": [{"type": "ECOSYSTEM", "events": events}], "versions": [version]}]
    dates = {"published": "2026-10-01T08:00:00Z", "modified": "2026-10-02T08:00:00Z"}
    said = {"summary": "The lid can be opened from below", "details": "Longer."}
    return {"schema_version": "1.7.0", "id": id, "aliases": [*aliases], "affected": affected, **dates, **said}


LID = advisory("GHSA-aaaa-bbbb-cccc", "barley", "2.0", "2.1", "CVE-2026-11111")
OTHER_VERSION = advisory("GHSA-dddd-eeee-ffff", "attic-lamp", "1.3.9", "1.4.0")
WITHDRAWN = {**advisory("GHSA-gggg-hhhh-iiii", "cellar-door", "0.3", "0.4"), "withdrawn": "2026-10-03T08:00:00Z"}


def answered(*advisories: dict[str, Any]) -> Callable[[dict[str, Any]], tuple[int, str]]:
    """A service that knows these advisories, and answers as OSV does."""

    def answer(query: dict[str, Any]) -> tuple[int, str]:
        assert query["package"]["ecosystem"] == "PyPI"
        vulns = [a for a in advisories for of in a["affected"] if _is_of(query, of)]
        return 200, json.dumps({"vulns": vulns} if vulns else {})

    return answer


def _is_of(query: dict[str, Any], affected: dict[str, Any]) -> bool:
    return affected["package"]["name"] == query["package"]["name"] and query["version"] in affected["versions"]


def until_barley(query: dict[str, Any]) -> tuple[int, str]:
    return (200, "{}") if query["package"]["name"] == "attic-lamp" else (500, "{}")


@contextmanager
def service(answer: Callable[[dict[str, Any]], tuple[int, str]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, body = answer(query)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1/query"
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Audited:
    code: int
    out: str
    err: str


def excepted(id: str = "CVE-2026-11111", package: str = "barley", version: str = "2.0", until: Any = TOMORROW) -> str:
    texts = {"id": id, "package": package, "version": version, "reason": "The lid is glued.", "ends": "barley 2.1"}
    return "[[exception]]\n" + "".join(f'{k} = "{v}"\n' for k, v in texts.items()) + f"until = {until}\n"


@pytest.fixture
def audit(tmp_path: Path) -> Callable[..., Audited]:
    def run(url: str, exceptions: str = "", lock: str = LOCK) -> Audited:
        (tmp_path / "requirements.lock").write_text(lock)
        (tmp_path / "exceptions.toml").write_text(exceptions)
        command = [sys.executable, ROOT / ".ci/audit", "--service", url]
        command += ["--lock", tmp_path / "requirements.lock", "--exceptions", tmp_path / "exceptions.toml"]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=120, env={"NO_PROXY": "*"})
        return Audited(ran.returncode, ran.stdout, ran.stderr)

    return run


@pytest.fixture
def nobody() -> str:
    """An address where nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1/query"


# What is found


def test_nothing_known_passes(audit: Callable[..., Audited]) -> None:
    with service(answered(OTHER_VERSION, WITHDRAWN)) as url:
        ran = audit(url)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "audit: asked about 3 packages; written exceptions: 0.\n"


def test_a_finding_fails_and_is_named(audit: Callable[..., Audited]) -> None:
    with service(answered(LID)) as url:
        ran = audit(url)
    assert ran.code == 1
    for part in ("barley 2.0", "CVE-2026-11111", "GHSA-aaaa-bbbb-cccc", "fixed in 2.1", "opened from below"):
        assert part in ran.err


@pytest.mark.parametrize("id", ["CVE-2026-11111", "GHSA-aaaa-bbbb-cccc"])
def test_a_finding_with_an_exception_passes_by_any_of_its_names(audit: Callable[..., Audited], id: str) -> None:
    with service(answered(LID)) as url:
        ran = audit(url, excepted(id))
        assert (ran.code, ran.err) == (0, "")
        assert audit(url, excepted(id, until=date.today())).code == 0


def test_an_exception_covers_its_own_finding_alone(audit: Callable[..., Audited]) -> None:
    second = advisory("CVE-2026-22222", "barley", "2.0", "2.2")
    same_id = advisory("CVE-2026-11111", "cellar-door", "0.3", "0.4")
    with service(answered(LID, second, same_id)) as url:
        ran = audit(url, excepted())
    assert ran.code == 1
    assert re.findall(r"^audit: (\S+ \S+): (CVE\S+\d)", ran.err, re.MULTILINE) == [
        ("barley 2.0", "CVE-2026-22222"),
        ("cellar-door 0.3", "CVE-2026-11111"),
    ]


# Exceptions that do not hold

STALE = {
    "ended": (excepted(until=YESTERDAY), f"ended on {YESTERDAY}"),
    "of a package not locked": (excepted(package="oats"), "but nothing is locked"),
    "of another version": (excepted(version="1.9"), "for barley 1.9, but 2.0 is locked"),
    "without a reason": (excepted().replace('reason = "The lid is glued."\n', ""), "exception 1: look at reason;"),
    "with an empty end": (excepted().replace('"barley 2.1"', '""'), "exception 1: look at ends;"),
    "with a time for a day": (excepted(until=f"{TOMORROW}T08:00:00"), "exception 1: look at until;"),
    "with a word not known": (excepted() + "forever = true\n", "exception 1: look at forever;"),
    "no TOML": ("[[exception]\n", "exceptions.toml is no TOML"),
}


@pytest.mark.parametrize("what", STALE)
def test_an_exception_that_does_not_hold_fails_though_nobody_can_be_asked(
    audit: Callable[..., Audited], nobody: str, what: str
) -> None:
    exceptions, said = STALE[what]
    ran = audit(nobody, exceptions)
    assert ran.code == 1
    assert said in ran.err


# Nobody to ask


def test_a_service_out_of_reach_is_said_in_a_line(audit: Callable[..., Audited], nobody: str) -> None:
    ran = audit(nobody, excepted())
    assert (ran.code, ran.err) == (0, "")
    said = f"audit: NOT DONE, so no vulnerability was looked for: {nobody} can't be used (NewConnectionError).\n"
    assert ran.out == said


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda _: (503, "{}"), "503 Server Error: Service Unavailable"),
        (lambda _: (403, "<html>"), "403 Client Error: Forbidden"),
        (lambda _: (200, "<html>a page to sign in</html>"), "JSONDecodeError"),
        (until_barley, "500 Server Error: Internal Server Error"),
    ],
    ids=["down", "forbidden", "another page", "half-way"],
)
def test_a_service_that_gives_no_answers_is_said_too(audit: Callable[..., Audited], answer: Any, why: str) -> None:
    with service(answer) as url:
        ran = audit(url)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"audit: NOT DONE, so no vulnerability was looked for: {url} can't be used ({why}).\n"


def test_an_answer_in_another_form_fails(audit: Callable[..., Audited]) -> None:
    with service(lambda _: (200, '{"message": "moved"}')) as url:
        ran = audit(url)
    assert ran.code == 1 and "pip-audit failed" in ran.err


def test_a_lock_that_does_not_pin_fails(audit: Callable[..., Audited], nobody: str) -> None:
    ran = audit(nobody, lock=LOCK + "dovetail>=1\n")
    assert ran.code == 1 and "does not pin dovetail>=1" in ran.err


# Why CVE-2026-45829 is lived with: it is in Chroma's server, which nothing here starts or calls

CHROMA_SERVER = re.compile(
    r"""\b(?!PersistentClient|EphemeralClient)[A-Za-z]*Client\b  # in a file that speaks of chromadb
      | \bchromadb\.(server|app|cli|api\.(async_)?fastapi)\b | \bfrom\ chromadb\ import\ (server|app|cli)\b
      | \bchroma_(server|api_impl|client_auth)\w* | \bchroma["', ]+run\b""",
    re.VERBOSE,
)
PLANTED = (
    "import chromadb; chromadb.HttpClient(host='127.0.0.1')",
    "from chromadb import AsyncHttpClient",
    "import chromadb; chromadb.CloudClient()",
    "import chromadb; chromadb.Client(settings)",
    "getattr(chromadb, 'HttpClient')",
    "from chromadb.server.fastapi import FastAPI",
    "uvicorn.run('chromadb.app:app')",
    "Settings(chroma_api_impl='chromadb.api.rust.RustBindingsAPI')",
    "Settings(chroma_server_host='127.0.0.1')",
    "subprocess.Popen(['chroma', 'run', '--path', folder])",
    "chroma run --path var",
)
EMBEDDED = (
    "chromadb.PersistentClient(folder, settings=Settings(anonymized_telemetry=False))",
    "from chromadb.api import ClientAPI",
    "chromadb.EphemeralClient()",
)


def chroma_server(source: str) -> str | None:
    found = CHROMA_SERVER.search(source) if "chroma" in source else None
    return found and found[0]


def test_no_code_of_ours_starts_or_calls_a_chroma_server() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    prose = (".md", "audit-exceptions.toml", Path(__file__).name, ".lock", ".png", ".safetensors")
    sources = [ROOT / name for name in tracked.split("\0") if name and not name.endswith(prose)]
    assert {"Makefile", "storewise", "pyproject.toml"} < {path.name for path in sources}
    texts = {path: path.read_text(encoding="utf-8") for path in sources if path.exists()}
    assert {str(path): found for path, text in texts.items() if (found := chroma_server(text))} == {}


@pytest.mark.parametrize("line", PLANTED)
def test_a_chroma_server_would_be_seen(line: str) -> None:
    assert chroma_server(line)


@pytest.mark.parametrize("line", EMBEDDED)
def test_the_embedded_client_is_let_be(line: str) -> None:
    assert chroma_server(line) is None
