"""Who may sign in, and what they see: passwords, tokens, sessions, and the gate before every door."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, Request
from fastapi.testclient import TestClient

from agent.ask import ask
from agent.principal import Person, person_of
from agent.settings import Settings
from store.errors import UserError
from store.paths import Home
from store.publish import publish
from store.users import (
    NotSignedIn,
    add_user,
    by_session,
    by_token,
    create_token,
    remove_user,
    revoke_token,
    sign_in,
    sign_out,
    tokens,
    users,
)
from tests.conftest import build_tiny
from tests.doors import came_from, gated
from ui.gate import COOKIE, is_loopback, person_in
from ui.limits import Limiter
from ui.web.conversation import turn_html
from ui.web.import_page import ImportDesk
from ui.web.importing import Imports, Job
from ui.web.routes import routes
from ui.web.shop import Shops, header_html

WORD = "correct horse"


@pytest.fixture(scope="module")
def two_stores(tiny_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """ "tiny", and beside it "secretshop"."""
    root = tmp_path_factory.mktemp("two") / "home"
    shutil.copytree(tiny_home.root, root)
    publish(Home(root), "secretshop", build_tiny, format="tests")
    return Home(root)


@pytest.fixture
def home(two_stores: Home) -> Iterator[Home]:
    yield two_stores
    two_stores.users.unlink(missing_ok=True)


# Users and tokens


def test_a_password_lets_its_user_in_and_nobody_else(home: Home) -> None:
    add_user(home, "ann", WORD, "analyst", ["tiny"])
    account = by_session(home, sign_in(home, "ann", WORD))
    assert (account.name, account.role, account.stores) == ("ann", "analyst", ("tiny",))
    for name, password in (
        ("ann", "correct horsf"),
        ("ann", ""),
        ("bob", WORD),
        ("ann", WORD + "x" * 500),
        ("' OR 1=1 --", WORD),
    ):
        with pytest.raises(NotSignedIn, match="don't belong together"):
            sign_in(home, name, password)


def test_nothing_that_lets_in_stands_in_the_file(home: Home) -> None:
    add_user(home, "ann", WORD, "owner", None)
    session = sign_in(home, "ann", WORD)
    _, secret = create_token(home, "till", "analyst", ["tiny"], timedelta(days=1))
    kept = home.users.read_bytes()
    assert not any(each.encode() in kept for each in (WORD, session, secret)) and b"$argon2id$" in kept
    assert home.users.stat().st_mode & 0o777 == 0o600


def test_a_user_that_is_changed_or_removed_is_signed_out(home: Home) -> None:
    add_user(home, "ann", WORD, "owner", None)
    with pytest.raises(UserError, match="already"):
        add_user(home, "ann", WORD, "owner", None)
    first = sign_in(home, "ann", WORD)
    before = users(home)[0]
    add_user(home, "ann", WORD + "!", "analyst", ["tiny"], replace=True)
    assert users(home)[0].id == before.id and users(home)[0].role == "analyst"
    second = sign_in(home, "ann", WORD + "!")
    remove_user(home, "ann")
    for session in (first, second):
        with pytest.raises(NotSignedIn):
            by_session(home, session)
    with pytest.raises(UserError, match="no user 'ann'"):
        remove_user(home, "ann")


def test_whoever_gets_a_removed_users_name_gets_nothing_of_theirs(home: Home) -> None:
    first = person_of(home, add_user(home, "ann", WORD, "owner", ["tiny"]))
    ask(first.at("tiny"), "t1", "how many orders in 2024")
    remove_user(home, "ann")
    second = person_of(home, add_user(home, "ann", WORD, "owner", ["tiny"]))
    assert [t.thread_id for t in Shops(first, Settings()).threads("tiny")] == ["t1"]
    assert Shops(second, Settings()).threads("tiny") == [] and Shops(second, Settings()).turns("tiny", "t1") == ([], [])


def test_a_session_ends(home: Home) -> None:
    add_user(home, "ann", WORD, "owner", None)
    ended, expired = sign_in(home, "ann", WORD), sign_in(home, "ann", WORD)
    sign_out(home, ended)
    assert by_session(home, expired).name == "ann"
    with sqlite3.connect(home.users) as con:
        con.execute("UPDATE sessions SET expires_at = '2020-01-01T00:00:00+00:00'")
    con.close()
    for secret in (ended, expired, "", "\ud800"):
        with pytest.raises(NotSignedIn):
            by_session(home, secret)


def test_tokens_that_let_nobody_in_say_why(home: Home) -> None:
    good, secret = create_token(home, "till", "analyst", ["tiny"], timedelta(days=1))
    over, late = create_token(home, "late", "owner", None, timedelta(seconds=-1))
    assert by_token(home, secret) == good.account
    revoke_token(home, good.account.id)
    for each, why in ((secret, "was revoked"), (late, "has expired"), ("sw_made-up", "not known"), ("", "not known")):
        with pytest.raises(NotSignedIn, match=why):
            by_token(home, each)
    assert {t.account.id: t.state for t in tokens(home)} == {good.account.id: "revoked", over.account.id: "expired"}
    with pytest.raises(UserError, match="no token"):
        revoke_token(home, good.account.id)


@pytest.mark.parametrize(
    ("name", "password"),
    [("", WORD), ("a b", WORD), ("a:b", WORD), ("x" * 65, WORD), ("ann", "short"), ("ann", "x" * 300)],
)
def test_names_and_passwords_that_are_none(home: Home, name: str, password: str) -> None:
    with pytest.raises(UserError):
        add_user(home, name, password, "owner", None)
    assert users(home) == []


def test_a_damaged_file_lets_nobody_in_and_says_so(home: Home) -> None:
    home.users.write_bytes(b"no database at all" * 100)
    with pytest.raises(UserError, match="cannot be used") as told:
        by_token(home, "sw_x")
    assert not isinstance(told.value, NotSignedIn)
    with TestClient(gated(home, APIRouter(), required=True)) as client:
        reply = client.get("/", headers={"Authorization": "Bearer sw_x"})
    assert reply.status_code == 503 and str(home.root) not in reply.text


# The gate


def who(request: Request) -> dict[str, Any]:
    person = person_in(request.scope)
    return {"name": person.name, "role": person.role, "stores": person.names()}


@pytest.fixture
def guarded(home: Home) -> Iterator[TestClient]:
    router = APIRouter()
    router.add_api_route("/who", who, methods=["GET", "POST"])
    add_user(home, "ann", WORD, "analyst", ["tiny"])
    with TestClient(gated(home, router, required=True), follow_redirects=False) as client:
        yield client


def test_nobody_gets_past_the_gate(guarded: TestClient) -> None:
    for path in ("/", "/who", "/nowhere", "/login", "/gradio_api/info", "/stores/tiny/threads/t/export.json"):
        reply = guarded.get(path)
        assert reply.status_code == 401 and reply.headers["www-authenticate"] == "Bearer"
        assert reply.json()["error"]["code"] == "invalid_api_key"
    page = guarded.get("/", headers={"Accept": "text/html"})
    assert page.status_code == 401 and '<form method="post"' in page.text
    for header in ("Bearer", "Bearer ", "Bearer sw_wrong", "Bearer none", "Basic YW5uOng=", "sw_wrong", "bearer \xe9"):
        assert guarded.get("/who", headers={"Authorization": header.encode("latin-1")}).status_code == 401  # type: ignore[dict-item]


def test_somebody_signs_in_and_out(guarded: TestClient) -> None:
    wrong = guarded.post("/login", data={"name": "ann", "password": "<b>"})
    assert wrong.status_code == 401 and "belong together" in wrong.text and COOKIE not in guarded.cookies
    done = guarded.post("/login", data={"name": "ann", "password": WORD})
    assert done.status_code == 303 and {"HttpOnly", "SameSite=lax"} <= set(done.headers["set-cookie"].split("; "))
    assert guarded.get("/who").json() == {"name": "ann", "role": "analyst", "stores": ["tiny"]}
    assert guarded.post("/logout").status_code == 303
    assert guarded.get("/who").status_code == 401


def test_guessing_passwords_is_slow(guarded: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: object) -> str:
        raise NotSignedIn("no")

    monkeypatch.setattr("ui.gate.sign_in", wrong)  # which takes its time, in which more tries would be allowed
    replies = [guarded.post("/login", data={"name": "ann", "password": f"guess {n}"}).status_code for n in range(12)]
    assert replies[:10] == [401] * 10 and set(replies[10:]) == {429}


def test_on_this_machine_everybody_is_its_owner_but_a_token_must_be_good(home: Home) -> None:
    router = APIRouter()
    router.add_api_route("/who", who)
    _, secret = create_token(home, "till", "analyst", ["tiny"], timedelta(days=1))
    with TestClient(gated(home, router)) as client:

        def seen(bearer: str) -> Any:
            return client.get("/who", headers={"Authorization": f"Bearer {bearer}"})

        assert client.get("/who").json()["stores"] == ["secretshop", "tiny"] == seen("none").json()["stores"]
        assert seen(secret).json() == {"name": "till", "role": "analyst", "stores": ["tiny"]}
        assert seen("sw_other").status_code == 401


@pytest.mark.parametrize(("host", "ours"), [("127.0.0.1", True), ("localhost", True), ("::1", True), ("127.9.9.9", True),
                                            ("0.0.0.0", False), ("192.168.1.5", False), ("shop.example", False), ("::", False)])  # fmt: skip
def test_only_this_machines_own_addresses_need_no_sign_in(host: str, ours: bool) -> None:
    assert is_loopback(host) is ours


# What one store's people learn of another store


def test_another_store_is_as_if_it_were_not_there(home: Home) -> None:
    ann = person_of(home, add_user(home, "ann", WORD, "owner", ["tiny"]))
    shops = Shops(ann, Settings())
    for name in ("secretshop", "nowhere"):
        with pytest.raises(UserError) as told:
            ann.at(name)
        assert str(told.value) == f"There is no store {name!r}. There are: tiny."
        assert shops.problem(name) == str(told.value) and shops.opened(name) is None
        assert shops.threads(name) == [] and shops.turns(name, "t1") == ([], [])
    assert shops.names() == ["tiny"] and shops.chosen("") == "tiny"


def test_an_import_of_another_store_is_neither_seen_nor_stopped(home: Home, tmp_path: Path) -> None:
    imports = Imports(home)
    job = Job("secretshop", "online-retail", False, (), error="This failed in secretshop.")
    imports._jobs["secretshop"] = job
    ann = person_of(home, add_user(home, "ann", WORD, "owner", ["tiny"]))
    assert imports.latest(ann) is None and imports.latest(Person(home)) is job
    imports.stop(ann, "secretshop")
    assert not job.stopped
    said = []
    for name in ("secretshop", "nowhere"):
        with pytest.raises(UserError) as told:
            imports.start(ann, name, "online-retail", [tmp_path / "x.csv"], append=True)
        said.append(str(told.value).replace(name, "NAME"))
    assert said[0] == said[1] == "You can import into tiny, and not into 'NAME'. Nothing was imported."
    desk = ImportDesk(Settings(), imports)
    looks = desk.look(Shops(ann, Settings()), "secretshop")
    import asyncio

    async def first() -> str:
        return str((await anext(looks))[0])

    assert asyncio.run(first()) == ""


def test_an_analyst_imports_nothing(home: Home, tmp_path: Path) -> None:
    ben = person_of(home, add_user(home, "ben", WORD, "analyst", None))
    with pytest.raises(UserError, match="Importing is for owners"):
        Imports(home).start(ben, "tiny", "online-retail", [tmp_path / "x.csv"], append=True)
    assert came_from(ben).request.scope  # the page tells by the request


def test_two_people_of_one_store_do_not_share_conversations(home: Home) -> None:
    ann, ben = (person_of(home, add_user(home, name, WORD, "owner", ["tiny"])) for name in ("ann", "ben"))
    ask(ann.at("tiny"), "t1", "how many orders in 2024")
    ask(Person(home).at("tiny"), "local", "how many orders in 2024")
    assert ask(ben.at("tiny"), "t1", "and in 2023?")["turn"] == 1
    seen = {p.name: [t.thread_id for t in Shops(p, Settings()).threads("tiny")] for p in (ann, ben)}
    assert seen == {"ann": ["t1"], "ben": ["t1"]}
    assert "t1" not in [t.thread_id for t in Shops(Person(home), Settings()).threads("tiny")]
    with TestClient(gated(home, routes(), required=True)) as client:
        client.post("/login", data={"name": "ben", "password": WORD})
        export = client.get("/stores/tiny/threads/t1/export.json").json()
        assert [t["question"] for t in export["turns"]] == ["and in 2023?"]
        assert client.get("/stores/secretshop/threads/t1/export.json").status_code == 404
    Shops(ben, Settings()).forget("tiny", "t1")
    assert len(Shops(ann, Settings()).turns("tiny", "t1")[0]) == 1


def test_owners_are_shown_who_customers_are_and_analysts_are_not(home: Home) -> None:
    ann, ben = (
        person_of(home, add_user(home, n, WORD, role, ["tiny"])) for n, role in (("ann", "owner"), ("ben", "analyst"))
    )  # type: ignore[arg-type]
    shown = {}
    for person in (ann, ben):
        ask(person.at("tiny"), "t1", "top 3 customers by revenue")
        shops = Shops(person, Settings())
        turn = shops.turns("tiny", "t1")[0][0]
        assert (
            seen_pii(turn.answer) == [] and seen_pii(turn.outcome) == []
        )  # it is joined when it is shown, and kept nowhere
        shown[person.name] = turn_html(turn, shops.people("tiny", turn))
    assert seen_pii(shown["ann"]) == ["Ben Okafor", "ben@example.com", "01632 960002"]
    assert seen_pii(shown["ben"]) == [] and "C02" in shown["ben"]


def seen_pii(shown: Any) -> list[str]:
    return [each for each in ("Ben Okafor", "ben@example.com", "01632 960002") if each in str(shown)]


def test_the_page_says_who_is_signed_in_and_how_to_sign_out() -> None:
    assert "Sign out" in header_html(None, "", Settings(), name="<ann>") and "<ann>" not in header_html(
        None, "", Settings(), "<ann>"
    )
    assert "Sign out" not in header_html(None, "", Settings())


def test_so_many_a_minute_and_then_as_time_goes_by() -> None:
    now = [0.0]
    limiter = Limiter(60, 3, clock=lambda: now[0])
    assert [limiter.wait("a") for _ in range(4)] == [0, 0, 0, 1] and limiter.wait("b") == 0
    now[0] = 1.0
    assert limiter.wait("a") == 0 and limiter.wait("a") > 0
