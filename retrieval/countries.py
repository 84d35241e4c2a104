"""Countries by any of their names: CLDR's in many languages, codes, adjectives; and a shop's own spellings of them."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache, cached_property

from retrieval.country_words import ALIASES, DEMONYMS, EVERYDAY, ISLANDS, OTHER_PLACES, PARTS
from retrieval.words import fold, words

# English first: where two languages use one name for two countries, the earlier language wins.
LOCALES = (
    *("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "cs", "hu", "ro", "tr", "el"),
    *("ru", "uk", "ar", "ja", "ko", "zh_Hans", "zh_Hant"),
)
# In CLDR's list of territories, and no country.
GROUPS = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})
# Adjectives that don't also name the people: 'Germans', but no 'Frenchs'.
_ADJECTIVES = ("sh", "ch", "ese", "iss", "ss", "ai", "avi")


def country_key(name: str) -> str:
    """A name as it is looked up: its words, folded, without 'the' in front and 'and' inside."""
    found = [word for word in words(fold(name)) if word != "and"]
    return " ".join(found[1:] if len(found) > 1 and found[0] == "the" else found)


def without_the(name: str) -> str:
    return name[4:] if fold(name[:4]) == "the " else name


def without_accents(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


class World:
    """The countries of the world: names, codes and adjectives → territory (an ISO code, or an ISLANDS name)."""

    def __init__(self, names: dict[str, str], codes: dict[str, str], english: dict[str, str]):
        self.names = names
        self.codes = codes
        self._english = english
        self.demonyms = {
            key: code for code, said in DEMONYMS.items() for word in said.split("|") for key in _people(word)
        }
        self.parts = {country_key(name): code for name, code in PARTS.items()}
        self.elsewhere = frozenset(country_key(name) for name in OTHER_PLACES.split("|"))

    def territory(self, name: str, strict: bool) -> str | None:
        """The territory that the whole text names. Strict: codes in capitals only, no everyday words."""
        name = without_the(name)
        key = country_key(name)
        if strict and key in EVERYDAY:
            return None
        found = self.names.get(key) or self.demonyms.get(key)
        if found is None and (name.isupper() or not strict):
            found = self.codes.get(fold(name))
        return found

    def english(self, territory: str) -> str:
        return self._english[territory]

    @cached_property
    def names_of(self) -> dict[str, list[str]]:
        """All names of each territory, as they are looked up."""
        found: dict[str, list[str]] = defaultdict(list)
        for name, territory in self.names.items():
            found[territory].append(name)
        return dict(found)


@cache
def world() -> World:
    """Built on first use (some tenths of a second), then kept for the process."""
    english = _territories("en")
    english.update({name: name for name in ISLANDS})
    names: dict[str, str] = {}
    for territory, said in {**ALIASES, **ISLANDS}.items():
        _add(names, territory, [territory] if territory in ISLANDS else [], said.split("|"))
    for locale in LOCALES:
        for territory, name in _territories(locale).items():
            _add(names, territory, _variants(name))
    codes = _codes(english)
    # Short names are codes in disguise ('US' is a pronoun in small letters); 'uk' alone is safe.
    for key in [key for key in names if len(key) <= 2 and key.isascii() and key != "uk"]:
        codes[key] = names.pop(key)
    return World(names, codes, {territory: name.removesuffix(" SAR China") for territory, name in english.items()})


def _territories(locale: str) -> dict[str, str]:
    from babel import Locale

    named = Locale.parse(locale).territories
    return {code: name for code, name in named.items() if len(code) == 2 and code.isalpha() and code not in GROUPS}


def _codes(territories: Iterable[str]) -> dict[str, str]:
    """Two- and three-letter ISO codes, folded."""
    from babel.core import get_global

    codes = {fold(code): code for code in territories if len(code) == 2}
    for alias, replaced in get_global("territory_aliases").items():
        if len(alias) == 3 and alias.isalpha() and len(replaced) == 1 and fold(replaced[0]) in codes:
            codes[fold(alias)] = replaced[0]
    return codes


def _add(names: dict[str, str], territory: str, *said: Iterable[str]) -> None:
    for name in (name for group in said for name in group):
        for spelling in (name, without_accents(name)):
            names.setdefault(country_key(spelling), territory)


def _variants(name: str) -> list[str]:
    """The name, its parts outside and inside brackets, and with Saint written out."""
    found = [name]
    if name.endswith(")") and "(" in name:
        found += name[:-1].split("(")
    if name.startswith("St. "):
        found.append("Saint " + name[4:])
    return found


def _people(word: str) -> list[str]:
    key = country_key(word)
    if key.endswith("man") and key not in ("german", "oman"):
        return [key, key[:-2] + "en"]
    return [key] if key.endswith(_ADJECTIVES) else [key, key + "s"]


class ShopCountries:
    """The countries of one shop in its own spelling."""

    def __init__(self, values: Sequence[str]):
        self.values = values

    @cached_property
    def spelled(self) -> dict[str, tuple[str, ...]]:
        """The shop's values by key: its own spellings only."""
        found: dict[str, list[str]] = defaultdict(list)
        for value in self.values:
            found[country_key(value)].append(value)
        return {key: tuple(values) for key, values in found.items() if key}

    @cached_property
    def of_territory(self) -> dict[str, tuple[str, ...]]:
        """The shop's values by territory; usually one."""
        found: dict[str, list[str]] = defaultdict(list)
        for value in self.values:
            territory = world().territory(value, strict=False)
            if territory is not None:
                found[territory].append(value)
        return {territory: tuple(values) for territory, values in found.items()}

    def match(self, name: str, strict: bool) -> tuple[str, ...]:
        """The shop's values for the country that the whole text names, in any language."""
        name = without_the(name)
        key = country_key(name)
        code_alone = strict and len(key) <= 2 and key.isascii() and not name.isupper() and key != "uk"
        own = () if code_alone else self.spelled.get(key, ())
        territory = world().territory(name, strict)
        return tuple(dict.fromkeys(own + (self.of_territory.get(territory, ()) if territory else ())))
