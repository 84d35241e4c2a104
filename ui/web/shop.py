"""What the page knows of the stores: which there are, their dates, their conversations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from urllib.parse import quote

from agent.labels import span_text
from agent.principal import Person, Principal
from agent.settings import Settings
from store.connect import Store, open_store
from store.contacts import Contact
from store.errors import UserError
from store.state import Thread, Turn, Unanswered, all_turns, delete_thread, threads, unanswered
from ui.people import people_of

NOTHING: Mapping[str, float | None] = {}


@dataclass(frozen=True)
class Shops:
    """The stores of a home, as the person in front of the page may see them."""

    person: Person
    settings: Settings

    def names(self) -> list[str]:
        return self.person.names()

    def asker(self, name: str) -> Principal | None:
        """Who asks a store of theirs; None where it isn't."""
        return self.person.at(name) if name in self.names() else None

    def chosen(self, wanted: str) -> str:
        """The store wanted, be it there or not; where none is said, the first, or none ("")."""
        return wanted or next(iter(self.names()), "")

    def opened(self, name: str) -> Store | None:
        try:
            return self._open(name) if name else None
        except UserError:
            return None

    def problem(self, name: str) -> str:
        """Why the store can't be used; "" where it can."""
        try:
            if name:
                self._open(name)
        except UserError as error:
            return str(error)
        return ""

    def _open(self, name: str) -> Store:
        return open_store(self.person.home, self.person.at(name).store)

    def turns(self, name: str, thread: str) -> tuple[list[Turn], list[Unanswered]]:
        """The conversation, and what was asked in it without an answer since."""
        asker = self.asker(name)
        if asker is None:
            return [], []
        path, kept_as = state_of(asker), asker.kept_as(thread)
        return all_turns(path, kept_as), unanswered(path, kept_as)

    def people(self, name: str, turn: Turn) -> list[Contact]:
        """The customers of an answer, as far as this person may know them."""
        asker = self.asker(name)
        return people_of(asker, turn.answer) if asker else []

    def threads(self, name: str) -> list[Thread]:
        """The person's own conversations, as they call them. Those of API calls that named none have no place here."""
        asker = self.asker(name)
        if asker is None:
            return []
        mine = asker.kept_as("")
        found = (replace(t, thread_id=t.thread_id.removeprefix(mine)) for t in threads(state_of(asker), mine))
        return [t for t in found if ":" not in t.thread_id]

    def forget(self, name: str, thread: str) -> None:
        asker = self.asker(name)
        if asker:
            delete_thread(state_of(asker), asker.kept_as(thread))


def state_of(principal: Principal) -> Path:
    """Where the conversations about the principal's store are kept."""
    return principal.home.store(principal.store) / "state.sqlite"


def header_html(
    store: Store | None,
    wanted: str,
    settings: Settings,
    underway: Mapping[str, float | None] = NOTHING,
    *,
    name: str = "",
) -> str:
    """The slim line on top: which store, its days and currency, which model and where it runs, who is signed in.

    `underway` tells what is being made of the store beside it, and how far each is, from 0 to 1.
    """
    where = (
        "nothing leaves it" if settings.stays_here else "figures of your shop are sent there, names and contacts masked"
    )
    model = f'<span class="model"><span class="dot"></span>{escape(settings.said)}: {where}</span>' + _signed_in(name)
    if store is None:
        said = f"<b>{escape(wanted)}</b><span>can’t be opened</span>" if wanted else "<b>No store yet</b>"
        return f'<div class="bar"><span class="shop">{said}</span>{model}</div>'
    days = span_text(store.first_day, store.today)
    facts = f"<b>{escape(store.name)}</b><span>{escape(days)}</span><span>{escape(store.currency)}</span>"
    for what, part in underway.items():
        facts += "" if part is None else f'<span class="indexing">{what}: {part:.0%}</span>'
    return f'<div class="bar"><span class="shop">{facts}</span>{model}</div>'


