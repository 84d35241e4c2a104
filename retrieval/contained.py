"""Product words in a running question: the longest runs of words that some title contains."""

from collections.abc import Collection, Iterator, Sequence

from retrieval.spans import Span, Token, tokens_of
from retrieval.titles import Titles
from retrieval.words import HAN_KANA, fold

LONGEST_RUN = 12


def contained_runs(text: str, taken: Sequence[Span], stopwords: Collection[str], titles: Titles) -> list[Span]:
    """Spans of the longest runs of words that a title contains, left to right, not overlapping.

    A run neither touches `taken` nor begins or ends with a stopword, and has a word of two letters that is none.
    """
    question = _Question(text, taken, stopwords, titles)
    runs = sorted(question.runs(), key=lambda run: (run[0] - run[1], run[0]))
    free = [True] * len(question.tokens)
    kept = []
    for first, last in runs:
        if all(free[first:last]):
            free[first:last] = [False] * (last - first)
            kept.append((question.tokens[first].start, question.tokens[last - 1].end))
    return sorted(kept)


class _Question:
    """One text while its runs are looked for; runs are [first, last) positions of tokens."""

    def __init__(self, text: str, taken: Sequence[Span], stopwords: Collection[str], titles: Titles):
        self.text = text
        self.tokens = tokens_of(text)
        self._titles = titles
        self._barred = _barred(text, self.tokens, taken)
        self._stop = _stopped(text, self.tokens, stopwords)
        self._rows: dict[str, set[int]] = {}
        self._seen: dict[str, bool] = {}

    def runs(self) -> Iterator[Span]:
        """The longest run from each token on, and its beginnings: another run may take its end."""
        for first in range(len(self.tokens)):
            if self._barred[first] or self._stop[first]:
                continue
            for last in range(self._longest(first), first, -1):
                if not self._stop[last - 1] and _has_content(self.tokens[first:last], self._stop[first:last]):
                    yield first, last

    def _longest(self, first: int) -> int:
        """Where the longest run from `first` on ends, `first` if there is none."""
        among: set[int] | None = None
        for last in range(first, min(len(self.tokens), first + LONGEST_RUN)):
            near = self._rows_near(self.tokens[last].text)
            among = near if among is None else among & near
            if self._barred[last] or not among or not (last == first or self._contained(first, last, among)):
                return last
        return min(len(self.tokens), first + LONGEST_RUN)

    def _contained(self, first: int, last: int, among: set[int]) -> bool:
        phrase = self.text[self.tokens[first].start : self.tokens[last].end]
        if phrase not in self._seen:
            self._seen[phrase] = self._titles.any_contains(phrase, among)
        return self._seen[phrase]

    def _rows_near(self, word: str) -> set[int]:
        if word not in self._rows:
            self._rows[word] = self._titles.rows_near(word)
        return self._rows[word]


def _has_content(run: Sequence[Token], stop: Sequence[bool]) -> bool:
    free = [token.text for token, stopped in zip(run, stop, strict=True) if not stopped]
    if HAN_KANA.match(run[0].text) and HAN_KANA.match(run[-1].text) and len(run) < 2:
        return False
    return any((len(word) > 1 or HAN_KANA.match(word)) and not word.isdecimal() for word in free)


def _barred(text: str, tokens: Sequence[Token], taken: Sequence[Span]) -> list[bool]:
    covered = bytearray(len(text))
    for start, end in taken:
        covered[max(0, start) : max(0, end)] = b"\x01" * len(covered[max(0, start) : max(0, end)])
    return [any(covered[token.start : token.end]) for token in tokens]


def _stopped(text: str, tokens: Sequence[Token], stopwords: Collection[str]) -> list[bool]:
    """Which tokens are stopwords; Chinese ones are several tokens long and found as they stand."""
    folded = fold(text)
    covered = bytearray(len(text))
    for word in stopwords:
        if HAN_KANA.match(word):
            at = folded.find(word)
            while at >= 0:
                covered[at : at + len(word)] = b"\x01" * len(word)
                at = folded.find(word, at + 1)
    return [token.text in stopwords or bool(covered[token.start]) for token in tokens]
