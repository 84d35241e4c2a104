"""What isn't an answer to a question: the home tab, the prompts of a new conversation, and the digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agent.examples import example_questions
from agent.labels import span_text
from store import inbox
from store.connect import Store, open_store
from store.errors import UserError
from store.inbox import Letter
from store.paths import Home
from store.teams import team_of
from ui.slack.askers import principal_of
from ui.slack.blocks import Block, button, header, line, message, note, text
from ui.slack.brief import DIGESTS, HOME, brief, brief_blocks
from ui.slack.digest import version_name
from ui.slack.events import ASK
from ui.slack.post import Post, Room
from ui.slack.words import say

PROMPTS = 4  # as many as Slack shows


@dataclass(frozen=True)
class Pages:
    home: Home
    post: Post

    def publish(self, letter: Letter) -> None:
        """The home tab of whoever opened it."""
        try:
            blocks = _home_blocks(self._store(letter))
        except UserError as error:
            blocks = [line(text(str(error)))]
        self.post.client.views_publish(user_id=letter.body["user"], view={"type": "home", "blocks": blocks})

    def prompt(self, letter: Letter) -> None:
        """Questions to begin with, that this shop can answer."""
        try:
            questions = example_questions(self._store(letter), PROMPTS)
        except UserError:
            return  # the first question is told why
        prompts = [{"title": question, "message": question} for question in questions]
        if prompts:
            self.post.client.assistant_threads_setSuggestedPrompts(
                channel_id=letter.body["channel"], thread_ts=letter.body["thread"], prompts=prompts,
                title=say("prompts", "en"),
            )  # fmt: skip

    def digest(self, letter: Letter) -> None:
        """As it is worth telling; and that it was told, for this version of the data."""
        team, store = team_of(self.home, letter.team), self._store(letter)
        if team is None or team.digest is None:
            return
        told = brief(store, DIGESTS[team.digest.every])
        said = message([note(_about(store)), *brief_blocks(told)], "; ".join(item.title for item, _ in told))
        self.post.once(letter, "digest", Room(letter.body["channel"]), said)
        inbox.tell(self.home.inbox, version_name(team), letter.body["version"])

    def _store(self, letter: Letter) -> Store:
        """UserError where the team has none, or it can't be used."""
        principal = principal_of(self.home, letter)
        return open_store(self.home, principal.store)


def _about(store: Store) -> str:
    return f"{store.name} · {span_text(store.first_day, store.today)} · {store.currency}"


def _home_blocks(store: Store) -> list[Block]:
    told = brief(store, HOME)
    asks: list[dict[str, Any]] = [
        button(question, f"{ASK}-{i}", question) for i, question in enumerate(example_questions(store, PROMPTS))
    ]
    more: list[Block] = [header("Ask"), {"type": "actions", "elements": asks}] if asks else []
    return [note(_about(store)), *brief_blocks(told), *more]
