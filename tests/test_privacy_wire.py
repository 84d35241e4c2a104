"""What a model elsewhere is sent, byte for byte: nothing of a person's; and what comes of its reply here."""

from __future__ import annotations

import json
import random
import re
import socket
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, quote_plus, unquote

import duckdb
import pytest

from agent.settings import Settings
from store.paths import Home
from store.publish import publish
from tests.conftest import build_tiny
from tests.pii import CHINESE, ENGLISH, PEOPLE, seeded
from tests.pii_forms import USUAL
from tests.servers.door import QUICK, Door, opened
from tests.servers.replies import Reply

ELSEWHERE = "models.example"
SURE = {
    "EMAIL": USUAL["EMAIL"][:4], "PHONE": USUAL["PHONE"][:16], "CARD": USUAL["CARD"][:7], "IBAN": USUAL["IBAN"],
    "IP": USUAL["IP"], "NAME": USUAL["NAME"][:6],
}  # fmt: skip


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host of another name, so that it counts as elsewhere; it is found here."""
    found = socket.getaddrinfo

    def asked(host: Any, *args: Any, **kwargs: Any) -> Any:
        return found("127.0.0.1" if host in (ELSEWHERE, ELSEWHERE.encode()) else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", asked)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="module")
def planted() -> list[str]:
    """What stands in the shop's own texts, one of a kind each, and some more."""
    rng = random.Random(7)
    return [seeded(draw, "{}", rng).value for draws in SURE.values() for draw in rng.sample(draws, 3)]


@pytest.fixture(scope="module")
def door(planted: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """The tiny shop, with PEOPLE for customers, and with what is planted in its titles, categories and reviews."""

    def build(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
        build_tiny(con)
        for number, name in enumerate(PEOPLE):
            con.execute("INSERT INTO customers (customer_id, name) VALUES (?, ?)", [f"N{number}", name])
        for number, value in enumerate(planted):
            con.execute(
                "INSERT INTO reviews (review_id, product_id, rating, title, body, created_at) VALUES (?, 'P-110', 2, ?, ?,"
                " '2024-05-01')",
                [f"W{number}", f"From {value}", f"Never again, ask {value} about it."],
            )
        con.execute("UPDATE products SET title = 'Mug for ' || ? WHERE product_id = 'P-110'", [planted[-1]])
        con.execute("UPDATE products SET category = 'Made for ' || ? WHERE product_id = 'P-111'", [planted[0]])
        con.execute("UPDATE products SET brand = ? WHERE product_id = 'P-112'", [planted[4]])
        return {}

    folder = tmp_path_factory.mktemp("wire")
    publish(Home(folder / "built"), "tiny", build, format="tests")
    with opened(Home(folder / "built"), "tiny", folder) as door:
        yield door


def away(door: Door, **limits: Any) -> Settings:
    return replace(QUICK, base_url=door.server.base_url.replace("127.0.0.1", ELSEWHERE), **limits)


def query(**args: Any) -> dict[str, Any]:
    return {"tool": "query_metrics", "args": args}


def sql(text: str) -> dict[str, Any]:
    return {"tool": "run_sql", "args": {"sql": text}}


REVENUE: Reply = {"calls": [query(metrics=["revenue"], period="2024")]}
REVIEWS: Reply = {
    "calls": [sql("SELECT title, body, rating FROM reviews WHERE product_id = 'P-110' ORDER BY review_id")]
}
TITLES: Reply = {"calls": [query(metrics=["units"], by=["product", "category"], limit=30)]}


# ---- a thousand turns


def scripts(rng: random.Random) -> Sequence[Reply]:
    """What the model does in a turn: one of its ways, which read the shop's texts, echo placeholders, fail, or end."""
    said = f"[{rng.choice(list(SURE))}_1]"
    filtered = query(metrics=["revenue"], where=[{"field": "product", "op": "=", "value": said}])
    ways: list[Sequence[Reply]] = [
        [
            {"text": f"Nothing of {said} is here."},
            {"decline": f"Nothing of {said}.", "suggestions": [f"units of {said}"]},
        ],
        [{"clarify": f"{said}, or who?", "options": [f"orders of {said}", f"units of {said}"]}],
        [{"decline": "This shop knows no customers by name."}],
        [REVENUE, {"answer": "*Read as: " + said + "*\n\nRevenue was {r1.0.revenue}."}],
        [REVIEWS, TITLES, {"answer": "{r1.0.title}: {r1.0.body}, rated {r1.0.rating}."}],
        [{"calls": [filtered]}, {"clarify": f"Who is {said}?", "options": [f"orders of {said}", "all orders"]}],
        [
            {"calls": [{"tool": "match_products", "args": {"text": f"mug of {said}"}}]},
            {"decline": f"Nothing of {said}."},
        ],
        [{"calls": [sql(f"SELECT title FROM products WHERE title LIKE '%{said}%' OR nothing = 1")]}, {"text": said}],
        [{"calls": [{"tool": said, "args": '{"broken": "' + said}]}, REVENUE, {"answer": "{r1.0.revenue} [NAME_99]"}],
        [{"fault": "status", "code": 500}, {"calls": [{"tool": "describe_store", "args": {}}]}, {"decline": "No."}],
    ]
    return rng.choice(ways)


def turns(door: Door, count: int) -> Iterator[tuple[list[str], list[bytes]]]:
    """What each question held of a person's, also those of the turns before in its conversation, and what was sent."""
    rng = random.Random(3)
    held: list[str] = []
    for number in range(count):
        if number % 3 == 0:
            held = []
        drawn = [
            seeded(rng.choice(SURE[kind]), rng.choice((*ENGLISH, *CHINESE)), rng)
            for kind in rng.sample(list(SURE), rng.choice([1, 1, 2, 3]))
        ]
        held = [*held, *(one.value for one in drawn)]
        question = " ".join(one.text for one in drawn)
        settings = away(door, retries=1, pause=0.001)
        door.ask(question, scripts(rng), thread=f"talk {number // 3}", settings=settings, audited=False)
        assert door.server.wire
        yield held, door.server.wire


def spellings(value: str) -> set[str]:
    """A value as it might stand in a request, in lower case."""
    plain = {value, unicodedata.normalize("NFKC", value), re.sub(r"([@.])", r"\\\1", value)}
    sent = {
        w
        for v in plain
        for w in (v, json.dumps(v)[1:-1], json.dumps(v, ensure_ascii=False)[1:-1], quote(v), quote_plus(v))
    }
    return {w.lower() for w in sent}


def forms(wire: bytes) -> list[str]:
    """A request as it stands, and with its escapes read."""
    text = wire.decode("utf-8")
    read = re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), text)
    return [t.lower() for t in {text, unquote(text), read}]


