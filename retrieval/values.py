"""Ids and plain values (category, brand, channel…): found exactly, ignoring case, and for values spaces and number."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

from retrieval.wordforms import forms
from retrieval.words import fold, plain, words


class Ids:
    """Exact ids of customers or orders; letter case is ignored where no two ids differ by it alone."""

    def __init__(self, values: Sequence[str]):
        self.values = values

    @cached_property
    def _by_key(self) -> dict[str, str]:
        return {plain(value): value for value in self.values}

    @cached_property
    def _stored(self) -> frozenset[str]:
        return frozenset(self.values)

    def match(self, text: str) -> tuple[str, ...]:
        """The one id that the text is, or nothing."""
        if text in self._stored:
            return (text,)
        value = self._by_key.get(plain(text))
        return () if value is None else (value,)


class Values:
    """The values of one field. Two spellings of one value ('Gift Box', 'gift-box') are found together."""

    def __init__(self, values: Sequence[str]):
        self.values = values

    @cached_property
    def by_key(self) -> dict[str, tuple[str, ...]]:
        """Stored values by their words run together, and by those in the other number."""
        same: dict[str, list[str]] = defaultdict(list)
        other: dict[str, list[str]] = defaultdict(list)
        for value in self.values:
            keys = _keys(value)
            same[keys[0]].append(value)
            for key in keys[1:]:
                other[key].append(value)
        return {key: tuple(same[key] if key in same else other[key]) for key in {**other, **same} if key}

    def match(self, text: str) -> tuple[str, ...]:
        """The stored values that the text names."""
        return self.by_key.get("".join(value_words(words(fold(text)))) or plain(text), ())


def value_words(found: Sequence[str]) -> list[str]:
    """The words that tell values apart: 'Home & Garden' and 'home and garden' are one."""
    return [word for word in found if word != "and"] or list(found)


def _keys(value: str) -> list[str]:
    """The value's words run together; then the same with the last word in its other number."""
    found = value_words(words(fold(value)))
    if not found:
        return [plain(value)]
    head = "".join(found[:-1])
    return [head + found[-1], *(head + form for form in forms(found[-1]))]
