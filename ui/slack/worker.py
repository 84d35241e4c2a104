"""Works on the inbox's letters: a few at a time, those of one conversation one after the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from store import inbox
from store.errors import StorewiseError
from store.inbox import Letter
from store.paths import Home
from ui.commands.common import record, say
from ui.slack.faults import A_DAY, Gone, Later, NoEntry, told_by

AT_ONCE = 8  # letters: most of the time they wait for the desk, or for Slack
LOOKS = 0.25  # seconds between two looks for letters that were put back
TRIES = 3  # of what fails by a bug of ours
OFTEN = 10  # of so many tries one is told
Hand = Callable[[Letter], None]


class Worker:
    """`hands` do what a letter of a kind asks for. `closed` is told why once Slack no longer takes the token."""

    def __init__(self, home: Home, hands: Mapping[str, Hand], closed: Callable[[str], None]) -> None:
        self._home, self._hands, self._closed = home, hands, closed
        self._wake, self._stop = threading.Event(), threading.Event()
        self._threads = [threading.Thread(target=self._run, name=f"slack-{i}") for i in range(AT_ONCE)]

    def start(self) -> None:
        left = inbox.resume(self._home.inbox)
        if left:
            say(f"Going on with {left} of Slack that were cut off.")
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Nothing new is begun; what is under way is taken up again at the next start, if it isn't done by then."""
        self._stop.set()
        self._wake.set()

    def wake(self) -> None:
        self._wake.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                letter = inbox.take(self._home.inbox)
            except StorewiseError as error:
                say(f"storewise: {error}")
                self._stop.wait(5)
                continue
            if letter is None:
                self._wake.wait(LOOKS)
                self._wake.clear()
            else:
                self._work(letter)
                self._wake.set()  # the conversation is free, be it for a letter that another thread has passed over

    def _work(self, letter: Letter) -> None:
        try:
            self._hands[letter.kind](letter)
        except Exception as error:  # the outermost boundary of this thread: a letter must not be lost with it
            self._failed(letter, error if isinstance(error, StorewiseError) else told_by(error, letter.tries) or error)
        else:
            inbox.done(self._home.inbox, letter.id)

    def _failed(self, letter: Letter, error: Exception) -> None:
        path = self._home.inbox
        if isinstance(error, NoEntry):
            inbox.later(path, letter.id, 0)
            self._stop.set()
            self._closed(f"{error} What waits is answered once Storewise is started with a good one.")
        elif isinstance(error, Gone):
            say(f"Slack has no place for a letter ({letter.kind}) of {letter.team} ({error}): it was given up.")
            inbox.done(path, letter.id)
        elif isinstance(error, Later) and time.time() - letter.came_at < A_DAY:
            if letter.tries % OFTEN == 0 and not self._stop.is_set():
                say(f"{error}: trying again in {error.seconds:g} s.")
            inbox.later(path, letter.id, error.seconds)
        else:
            record(self._home, "slack", letter.kind, letter.id)
            again = not isinstance(error, Later) and letter.tries + 1 < TRIES
            inbox.later(path, letter.id, 5.0) if again else inbox.done(path, letter.id)
