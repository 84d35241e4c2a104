"""All finders over one view of a text. An explicit list: a new kind is one finder and one line here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from agent.privacy.addresses import addresses
from agent.privacy.cards import cards
from agent.privacy.emails import emails
from agent.privacy.found import Found
from agent.privacy.ibans import ibans
from agent.privacy.known import Known
from agent.privacy.names import names_in
from agent.privacy.phones import phones
from agent.privacy.views import View

FINDERS: tuple[Callable[[str, Known], Iterable[Found]], ...] = (
    lambda text, known: emails(text),
    lambda text, known: phones(text, known.phones, known.codes),
    lambda text, known: cards(text, known.codes),
    lambda text, known: ibans(text),
    lambda text, known: addresses(text),
    lambda text, known: names_in(text, known.names),
)


def found_in(view: View, known: Known) -> Iterator[Found]:
    """With the places that they have in the view's source."""
    for finder in FINDERS:
        for found in finder(view.text, known):
            start, end = view.source(found.start, found.end)
            yield replace(found, start=start, end=end)
