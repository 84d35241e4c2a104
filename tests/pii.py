"""Invented values of a person's, in the ways that people write them, inside sentences; each draw is another one.

The forms are in tests/pii_forms.py. In a form # is any digit, $ one from 2 to 9. Where a draw says more than the value, ⟦⟧
stand around that.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.privacy.cards import has_luhn
from agent.privacy.ibans import is_valid
from agent.privacy.vault import PLACEHOLDER
from agent.proof.folding import fold

Draw = Callable[[random.Random], str]

PEOPLE = (
    "Ada Thornbury", "Ben Okafor", "Cara Lindqvist", "José Álvarez Ruiz", "Søren Kjær", "Zoë van der Meer", "Sean O’Rourke",
    "Jean-Luc Béranger", "Müge Yıldırım", "Łukasz Wójcik", "Rose Martin", "Lily Chen", "Holly Baker", "May Summers",
    "Nguyễn Thị Hạnh", "Priya Raghunathan", "张伟强", "李 娜", "欧阳修文", "山田 太郎",
)  # fmt: skip
WORDS = "ada ben cara post info m.meier orders jana lee kunde shop hello".split()
HOSTS = "example.com example.org mail.example shop.example.co.uk post.example.de xn--bcher-kva.example".split()
ENGLISH = (
    "{}", "What did {} order last month?", "Please look up {}, it was a refund.", "orders of {}", "is {} a good customer?",
    "Revenue from ({}) in May", "compare {} with everyone else", "“{}” wrote a bad review", "Show: {}.", "{} — how much?",
    "who is\n{}\nin our shop?", "customer:{}",
)  # fmt: skip
CHINESE = ("{}买了什么？", "请查一下{}的订单", "{}", "上个月{}花了多少钱", "退款给（{}）", "客户：{}，是谁？")


@dataclass(frozen=True)
class Seeded:
    """A text with a value of a person's in it."""

    text: str
    value: str

    def survives(self, masked: str) -> bool:
        """Whether any part of the value, four signs long, is still there that isn't in the text around it."""
        value, left = flat(self.value), flat(PLACEHOLDER.sub(" ", masked))
        around = flat(self.text.replace(self.value, " ", 1))
        parts = {value[i : i + 4] for i in range(max(1, len(value) - 3))}
        return any(part in left and part not in around for part in parts)


def seeded(draw: Draw, sentence: str, rng: random.Random) -> Seeded:
    text = sentence.format(draw(rng))
    value = text[text.index("⟦") + 1 : text.index("⟧")] if "⟦" in text else None
    if value is None:
        before, after = sentence.split("{}")
        value = text[len(before) : len(text) - len(after)]
    return Seeded(text.replace("⟦", "").replace("⟧", ""), value)


def flat(text: str) -> str:
    return "".join(c for c in fold(text).text if c.isalnum())


def filled(form: str) -> Draw:
    """Digits for the marks of a form."""
    digit = {"#": "0123456789", "$": "23456789"}
    return lambda rng: "".join(rng.choice(digit[c]) if c in digit else c for c in form)


def card(prefix: str, length: int, groups: Sequence[int] = (), between: str = " ") -> Draw:
    """A number with a right check digit."""

    def draw(rng: random.Random) -> str:
        body = prefix + "".join(rng.choice("0123456789") for _ in range(length - len(prefix) - 1))
        number = next(body + d for d in "0123456789" if has_luhn(body + d))
        return grouped(number, groups, between)

    return draw


def iban(country: str, form: str, groups: Sequence[int] = (), between: str = " ", *, lower: bool = False) -> Draw:
    """An account with a right checksum; `form` is what comes after the check digits."""

    def draw(rng: random.Random) -> str:
        account = filled(form)(rng)
        check = next(f"{n:02}" for n in range(2, 99) if is_valid(f"{country}{n:02}{account}".lower()))
        text = grouped(f"{country}{check}{account}", groups, between)
        return text.lower() if lower else text

    return draw


def grouped(text: str, groups: Sequence[int], between: str) -> str:
    """In groups of so many, the last size again and again."""
    parts, sizes = [], list(groups)
    while text and groups:
        size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
        parts, text = [*parts, text[:size]], text[size:]
    return between.join([*parts, text] if text else parts)


def mail(form: str, hosts: Sequence[str] = HOSTS) -> Draw:
    """`form` with {local} and {host}."""

    def draw(rng: random.Random) -> str:
        local = f"{rng.choice(WORDS)}{rng.choice(['', '7', '.k', '_x', '1984', '-b'])}"
        return form.format(local=local, host=rng.choice(hosts))

    return draw


def spelt(form: str) -> Draw:
    """An address with its dots and @ as the form says them: {at}, {dot}."""
    at, dot = form.split("|")
    return lambda rng: mail("{local}" + at + "{host}", ("example.com", "mail.example.org"))(rng).replace(".", dot)


def wide(draw: Draw) -> Draw:
    """The same in full-width characters."""
    return lambda rng: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in draw(rng))


def strewn(draw: Draw, what: str = "\u200b") -> Draw:
    """The same with something unseen inside."""

    def strew(rng: random.Random) -> str:
        text = draw(rng)
        place = rng.randrange(1, len(text))
        return text[:place] + what + text[place:]

    return strew


def upper(draw: Draw) -> Draw:
    return lambda rng: draw(rng).upper()


def said(before: str, draw: Draw) -> Draw:
    """A value with the word that tells what it is."""
    return lambda rng: f"{before}⟦{draw(rng)}⟧"


def each(forms: str) -> tuple[Draw, ...]:
    return tuple(filled(form.strip()) for form in forms.split("|"))


def person(name: str) -> Draw:
    """One of PEOPLE, written like this."""
    return lambda rng: name


def named(form: str, way: Callable[[str], str] = str) -> Draw:
    """One of PEOPLE with two names in plain letters: {a} {b}, {B} in capitals, {i} the first letter."""
    two = [p.split(" ") for p in PEOPLE if p.isascii() and p.count(" ") == 1]

    def draw(rng: random.Random) -> str:
        a, b = rng.choice(two)
        return way(form.format(a=a, b=b, B=b.upper(), i=a[0]))

    return draw
