"""Merchants' questions in Slack: the same answers and receipts as `./storewise ask`, in blocks that Slack takes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from agent.ask import ask
from agent.principal import Principal
from store.paths import Home
from store.state import all_turns
from tests.servers.slack import BOT_ID, TEAM
from tests.slack_bot import CHANNEL, Here, connected, copied, shown
from tests.test_every_door import dev_questions
from tests.ways import same
from ui.pictures.draw import png
from ui.slack.prose import CUT


def in_slack(here: Here, questions: list[str]) -> tuple[list[Any], list[dict[str, Any]]]:
    """The answers as they were kept, and the messages that stand for them, of one thread."""
    first = here.mention(questions[0])
    here.idle()
    for question in questions[1:]:
        here.mention(question, first)
        here.idle()
    turns = all_turns(here.home.store("reference") / "state.sqlite", f"slack:{TEAM}:{CHANNEL}:{first}")
    said = [m for m in here.slack.answers(CHANNEL) if m.get("thread_ts") == first and m["bot_id"] == BOT_ID]
    return [turn.answer for turn in turns], said


@pytest.mark.slow
def test_dev_questions_in_slack(reference_home: Home, shared: Path, tmp_path: Path) -> None:
    home, charts = copied(reference_home, tmp_path / "home"), list[dict[str, Any]]()
    with connected(home) as here:
        for n, questions in enumerate(dev_questions(shared)):
            straight = [ask(Principal(home, "reference"), f"straight{n}", question) for question in questions]
            answers, said = in_slack(here, questions)
            assert [same(a) for a in answers] == [same(a) for a in straight], questions
            assert len(said) == len(questions)
            for answer, message in zip(answers, said, strict=True):
                check_shown(answer, message)
            charts += [c for a in answers for c in a["charts"]]
        drawn = here.slack.files(CHANNEL)
        assert len(drawn) == sum(png(chart) is not None for chart in charts) > 0
        for n, file in enumerate(drawn):
            (tmp_path / f"chart{n}.png").write_bytes(file["data"])  # to be looked at


def check_shown(answer: dict[str, Any], message: dict[str, Any]) -> None:
    """Every number of the answer, in its order as often as it is there; and the words around them."""
    text = plain(shown(message))
    for number in answer["numbers"]:
        assert number["text"] in text or CUT in text, number
    for word in re.findall(r"[A-Za-z]{3,}", answer["answer"]):
        assert word in text or CUT in text, word


def plain(text: str) -> str:
    return text.replace('\\"', '"')
