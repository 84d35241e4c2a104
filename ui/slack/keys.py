"""The keys to Slack, read once at the entry point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from store.errors import UserError

SLACK = "https://slack.com/api/"


@dataclass(frozen=True)
class Keys:
    """The bot's token, and either the app's (Socket Mode) or the signing secret (HTTP)."""

    bot: str = field(repr=False)
    app: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    url: str = SLACK


def keys_from(environ: Mapping[str, str], *, http: bool) -> Keys:
    """SLACK_BOT_TOKEN, and SLACK_APP_TOKEN or, over HTTP, SLACK_SIGNING_SECRET. UserError for what is missing."""
    other = ("SLACK_SIGNING_SECRET", "") if http else ("SLACK_APP_TOKEN", "xapp-")
    for variable, begins in (("SLACK_BOT_TOKEN", "xoxb-"), other):
        found = environ.get(variable, "").strip()
        if not found:
            raise UserError(f"{variable} is not set. README.md, “Slack”, says where it is found.")
        if not found.startswith(begins):
            raise UserError(f"{variable} is not what it should be: it begins with {begins}.")
    return Keys(
        environ["SLACK_BOT_TOKEN"].strip(),
        environ.get("SLACK_APP_TOKEN", "").strip(),
        environ.get("SLACK_SIGNING_SECRET", "").strip(),
        environ.get("SLACK_API_URL") or SLACK,
    )