def leaks(values: Sequence[str], wires: Sequence[bytes]) -> list[str]:
    looked_for = {way: value for value in values for way in spellings(value)}
    return [looked_for[way] for wire in wires for text in forms(wire) for way in looked_for if way in text]


def the_shops(door: Door, planted: Sequence[str]) -> list[str]:
    """What is planted, and what the shop has in columns of a person's."""
    with duckdb.connect(str(door.home.store("tiny") / "shop.duckdb"), read_only=True) as con:
        people = con.execute("SELECT name, email, phone FROM customers").fetchall()
        machines = con.execute("SELECT DISTINCT ip_address FROM orders").fetchall()
    return sorted({str(v) for row in (*people, *machines) for v in row if v} | {*planted})


def recorded(door: Door, planted: Sequence[str], count: int) -> list[str]:
    own = the_shops(door, planted)
    assert len(own) > 90
    return [leak for held, wires in turns(door, count) for leak in leaks([*own, *held], wires)]


@pytest.mark.parametrize("count", [40, pytest.param(1_000, marks=pytest.mark.slow)])
def test_nothing_seeded_is_on_the_wire(door: Door, planted: list[str], count: int) -> None:
    assert recorded(door, planted, count) == []


def test_the_search_for_leaks_finds_them(door: Door, planted: list[str]) -> None:
    """The same turns with a model of this machine, which gets everything as it is."""
    door.ask("What did Ada Thornbury of ada@example.com order?", [REVIEWS, {"decline": "No."}])
    found = {*leaks([*the_shops(door, planted)], door.server.wire)}
    assert {*planted, "Ada Thornbury", "ada@example.com"} <= found


# ---- what comes back


def told(door: Door, request: int) -> list[str]:
    return [str(m["content"]) for m in door.told[request] if m["content"]]


def test_a_reply_works_with_the_real_values(door: Door) -> None:
    title = "Mug for Cara Lindqvist"
    with_title = "SELECT COUNT(*) AS found FROM products WHERE title LIKE '%[NAME_1]%' AND '[NAME_2]' = '[NAME_2]'"
    answer = door.ask(
        f"How did '{title}' sell? Sean O'Rourke asks.",
        [{"calls": [sql(with_title), query(metrics=["orders"], period="2024")]},
         {"answer": "*Read as: {r1.0.found} of Mug for [NAME_1], for [NAME_2].*\n\nThere were {r2.0.orders} orders."}],
        settings=away(door), thread="real",
    )  # fmt: skip
    assert "How did 'Mug for [NAME_1]' sell? [NAME_2] asks." in told(door, 0)[-1]
    assert "LIKE '%Cara Lindqvist%' AND 'Sean O''Rourke' = 'Sean O''Rourke'" in answer["receipts"][0]["input"]["sql"]
    assert answer["answer"].startswith("*Read as: 0 of Mug for Cara Lindqvist, for Sean O'Rourke.*")
    calls = [c["function"]["arguments"] for m in door.told[1] for c in m.get("tool_calls", [])]
    assert json.loads(calls[0])["sql"] == with_title.replace("[NAME_2]", "[NAME_2.2]")  # in another spelling
    door.ask("and in 2023?", [{"decline": "No."}], thread="real", settings=away(door), audited=False)
    assert "asked: How did 'Mug for [NAME_1]' sell?" in told(door, 0)[-1]