def _signed_in(name: str) -> str:
    if not name:
        return ""
    out = f'<button class="quiet" aria-label="Sign out {escape(name)}">Sign out</button>'
    return f'<form class="account" method="post" action="logout"><span>{escape(name)}</span>{out}</form>'


def stores_html(names: Sequence[str], current: str) -> str:
    """Which store the page is about, where there is a choice."""
    if not {*names} - {current}:
        return ""
    choices = "".join(
        f'<label><input type="radio" name="store" value="{escape(name)}"{" checked" if name == current else ""}>'
        f"<span>{escape(name)}</span></label>"
        for name in names
    )
    return f'<fieldset class="stores"><legend class="label">Store</legend>{choices}</fieldset>'


def threads_html(found: Sequence[Thread], store: str, current: str) -> str:
    """The list of conversations, newest first, each with its menu: export, delete."""
    label = '<h2 class="label" id="label-threads">Conversations</h2>'
    if not found:
        return f'{label}<p class="none">They are kept here as you ask.</p>'
    items = "".join(_thread_html(t, store, current) for t in found)
    return f'{label}<ul class="threads" aria-labelledby="label-threads">{items}</ul>'


def _thread_html(thread: Thread, store: str, current: str) -> str:
    title = " ".join(thread.first_question.split()) or "(an empty question)"
    mark = ' aria-current="page"' if thread.thread_id == current else ""
    name, place = escape(thread.thread_id), f"stores/{quote(store)}/threads/{quote(thread.thread_id)}"
    turns = "1 question" if thread.turns == 1 else f"{thread.turns} questions"
    menu = (
        f'<details class="menu" name="threads"><summary aria-label="More on: {escape(title)}">⋯</summary><div>'
        f'<a href="{place}/export.md" download>Export as Markdown</a>'
        f'<a href="{place}/export.json" download>Export as JSON</a>'
        f'<button type="button" data-forget="{name}">Delete…</button></div></details>'
    )
    return (
        f'<li><a class="thread" href="?store={quote(store)}&c={quote(thread.thread_id)}" data-open="{name}"{mark}>'
        f'<span class="title">{escape(title)}</span><span class="meta">{ago(thread.last_asked_at)} · {turns}</span></a>'
        f"{menu}</li>"
    )


def ago(moment: str, now: datetime | None = None) -> str:
    """An ISO moment as people say it: "just now", "5 minutes ago", "yesterday", "9 Dec 2025"."""
    then = datetime.fromisoformat(moment)
    passed = int(((now or datetime.now(UTC)) - then).total_seconds())
    days = ((now or datetime.now(UTC)).astimezone().date() - then.astimezone().date()).days
    if passed < 60:
        return "just now"
    if passed < 3600:
        return _count(passed // 60, "minute")
    if days == 0:
        return _count(passed // 3600, "hour")
    if days == 1:
        return "yesterday"
    return _count(days, "day") if days < 7 else f"{then.astimezone():%-d %b %Y}"


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'} ago"


def greeting_html(store: Store | None, problem: str, examples: Sequence[str]) -> str:
    """What an empty conversation shows: a short greeting, and questions made from the shop itself."""
    if problem:
        return f'<div class="empty"><h2>This store can’t be opened</h2><p>{escape(problem)}</p></div>'
    if store is None:
        return (
            '<div class="empty"><h2>Welcome to Storewise</h2><p>There is no shop to talk about yet. Bring in an export '
            "of your orders, or build the demo shop with <code>./storewise demo</code>.</p>"
            '<p><button type="button" class="chip" data-view="import">Import data</button></p></div>'
        )
    asks = "".join(f'<li><button type="button" data-ask="{escape(q)}">{escape(q)}</button></li>' for q in examples)
    return (
        '<div class="empty"><h2>What would you like to know?</h2>'
        f"<p>Ask about <b>{escape(store.name)}</b> in plain words, in English or Chinese. "
        "Every number in an answer comes with its receipt.</p>"
        f'<ul class="examples" aria-label="Example questions">{asks}</ul></div>'
    )
