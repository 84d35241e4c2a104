"""What becomes of a letter when Slack doesn't do what it was asked.

| what Slack does                                  | what becomes of it                                      |
|--------------------------------------------------|---------------------------------------------------------|
| 429                                              | again after what Retry-After says                       |
| is down, hangs up, 5xx, an error of its own      | again after 1, 2, 4 … at most 30 seconds, for a day     |
| refuses the token                                | all waits until there is a good one: `NoEntry`          |
| has no such channel, thread or user any more     | dropped: there is nobody to be told                     |
| refuses the form                                 | a bug of ours: recorded, and told in plain text         |
"""

from __future__ import annotations

import http.client
import math
from typing import Any

from store.errors import StorewiseError

NO_ENTRY = frozenset({"invalid_auth", "token_revoked", "account_inactive", "not_authed", "token_expired"})
GONE = frozenset(
    {
        *("channel_not_found", "is_archived", "not_in_channel", "thread_not_found", "message_not_found"),
        *("user_not_found", "users_not_found", "user_disabled", "cannot_dm_bot", "restricted_action", "not_allowed"),
        *("cant_post_message", "channel_is_archived", "messages_tab_disabled", "no_permission"),
    }
)
OF_SLACK = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited"})
OF_STREAM = frozenset(
    {"message_not_in_streaming_state", "message_not_owned_by_app", "message_not_found", "streaming_state_conflict"}
)
LONGEST_WAIT = 30.0  # seconds
A_DAY = 86_400.0


class Later(StorewiseError):
    """To be tried again after `seconds`."""

    def __init__(self, why: str, seconds: float) -> None:
        super().__init__(why)
        self.seconds = seconds


class NoEntry(StorewiseError):
    """Slack no longer takes our token."""


class Gone(StorewiseError):
    """There is nobody, or no place, to be answered in any more."""


class Unformed(StorewiseError):
    """Slack refuses what it was sent."""


def told_by(error: Exception, tries: int = 0) -> StorewiseError | None:
    """What an error of the Slack SDK means; None where it isn't one of Slack's."""
    from slack_sdk.errors import SlackApiError, SlackClientError

    if isinstance(error, SlackApiError):
        return _told(error.response, tries)
    if isinstance(error, OSError | http.client.HTTPException | SlackClientError):
        return Later(f"Slack can't be reached ({error})", _pause(tries))
    return None


def code_of(error: Exception) -> str:
    """Slack's own name for an error, "" where it gave none."""
    response = getattr(error, "response", None)
    found = response.get("error", "") if response is not None and isinstance(response.data, dict) else ""
    return str(found)


def _told(response: Any, tries: int) -> StorewiseError:
    code = str(response.get("error", "")) if isinstance(response.data, dict) else ""
    if response.status_code == 429:
        return Later("Slack asks for a pause", _seconds(response.headers.get("Retry-After"), tries))
    if response.status_code >= 500 or code in OF_SLACK:
        return Later(f"Slack is in trouble ({response.status_code} {code})", _pause(tries))
    if code in NO_ENTRY:
        return NoEntry(f"Slack no longer takes the bot's token ({code}).")
    if code in GONE:
        return Gone(code)
    return Unformed(code or f"status {response.status_code}")


def _pause(tries: int) -> float:
    return min(LONGEST_WAIT, 2.0 ** min(tries, 10))


def _seconds(said: Any, tries: int) -> float:
    try:
        seconds = float(said)
    except (TypeError, ValueError):
        return _pause(tries)
    return max(0.1, seconds) if math.isfinite(seconds) else _pause(tries)