def test_questions_back_and_their_options_are_restored(door: Door) -> None:
    clarify = {"clarify": "Which orders of [NAME_1]?", "options": ["orders of [NAME_1] in 2024", "all orders"]}
    answer = door.ask("what did Ada Thornbury do?", [clarify], settings=away(door))
    assert answer["options"] == ["orders of Ada Thornbury in 2024", "all orders"]
    assert answer["answer"] == "Which orders of Ada Thornbury?"


@pytest.mark.parametrize("said", ["[NAME_9]", "[PHONE_12]", "[EMAIL_1.7]", "[CARD_123]"])
def test_an_invented_placeholder_is_no_number(door: Door, said: str) -> None:
    prose = {"answer": f"Ada Thornbury had {said} of them, for " + "{r1.0.revenue}."}
    answer = door.ask("Revenue of Ada Thornbury?", [REVENUE, prose, prose], settings=away(door))
    assert answer["status"] == "answered" and answer["answer"].startswith("|") and said not in answer["answer"]
    assert "no reference" not in told(door, 1)[-1]


def test_the_model_is_told_of_placeholders_where_there_are_any(door: Door) -> None:
    door.ask("orders of Ada Thornbury", [{"decline": "No."}], settings=away(door))
    assert "Placeholders such as [NAME_1]" in told(door, 0)[0]


def test_a_model_of_this_machine_gets_everything_as_it_is(door: Door) -> None:
    door.ask("orders of Ada Thornbury", [{"decline": "Nothing of [NAME_1]."}])
    assert told(door, 0)[-1] == "orders of Ada Thornbury" and "Placeholders" not in told(door, 0)[0]


def test_figures_stay_as_they_are(door: Door) -> None:
    """A number is no card, whatever its digits; a text of the same digits is."""
    from langchain_core.messages import ToolMessage

    from agent.llm.private import masked
    from agent.privacy.known import Known
    from agent.privacy.vault import Vault

    row = '0 ["4111 1111 1111 1111", 4111111111111111, 13800138000, 5.0]'
    request: Any = _request([ToolMessage(f"r1: run_sql\n<data-1>\n{row}\n</data-1>", tool_call_id="a")])
    (message,) = masked(request, Vault(Known())).messages
    assert '0 ["[CARD_1]", 4111111111111111, 13800138000, 5.0]' in message.content


def test_every_part_of_every_message_is_masked_and_restored(door: Door) -> None:
    from langchain.agents.middleware import ModelResponse
    from langchain_core.messages import AIMessage, HumanMessage
    from langchain_core.messages.tool import invalid_tool_call, tool_call

    from agent.llm.private import masked, restored
    from agent.llm.replies import Clarify
    from agent.privacy.known import Known
    from agent.privacy.vault import Vault

    mail, vault = "ada@example.com", Vault(Known())
    blocks: list[Any] = [{"type": "text", "text": f"of {mail}"}, f"and {mail}"]
    reply = AIMessage(
        blocks,
        tool_calls=[tool_call(name="query_metrics", args={"where": [{mail: [mail, 5, None]}]}, id="call-01632960001")],
        invalid_tool_calls=[invalid_tool_call(name="run_sql", args='{"sql": "' + mail, id="b", error=mail)],
        additional_kwargs={"function_call": {"name": "x", "arguments": mail}},
    )
    request: Any = _request([HumanMessage(blocks), reply], system=f"You know {mail}.")
    sent = masked(request, vault)
    assert mail not in repr([sent.system_message, sent.messages])
    assert repr(sent.messages).count("[EMAIL_1]") == 9 and "call-01632960001" in repr(sent.messages)
    back = restored(ModelResponse([sent.messages[1]], Clarify("Who is [EMAIL_1]?", ["[EMAIL_1]"])), vault)
    (message,) = back.result
    assert (message.content, message.tool_calls) == (reply.content, reply.tool_calls)  # type: ignore[union-attr]
    assert back.structured_response == Clarify(f"Who is {mail}?", [mail])


def _request(messages: list[Any], system: str = "You answer.") -> Any:
    from langchain.agents.middleware import ModelRequest
    from langchain_core.messages import SystemMessage

    return ModelRequest(model=None, messages=messages, system_message=SystemMessage(system))  # type: ignore[arg-type]
