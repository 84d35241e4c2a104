"""Training the planner's parser: `python -m agent.planner.train`.

It begins with MiniLM's weights, learns from agent/planner/voices and from the grammar, and writes what it has learned
to agent/planner/trained. Stopped, it goes on where it was when it is started again.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.planner.corpus import Conversation, conversations
from agent.planner.examples import Source
from agent.planner.heard import heard_in
from agent.planner.parser import WEIGHTS as SHIPPED
from agent.planner.parser import Trust, trained
from agent.planner.pieces import LONGEST, Pieces, base_weights

if TYPE_CHECKING:
    from torch import Tensor, nn

    from agent.planner.model import Parser

HERE = Path(__file__).parent
RUN = HERE.parent.parent / "var" / "train" / "planner"
MOST_SIGNS = 2_000
# Voices that are never learned from: they tell how sure to be.
VALIDATION = ("bystanders", "market_hall", "online_boutique", "passers_by", "strangers", "taobao_seller")


@dataclass(frozen=True)
class Recipe:
    """`rates` are learning rates (see ml/fit.py), `left_out` the voices that are not learned from."""

    steps: int = 5_000
    size: int = 32
    rates: Mapping[str, float] = field(
        default_factory=lambda: {"encoder.tokens": 0.0, "encoder.positions": 0.0, "encoder": 2e-4, "": 1e-3}
    )
    seed: int = 7
    left_out: tuple[str, ...] = VALIDATION


def train(recipe: Recipe, run: Path = RUN, shipped: Path = SHIPPED) -> None:
    """Trains, and keeps the result in `shipped`; while it lasts, its state is in `run`."""
    import torch

    from agent.planner.trust import FEATURES
    from agent.planner.weights import packed
    from ml.checkpoint import About, save
    from ml.fit import Fit, fit
    from ml.progress import bar

    said = list(conversations())
    learned = [c for c in said if c.voice not in recipe.left_out]
    pieces = pieces_for(learned)
    source = Source.of(learned, pieces)
    torch.manual_seed(recipe.seed)
    model = begun(pieces)
    command = f"python -m agent.planner.train --steps {recipe.steps} --without {','.join(recipe.left_out)}"
    about = About(command, recipe.seed, data_version(learned))
    how = Fit(recipe.steps, recipe.rates, seed=recipe.seed)
    with bar(recipe.steps) as told:
        fit(model, lambda start: source.batches(recipe.size, recipe.seed, start), _loss, how, run, about, told)
    nothing = dict.fromkeys(Trust._fields, [0.0] * len(FEATURES))
    config = {"signs": pieces.signs, "heard": " ".join(sorted(heard_in(learned))), "trust": nothing}
    save(shipped, packed(model.state_dict()), config, about)
    fit_trust([c for c in said if c.voice in recipe.left_out], shipped)
    shutil.rmtree(run, ignore_errors=True)


def fit_trust(unseen: Sequence[Conversation], shipped: Path = SHIPPED) -> None:
    """Fits how sure to be of the weights in `shipped`, to voices that they were not learned from."""
    from agent.planner import rules
    from agent.planner.validation import judge, trust_of
    from ml.checkpoint import load, save

    trained.cache_clear()
    kept = load(shipped)
    config = {**kept.config, "trust": trust_of(judge(unseen, rules.plan), shipped)}
    save(shipped, kept.tensors, config, kept.about)
    trained.cache_clear()


def _loss(model: nn.Module, batch: Mapping[str, Tensor]) -> Tensor:
    from agent.planner.model import loss_of

    return loss_of(model(batch["ids"]), batch, batch["ids"])


def data_version(learned: Sequence[Conversation]) -> str:
    """The same for the same messages with the same meanings."""
    said = [
        f"{m.text} {m.spans} {replace(m.meaning, flags=frozenset())} {sorted(m.meaning.flags)}"
        for c in learned
        for m in c.messages
    ]
    return "sha256:" + hashlib.sha256("\n".join(said).encode()).hexdigest()


def pieces_for(learned: Sequence[Conversation]) -> Pieces:
    """BERT's pieces, and the signs that messages have beyond them."""
    texts = [m.text for c in learned for m in c.messages]
    return Pieces("".join(Pieces("").unknown(texts)[:MOST_SIGNS]))


def begun(pieces: Pieces) -> Parser:
    """The net before it has learned: MiniLM, and heads that know nothing."""
    from agent.planner.model import Parser
    from ml.transformer import EncoderConfig, from_bert

    config = EncoderConfig(more=len(pieces.signs), longest=LONGEST)
    model = Parser(config)
    model.encoder.load_state_dict(from_bert(base_weights(), config))
    return model


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m agent.planner.train", description="Trains the planner's parser.")
    parser.add_argument("--steps", type=int, default=Recipe.steps, help="steps of 32 messages")
    parser.add_argument("--without", default=",".join(VALIDATION), help="voices to leave out, with commas between")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="folder for the weights")
    given = parser.parse_args()
    left_out = tuple(v for v in given.without.split(",") if v)
    train(Recipe(steps=given.steps, left_out=left_out), RUN.with_name(given.out.name), given.out)


if __name__ == "__main__":
    main()
