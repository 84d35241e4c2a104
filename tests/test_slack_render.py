"""Answers as blocks: within Slack's limits whatever a shop's texts hold, and nothing in them is markup."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.inbox import Letter
from tests.naughty import NAUGHTY
from tests.servers.slack_forms import wrong
from ui.slack.blocks import Message
from ui.slack.events import Change, of_event, plain_text
from ui.slack.post import Post, Room
from ui.slack.prose import Rich, Table, pieces, plain
from ui.slack.render import answer_message, receipt_message

EVIL = "<!channel> <@U1> <https://evil.example|here> [x](https://evil.example) ![](x) www.evil.example *b* _i_ ~s~ `c` &amp; :tada:"


def answer(text: str, **more: Any) -> dict[str, Any]:
    return {"status": "answered", "answer": text, "numbers": [], "receipts": [], "charts": [], "options": [], "steps": [],
            "usage": {"model": "local", "input_tokens": 0, "output_tokens": 0, "cost": 0.0, "currency": "USD"},
            "error": None, "turn": 1, "store": "tiny", **more}  # fmt: skip


def receipt(**more: Any) -> dict[str, Any]:
    return {"id": "r1", "tool": "query_metrics", "input": {"metrics": ["revenue"]}, "sql": "SELECT 1", "columns": ["product", "revenue"],
            "units": ["title", "GBP"], "rows": [[EVIL, 1.5]] * 300, "row_count": 300, "truncated": False, "elapsed_ms": 3,
            "data_version": "sha256:abc", "notes": [EVIL], **more}  # fmt: skip


def refused(message: Message) -> str | None:
    sent = {
        "channel": "C1",
        "text": message.text,
        "blocks": list(message.blocks),
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return wrong("chat.postMessage", json.loads(json.dumps(sent)))


def table_of(rows: int, cells: int, text: str = "x") -> str:
    line = f"| {' | '.join([text] * cells)} |\n"
    return line + f"|{' --- |' * cells}\n" + line * rows


@pytest.mark.parametrize("text", [
    "", "x" * 50_000, "word " * 10_000, EVIL, f"**{EVIL}**", f"- {EVIL}\n- b", f"1. a\n2. {EVIL}", f"```\n{EVIL}\n```", "# Head\n\n> quoted",
    table_of(5, 3), table_of(500, 3), table_of(5, 30), table_of(90, 20, "long text " * 20), table_of(3, 2) + "\n" + table_of(3, 2),
    "a\n\n" * 500, "\u202e\u0000\ud800", "|", "| a |\n| --- |", "a\\|b", "“Top”：**¥1,234**，对比。",
])  # fmt: skip
def test_every_text_becomes_blocks_that_slack_takes(text: str) -> None:
    options = [EVIL, "x" * 3_000, *map(str, range(40))]
    assert (
        refused(answer_message(answer(text, options=options, receipts=[receipt()]), asked_by="U1", asked=text)) is None
    )


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400))
def test_any_text_at_all(text: str) -> None:
    assert refused(answer_message(answer(text, options=[text], receipts=[receipt(notes=[text], sql=text)]))) is None
    assert refused(receipt_message(receipt(rows=[[text, 1]], row_count=1, sql=text), "en")) is None


@pytest.mark.parametrize("text", NAUGHTY)
def test_naughty_texts(text: str) -> None:
    assert refused(answer_message(answer(f"**{text}**", options=[text]))) is None


def test_the_receipt_shows_its_sql_and_first_rows() -> None:
    message = receipt_message(receipt(), "en")
    assert refused(message) is None
    table = next(b for b in message.blocks if b["type"] == "table")
    assert len(table["rows"]) == 21 and table["rows"][1][0]["text"].startswith("<!channel>")
    assert "first 20 of 300 rows" in json.dumps(message.blocks)


def test_prose_keeps_its_form_and_its_texts() -> None:
    found = pieces("Revenue was **£5** and _so on_.\n\n| A | B |\n| --- | --- |\n| x | £1 |\n\nThen `code`.")
    assert [type(each) for each in found] == [Rich, Table, Rich]
    assert isinstance(found[0], Rich) and found[0].elements[0]["elements"] == [
        {"type": "text", "text": "Revenue was "}, {"type": "text", "text": "£5", "style": {"bold": True}},
        {"type": "text", "text": " and "}, {"type": "text", "text": "so on", "style": {"italic": True}}, {"type": "text", "text": "."},
    ]  # fmt: skip
    assert found[1] == Table((("A", "B"), ("x", "£1"))) and plain(found) == "Revenue was £5 and so on.\nThen code."


def test_nothing_in_an_answer_is_markup() -> None:
    message = answer_message(answer(EVIL))
    texts = json.dumps(message.blocks)
    assert "mrkdwn" not in texts and '"link"' not in texts and "<!channel>" in texts  # as letters
    assert message.text.startswith("&lt;!channel&gt; &lt;@U1&gt;")


def test_what_people_write_is_read_as_they_see_it() -> None:
    assert plain_text("<@UBOT> revenue of <@U2|bob> in <#C1|sales> &amp; <https://a.example|a.example>", "UBOT") == (
        "revenue of @bob in #sales & a.example"
    )
    assert plain_text("  <@UBOT>  ", "UBOT") == "" and plain_text("a &lt; b &gt; c", "UBOT") == "a < b > c"


def test_a_thread_whose_first_message_is_gone_counts_as_deleted() -> None:
    inner = {
        "type": "message",
        "subtype": "message_changed",
        "channel": "C1",
        "message": {"subtype": "tombstone", "ts": "1.5"},
    }
    assert of_event({"event": inner}, "UBOT") == Change("C1:1.5", None)


def test_files_go_to_the_questions_thread_alone(tmp_path: Any) -> None:
    sent: list[dict[str, Any]] = []

    class Client:
        def files_upload_v2(self, **fields: Any) -> None:
            sent.append(fields)

    from store import inbox

    path = tmp_path / "slack.sqlite"
    letter = Letter("E1", "ask", "T1", "C1:1.5", {"text": "x"})
    inbox.put(path, letter)
    Post(Client(), path, "UBOT").file(letter, "chart0", Room("C1", "1.5"), b"png", "alt", "Revenue")
    assert [(f["channel"], f["thread_ts"], f["alt_txt"]) for f in sent] == [("C1", "1.5", "alt")]
