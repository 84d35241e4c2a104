"""Singular and plural of English words, both ways, as candidates: the caller keeps those that the shop uses."""

import re
from collections.abc import Container
from itertools import islice, product

from retrieval.words import WORD

MAX_FORMS = 24

IRREGULAR = {
    "child": "children",
    "die": "dice",
    "foot": "feet",
    "goose": "geese",
    "louse": "lice",
    "man": "men",
    "mouse": "mice",
    "ox": "oxen",
    "person": "people",
    "tooth": "teeth",
    "woman": "women",
}
TO_SINGULAR = {plural: singular for singular, plural in IRREGULAR.items()}

# Words in -s that are no plural, or whose form without -s means something else ("goods" are not "good").
ENDS_IN_S = frozenset(
    (
        *("always", "arms", "briefs", "bus", "canvas", "christmas", "customs", "gas", "goods", "his", "is", "its"),
        *("jeans", "lens", "means", "news", "plus", "series", "shorts", "species", "thanks", "this", "tights", "us"),
        *("was", "yes"),
    )
)
SIBILANTS = ("s", "x", "z", "ch", "sh", "o")
VOWELS = "aeiou"
SHORTEST = 3


def singulars(word: str) -> list[str]:
    """Candidates for the singular of a plural; of a singular none, or words that don't exist."""
    if word in ENDS_IN_S or len(word) <= SHORTEST or not word.endswith("s") or word.endswith("ss"):
        return [TO_SINGULAR[word]] if word in TO_SINGULAR else []
    found = [word[:-1]]
    if word.endswith("ies"):
        found.append(word[:-3] + "y")
    elif word.endswith("ves"):
        found += [word[:-3] + "f", word[:-3] + "fe"]
    elif word.endswith("es") and word[:-2].endswith(SIBILANTS):
        found.append(word[:-2])
        if word.endswith(("sses", "zzes")):
            found.append(word[:-3])
    return [form for form in found if len(form) >= SHORTEST]


def plurals(word: str) -> list[str]:
    """Candidates for the plural of a singular."""
    if word in IRREGULAR:
        return [IRREGULAR[word]]
    if len(word) < SHORTEST or not word[-1].isalpha():
        return []
    found = [word + "s"]
    if word.endswith(SIBILANTS):
        found.append(word + "es")
    elif word.endswith("y") and word[-2] not in VOWELS:
        found.append(word[:-1] + "ies")
    elif word.endswith("fe"):
        found.append(word[:-2] + "ves")
    elif word.endswith("f"):
        found.append(word[:-1] + "ves")
    return found


def forms(word: str) -> list[str]:
    """The other number of a word, lower case: 'boxes' → 'box' (and 'boxe'), 'knife' → 'knives' (and 'knifes')."""
    if not word.isalpha():
        return []
    return [form for form in dict.fromkeys(singulars(word) + plurals(word)) if form != word]


def phrase_forms(phrase: str, known: Container[str]) -> list[str]:
    """The phrase itself, then the phrases with words in their other number, as far as those words are known.

    Everything around the words stays as it is. Long phrases vary in their last word only.
    """
    spots = list(WORD.finditer(phrase))
    choices = [[spot.group(), *(form for form in forms(spot.group()) if form in known)] for spot in spots]
    combinations = 1
    for choice in choices:
        combinations *= len(choice)
    if combinations > MAX_FORMS:
        choices = [choice[:1] for choice in choices[:-1]] + choices[-1:]
    return list(dict.fromkeys(_put_in(phrase, spots, chosen) for chosen in islice(product(*choices), MAX_FORMS)))


def _put_in(phrase: str, spots: list[re.Match[str]], chosen: tuple[str, ...]) -> str:
    parts: list[str] = []
    at = 0
    for spot, word in zip(spots, chosen, strict=True):
        parts += [phrase[at : spot.start()], word]
        at = spot.end()
    return "".join(parts) + phrase[at:]


def minimal(phrases: list[str]) -> list[str]:
    """Without those that contain another one: what contains 'doormats' contains 'doormat' too."""
    return [one for one in phrases if not any(other != one and other in one for other in phrases)]
