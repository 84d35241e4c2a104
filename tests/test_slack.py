"""Slack: questions wherever they come from, one answer each, with its table, chart, receipt and buttons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from agent.ask import ask
from agent.principal import Principal
from store.paths import Home
from store.state import all_turns, threads
from store.teams import add_team
from store.users import ROLES
from tests.servers.slack import TEAM
from tests.servers.slack_socket import command, event
from tests.slack_bot import ANN, BOB, CHANNEL, DM, Here, buttons, connected, copied, labels, shown, until

ORDERS = "how many orders in 2024"
MONTHS = "revenue by month in 2024"


@pytest.fixture(scope="module")
def here(tiny_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    with connected(copied(tiny_home, tmp_path_factory.mktemp("slack") / "home")) as found:
        yield found


def straight(here: Here, question: str) -> dict[str, Any]:
    return ask(Principal(here.home, "tiny"), f"straight {question}", question)


def test_a_mention_is_answered_in_its_thread(here: Here) -> None:
    ts = here.mention(ORDERS)
    message, expected = here.answered(ts), straight(here, ORDERS)
    assert all(n["text"] in shown(message) for n in expected["numbers"]) and expected["numbers"]
    assert [step["status"] for step in message["steps"]][-1] == "complete"
    assert here.slack.called("conversations.replies") == []  # nothing to be looked for where nothing went wrong
    assert "Receipt r1: Calculating figures" in shown(message) and labels(message)[-1] == "Receipt"
    assert labels(message)[:-1] == expected["options"]


def test_a_table_and_its_chart(here: Here) -> None:
    ts = here.mention(MONTHS)
    message, expected = here.answered(ts), straight(here, MONTHS)
    table = next(b for b in message["blocks"] if b["type"] == "table")
    cells = [cell["text"] for row in table["rows"][1:] for cell in row[1:]]
    assert cells == [n["text"] for n in expected["numbers"]]
    assert table["column_settings"][1] == {"align": "right"}
    files = [f for m in here.slack.said(CHANNEL) if m.get("thread_ts") == ts for f in m.get("files", [])]
    assert len(files) == len(expected["charts"]) == 1
    assert files[0]["data"].startswith(b"\x89PNG") and files[0]["name"].endswith(".png")
    assert files[0]["alt"].startswith(("A line chart: Revenue.", "A bar chart: Revenue."))
    assert all(n["text"] in files[0]["alt"] for n in expected["numbers"])


def test_a_thread_is_one_conversation_whoever_asks_in_it(here: Here) -> None:
    ts = here.mention(ORDERS)
    here.answered(ts)
    here.mention("and in 2023?", ts, user=BOB)
    here.idle()
    turns = all_turns(here.home.store("tiny") / "state.sqlite", f"slack:{TEAM}:{CHANNEL}:{ts}")
    assert [t.answer["status"] for t in turns] == ["answered", "answered"]
    assert turns[1].answer["receipts"][0]["input"]["period"]["end"] == "2023-12-31"


def test_direct_messages_are_one_conversation_and_a_thread_in_them_too(here: Here) -> None:
    first = here.direct(ORDERS)
    here.answered(first, DM)
    second = here.direct("and in 2023?")
    here.answered(second, DM)
    here.direct("and revenue?", first)
    here.idle()
    turns = all_turns(here.home.store("tiny") / "state.sqlite", f"slack:{TEAM}:{DM}")
    assert [t.question for t in turns] == [ORDERS, "and in 2023?", "and revenue?"]
    assert [t.answer["status"] for t in turns] == ["answered"] * 3


def test_the_assistants_pane(here: Here) -> None:
    pane = here.slack.say(DM, "U0BOT", "")
    thread = {"user_id": ANN, "channel_id": DM, "thread_ts": pane, "context": {}}
    body = event({"type": "assistant_thread_started", "assistant_thread": thread, "event_ts": pane})
    here.socket.acked(here.socket.deliver("events_api", body))
    here.idle()
    prompts = here.slack.prompts[-1]
    assert prompts["thread_ts"] == pane and 1 <= len(prompts["prompts"]) <= 4
    question = prompts["prompts"][0]["message"]
    here.direct(question, pane)
    assert here.answered(pane, DM)["steps"]
    assert here.slack.called("assistant.threads.setTitle")[-1]["title"] == question[:60]
    assert here.slack.called("assistant.threads.setStatus")[-1]["thread_ts"] == pane


def test_a_command_is_answered_in_the_direct_messages(here: Here) -> None:
    _, said = here.socket.acked(here.socket.deliver("slash_commands", command(CHANNEL, ANN, ORDERS)))
    assert said == {"text": "I'm answering in our direct messages."}
    here.idle()
    root = next(m for m in here.slack.said(DM) if f": {ORDERS}" in shown(m))
    assert all(n["text"] in shown(here.answered(root["ts"], DM)) for n in straight(here, ORDERS)["numbers"])
    here.direct("and in 2023?", root["ts"])
    here.idle()
    assert "2023" in shown([m for m in here.slack.answers(DM) if m.get("thread_ts") == root["ts"]][-1])


@pytest.mark.parametrize("text", ["", "help"])
def test_a_command_without_a_question_says_what_it_is_for(here: Here, text: str) -> None:
    _, said = here.socket.acked(here.socket.deliver("slash_commands", command(CHANNEL, ANN, text)))
    assert "Ask about your shop" in said["text"]


def test_a_quick_reply_goes_on_in_the_thread(here: Here) -> None:
    ts = here.mention(ORDERS)
    here.press(CHANNEL, here.answered(ts), "By month", user=BOB)
    here.idle()
    last = [m for m in here.slack.answers(CHANNEL) if m.get("thread_ts") == ts][-1]
    assert any(b["type"] == "table" for b in last["blocks"])
    asked = last["blocks"][0]["elements"][0]["elements"]
    assert asked[0] == {"type": "user", "user_id": BOB} and asked[1]["text"] == ": By month"


def test_a_question_back_is_answered_with_a_button(here: Here) -> None:
    ts = here.mention("top 5")
    message = here.answered(ts)
    for choice in ("Revenue", "Top 5 products by revenue"):
        assert choice in labels(message) and "Receipt" not in labels(message)
        here.press(CHANNEL, message, choice)
        here.idle()
        message = [m for m in here.slack.answers(CHANNEL) if m.get("thread_ts") == ts][-1]
    assert any(b["type"] == "table" for b in message["blocks"])


def test_the_receipt_in_the_thread(here: Here) -> None:
    ts = here.mention(MONTHS)
    here.press(CHANNEL, here.answered(ts), "Receipt")
    here.idle()
    last = [m for m in here.slack.answers(CHANNEL) if m.get("thread_ts") == ts][-1]
    receipt = straight(here, MONTHS)["receipts"][0]
    assert last["blocks"][1]["elements"][0]["elements"][0]["text"] == receipt["sql"]
    assert any(b["type"] == "table" and len(b["rows"]) == len(receipt["rows"]) + 1 for b in last["blocks"])


def test_a_receipt_is_of_its_own_conversation_only(here: Here) -> None:
    ts, other = here.mention(MONTHS), here.mention("what is the weather like?")
    message = here.answered(ts)
    here.idle()
    here.press(CHANNEL, {**message, "thread_ts": other}, "Receipt")
    here.idle()
    last = [m for m in here.slack.answers(CHANNEL) if m.get("thread_ts") == other][-1]
    assert "SELECT" not in shown(last)


def test_the_home_tab(here: Here) -> None:
    body = event({"type": "app_home_opened", "user": ANN, "channel": DM, "tab": "home", "event_ts": "1.1"})
    here.socket.acked(here.socket.deliver("events_api", body))
    here.idle()
    view = here.slack.views[ANN]
    heads = [b["text"]["text"] for b in view["blocks"] if b["type"] == "header"]
    assert heads[-1] == "Ask" and "Last week" in heads and "Yesterday" in heads
    button = buttons(view)[0]
    pressed = {"type": "block_actions", "team": {"id": TEAM}, "user": {"id": ANN, "team_id": TEAM}, "view": {"id": "V1"},
               "container": {"type": "view", "view_id": "V1"}, "trigger_id": "1.1.1",
               "actions": [{**button, "action_ts": "1700.1", "block_id": "b"}]}  # fmt: skip
    here.socket.acked(here.socket.deliver("interactive", pressed))
    here.idle()
    until(lambda: any(button["value"] in shown(m) for m in here.slack.said(DM)))


def test_customers_contacts_are_for_owners_and_in_direct_messages_alone(here: Here) -> None:
    found = {}
    for role in ROLES:
        add_team(here.home, TEAM, "tiny", role)
        question = "top 3 customers by revenue"
        found[role, "channel"] = here.answered(here.mention(question))
        found[role, "direct"] = here.answered(here.direct(question), DM)
    add_team(here.home, TEAM, "tiny", "analyst")
    assert [where for where, message in found.items() if "@example.com" in shown(message)] == [("owner", "direct")]


def test_what_a_team_asked_is_nobody_elses_to_see(here: Here) -> None:
    here.mention(ORDERS)
    here.idle()
    every = threads(here.home.store("tiny") / "state.sqlite")
    asked = [t.thread_id for t in every if not t.thread_id.startswith("straight")]
    assert asked and all(name.startswith(f"slack:{TEAM}:") for name in asked)
