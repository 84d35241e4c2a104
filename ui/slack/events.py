"""What Slack sends, as letters to be worked on: questions, presses of buttons, openings of the home tab.

Whatever isn't for us (bots, other people's talk, joins) is None: acknowledged, and not written down.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from store.inbox import Letter

Body = Mapping[str, Any]
SAID = (None, "file_share", "thread_broadcast")  # subtypes of messages that people write
MARKUP = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
ASK, RECEIPT = "ask", "receipt"  # what the ids of our buttons begin with


@dataclass(frozen=True)
class Change:
    """A message was edited (`text`), or deleted (None)."""

    message: str
    text: str | None


def of_event(body: Body, bot: str) -> Letter | Change | None:
    """The Events API's body; `bot` is our own user."""
    event = body["event"]
    return EVENTS.get(event["type"], _nothing)(body, event, bot)


def _mention(body: Body, event: Body, bot: str) -> Letter | None:
    return None if _is_bots(event, bot) else _question(body, event, bot)


def _message(body: Body, event: Body, bot: str) -> Letter | Change | None:
    """A direct message, or news of one that was asked about before; the rest of a channel's talk is not for us."""
    subtype = event.get("subtype")
    if subtype == "message_deleted":
        return Change(f"{event['channel']}:{event['deleted_ts']}", None)
    if subtype == "message_changed":
        now = event["message"]
        gone = now.get("subtype") == "tombstone"
        return Change(f"{event['channel']}:{now['ts']}", None if gone else plain_text(now.get("text", ""), bot))
    if event.get("channel_type") != "im" or subtype not in SAID or _is_bots(event, bot):
        return None
    return _question(body, event, bot)


def _is_bots(event: Body, bot: str) -> bool:
    return bool(event.get("bot_id")) or event.get("user") in (None, bot, "USLACKBOT")


def _question(body: Body, event: Body, bot: str) -> Letter:
    channel, ts = event["channel"], event["ts"]
    thread = event.get("thread_ts")
    about = {
        "channel": channel, "thread": thread or ts, "text": plain_text(event.get("text", ""), bot),
        "user": event["user"], "from": event.get("user_team") or event.get("team") or body.get("team_id"),
    }  # fmt: skip
    alone = thread is None and event.get("channel_type") == "im"  # all that is said there outside threads is one talk
    place = channel if alone else f"{channel}:{thread or ts}"
    return Letter(body["event_id"], "ask", body.get("team_id") or "", place, about, f"{channel}:{ts}")


def _home(body: Body, event: Body, _: str) -> Letter | None:
    return _on_its_own("home", body, {"user": event["user"]}) if event.get("tab") == "home" else None


def _thread(body: Body, event: Body, _: str) -> Letter:
    thread = event["assistant_thread"]
    return _on_its_own("prompts", body, {"channel": thread["channel_id"], "thread": thread["thread_ts"]})


def _on_its_own(kind: str, body: Body, about: dict[str, Any]) -> Letter:
    team = body.get("team_id") or ""
    return Letter(body["event_id"], kind, team, body["event_id"], {**about, "from": team})


def _nothing(*_: object) -> None:
    return None


EVENTS: dict[str, Callable[[Body, Body, str], Letter | Change | None]] = {
    "app_mention": _mention,
    "message": _message,
    "app_home_opened": _home,
    "assistant_thread_started": _thread,
}


def of_command(body: Body) -> Letter:
    """/storewise QUESTION: answered in the direct messages, in a thread of its own."""
    id, team = f"command {body['trigger_id']}", body["team_id"]
    about = {"text": plain_text(body.get("text", ""), ""), "user": body["user_id"], "from": team, "quote": True}
    return Letter(id, "ask", team, id, about)


def of_press(body: Body) -> Letter:
    """A quick reply is a question in the thread of its message; a receipt is for the turn whose button it is.

    A question of the home tab, which has no thread, is answered in the direct messages.
    """
    action, message = body["actions"][0], body.get("message")
    if message is None:
        return _press_at_home(body, action)
    channel, thread, user = body["channel"]["id"], message.get("thread_ts") or message["ts"], body["user"]
    team = (body.get("team") or {}).get("id") or user.get("team_id") or ""
    id = f"press {channel} {message['ts']} {action['action_id']} {action['action_ts']}"
    about = {"channel": channel, "thread": thread, "user": user["id"], "from": user.get("team_id") or team}
    if action["action_id"].startswith(RECEIPT):
        return Letter(id, "receipt", team, id, {**about, **json.loads(action["value"])})
    return Letter(id, "ask", team, f"{channel}:{thread}", {**about, "text": action["value"], "quote": True})


def _press_at_home(body: Body, action: Body) -> Letter:
    user = body["user"]
    team = (body.get("team") or {}).get("id") or user.get("team_id") or ""
    id = f"press home {user['id']} {action['action_id']} {action['action_ts']}"
    about = {"text": action["value"], "user": user["id"], "from": user.get("team_id") or team, "quote": True}
    return Letter(id, "ask", team, id, about)


def plain_text(text: str, bot: str) -> str:
    """What somebody wrote, as they see it: no mention of us, links and channels by their names."""
    said = MARKUP.sub(lambda found: "" if found[1] == "@" and found[2] == bot else _as_seen(found), text)
    return html.unescape(said).strip()


def _as_seen(found: re.Match[str]) -> str:
    sign = "" if found[1] == "!" else found[1]
    return sign + (found[3] or found[2])
