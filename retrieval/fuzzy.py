"""Names like the one asked: typos, reordered words, words left out. They only suggest, they never match."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property

from retrieval.match import Suggestion
from retrieval.words import plain, words

# Words less alike than this share letters, not meaning.
ALIKE = 0.7
# What a missing or surplus word of the name costs, at most.
COVERAGE = 0.2
LONGEST_ASKED = 200
NEAR_WORDS = 20


class Likeness:
    """The names of one field, each with the value it stands for, indexed by their words."""

    def __init__(self, field: str, names: Iterable[tuple[str, str]]):
        self._field = field
        self._names = [(plain(name), value) for name, value in names]

    @cached_property
    def _rows(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for row, (name, _) in enumerate(self._names):
            for word in set(words(name)):
                found[word].append(row)
        return dict(found)

    @cached_property
    def _vocabulary(self) -> list[str]:
        return list(self._rows)

    @cached_property
    def _lengths(self) -> list[int]:
        return [sum(map(len, words(name))) for name, _ in self._names]

    @cached_property
    def _run_together(self) -> list[str]:
        return ["".join(words(name)) for name, _ in self._names]

    def best(self, text: str, k: int) -> list[Suggestion]:
        """The k likeliest values, best first; score 1 is the same but for case and the order of words."""
        asked = plain(text)[:LONGEST_ASKED]
        if not words(asked) or not self._names:
            return []
        scores = self._by_letters(asked, 4 * k)
        for spelling in self._spellings(words(asked)):
            for row, score in self._by_words(spelling).items():
                scores[row] = max(score, scores.get(row, 0.0))
        best: dict[str, float] = {}
        for row, score in scores.items():
            value = self._names[row][1]
            best[value] = max(score, best.get(value, 0.0))
        ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
        return [Suggestion(self._field, value, round(score, 4)) for value, score in ranked[:k] if score > 0]

    def _by_letters(self, asked: str, k: int) -> dict[int, float]:
        """Likeness of the whole names, spaces aside: 'cake stand' and 'cakestand'."""
        from rapidfuzz import fuzz, process

        found = process.extract("".join(words(asked)), self._run_together, scorer=fuzz.ratio, limit=k, score_cutoff=50)
        return {row: _calibrated(score / 100) for _, score, row in found}

    def _spellings(self, asked: list[str]) -> list[list[str]]:
        """The words as asked; with neighbours joined, and with words parted, where the names have it so."""
        joined: list[str] = []
        parted: list[str] = []
        for word in asked:
            if joined and joined[-1] + word in self._rows:
                joined[-1] += word
            else:
                joined.append(word)
            cuts = [(word[:at], word[at:]) for at in range(3, len(word) - 2)] if word not in self._rows else []
            parted += next((cut for cut in cuts if cut[0] in self._rows and cut[1] in self._rows), (word,))
        return [asked, *(spelling for spelling in (joined, parted) if spelling != asked)]

    def _by_words(self, asked: Sequence[str]) -> dict[int, float]:
        """Likeness word by word, whatever their order, weighted by length."""
        total = sum(map(len, asked))
        gained: dict[int, float] = defaultdict(float)
        for word in dict.fromkeys(asked):
            weight = len(word) * asked.count(word)
            for row, likeness in self._rows_like(word).items():
                gained[row] += weight * likeness
        return {row: got / total * self._coverage(total, row) for row, got in gained.items()}

    def _rows_like(self, word: str) -> dict[int, float]:
        """Names with this word or one spelled like it, and how like; numbers are the same or not."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        best: dict[int, float] = {}
        near = process.extract(
            word, self._vocabulary, scorer=OSA.normalized_similarity, limit=NEAR_WORDS, score_cutoff=ALIKE
        )
        for other, likeness, _ in near:
            if other == word or not word.isdecimal():
                for row in self._rows[other]:
                    best[row] = max(likeness, best.get(row, 0.0))
        return best

    def _coverage(self, asked: int, row: int) -> float:
        surplus = max(0, self._lengths[row] - asked) / max(1, self._lengths[row])
        return 1 - COVERAGE * surplus


def _calibrated(ratio: float) -> float:
    """Letters alone are a weak sign below ALIKE: two unrelated words of a language share half of theirs."""
    return ratio if ratio >= ALIKE else ratio * ratio
