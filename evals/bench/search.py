"""How well products are found: judged searches, beside BM25 over all text, MiniLM, and the plain fusion of the two."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

import numpy as np

from evals.bench.catalogue import Docs, read_docs, read_judgements
from evals.bench.figures import Figure, Grid, Measured, figure
from evals.bench.ranking import Ratings, judged_only, ndcg, recall
from retrieval import index, rank
from retrieval.encoder import Encoder, default_folder, encoder_at
from retrieval.rank import Meant, Ranker, best
from retrieval.wish_words import COLOURS, SIZE
from retrieval.wishes import read_wish
from retrieval.words import plain, words
from store.errors import UserError

if TYPE_CHECKING:
    from retrieval.encoder import Vectors

DEPTH, CONSTANT = 100, 60  # of a ranking that is judged, and of reciprocal rank fusion (Cormack et al. 2009)
GOAL_MS, GOAL_SECONDS, GOAL_RECALL, GOAL_POINTS = 50.0, 360.0, 0.95, 2
LEAST = 10  # searches of a class that is compared
STEPS = tuple(i / 20 for i in range(11))  # weights of meaning that are tried on the validation part
MODELS = ("storewise", "words", "bm25", "minilm", "plain_fusion")
Scores = np.ndarray[tuple[int], np.dtype[np.float32]]
Measure = Callable[[Sequence[str], dict[str, float]], float | None]


@dataclass(frozen=True)
class Bed:
    """What every model searches: documents, their vectors, and the peers' own words."""

    docs: Docs
    ranker: Ranker
    vectors: Vectors
    encoder: Encoder
    all_text: Bm25


@dataclass(frozen=True)
class Run:
    """One search: every model's scores of all documents, what ours are made of, and the milliseconds that they took."""

    scores: dict[str, Scores]
    lexical: Scores
    meant: Meant
    ms: float


class Bm25:
    """The plain peer: BM25 over texts as they are, words as they stand."""

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s

        self._size = len(texts)
        self._bm25: Any = bm25s.BM25()
        self._bm25.index([words(plain(text)) for text in texts], show_progress=False)

    def scores(self, query: str) -> Scores:
        ids = self._bm25.get_tokens_ids(words(plain(query)))
        found: Scores = self._bm25.get_scores_from_ids(ids) if ids else np.zeros(self._size, np.float32)
        return found


def measured(docs: Path | None, judgements: Path | None, kept: Sequence[Path]) -> Measured:
    """All models over the judged searches. `kept`: a folder that keeps the index between runs, else it is made anew."""
    if docs is None or judgements is None:
        raise UserError("bench search takes --docs FILE (id, title …) and --judgements FILE (query, docid, rating).")
    catalogue, ratings = read_docs(docs), read_judgements(judgements)
    with tempfile.TemporaryDirectory() as made:
        bed, seconds = _bed(catalogue, kept[0] if kept else Path(made) / "index")
        runs = {query: _run(bed, query) for query in ratings}
    figures = [figure("search", [run.ms for run in runs.values()], GOAL_MS)]
    if seconds is not None:
        figures.append(Figure("index from cold", seconds, seconds, GOAL_SECONDS, "s"))
    ranked = {model: {q: _ranked(bed, q, runs[q].scores[model]) for q in ratings} for model in MODELS}
    found = {model: {q: [d for d, _ in ranked[model][q]] for q in ratings} for model in MODELS}
    grid = Grid(
        "search", ("class", "searches", "model", "nDCG@10", "judged only", "recall@100"), _rows(bed, found, ratings)
    )
    notes = (*_goals(bed, found, ratings), *_weights(bed, runs, ratings))
    rows = [
        (query, model, place, doc, score)
        for model in MODELS for query in ratings for place, (doc, score) in enumerate(ranked[model][query], 1)
    ]  # fmt: skip
    return Measured("search", figures, notes, (grid,), ("query", "model", "rank", "docid", "score"), rows)


def _bed(docs: Docs, folder: Path) -> tuple[Bed, float | None]:
    """The index, and the seconds that making it took, None where it was there."""
    encoder = encoder_at(default_folder())
    began = time.perf_counter()
    ranker = Ranker(docs.documents)
    done = index.sync(folder, docs.documents, encoder)
    kept = index.read(folder)
    seconds = time.perf_counter() - began
    if kept is None:
        raise UserError(f"There are no documents to search in {docs.source}.")
    vectors, _ = kept.of(docs.documents)
    bed = Bed(docs, ranker, vectors, encoder, Bm25(docs.all_text))
    return bed, None if done.kept else round(seconds, 1)


def _run(bed: Bed, query: str) -> Run:
    began = time.perf_counter()
    text = read_wish(query).text or query
    near = Meant(bed.vectors, bed.encoder.encode([text])[0])
    terms = bed.ranker.lexical.terms(text)
    ours = _with_codes(bed, text, bed.ranker.fused(terms, near))
    best(ours, np.ones(len(ours), bool), DEPTH)
    ms = (time.perf_counter() - began) * 1000
    everything, lexical = bed.all_text.scores(query), bed.ranker.fused(terms, None)
    plain_near = Meant(bed.vectors, bed.encoder.encode([query])[0]).cosines
    scores = {
        "storewise": ours,
        "words": _with_codes(bed, text, lexical),
        "bm25": everything,
        "minilm": plain_near - plain_near.min() + 1e-6,
        "plain_fusion": _reciprocal(everything) + _reciprocal(plain_near),
    }
    return Run(scores, lexical, near, ms)


def _with_codes(bed: Bed, text: str, scores: Scores) -> Scores:
    out = scores.copy()
    for place, hit in enumerate(bed.ranker.named(text)):
        out[hit.row] = 4 - place / 1000
    return out


def _reciprocal(scores: Scores) -> Scores:
    places = np.empty(len(scores), np.float32)
    places[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return np.where(scores > 0, 1 / (CONSTANT + places), 0).astype(np.float32)


def _ranked(bed: Bed, query: str, scores: Scores) -> list[tuple[str, float]]:
    rows = best(scores, np.ones(len(scores), bool), DEPTH)
    return [(bed.docs.documents[row].product_id, round(float(scores[row]), 6)) for row in rows]


def class_of(query: str, brands: frozenset[str]) -> str:
    """ "code": a word of letters and digits, or digits of a barcode; "attribute": a number, size, colour or brand in
    it; else "vague"."""
    pieces = words(plain(query))
    if any(len(p) >= 5 and any(c.isdigit() for c in p) and (p.isdigit() or not p.isalpha()) for p in pieces):
        return "code"
    attribute = any(p.isdigit() or any(c.isdigit() for c in p) or p in COLOURS or p in brands for p in pieces)
    return "attribute" if attribute or SIZE.search(query) else "vague"


def _classes(bed: Bed, ratings: Ratings) -> dict[str, list[str]]:
    brands = frozenset(plain(d.brand) for d in bed.docs.documents if d.brand)
    judged = [q for q in ratings if ndcg([], ratings[q]) is not None]
    found: dict[str, list[str]] = {"all": judged}
    for query in judged:
        found.setdefault(class_of(query, brands), []).append(query)
    return found


def _rows(bed: Bed, found: dict[str, dict[str, list[str]]], ratings: Ratings) -> list[tuple[str, ...]]:
    out = []
    for name, queries in _classes(bed, ratings).items():
        for model in MODELS:
            values = (f"{_mean(m, found[model], ratings, queries):.4f}" for m in (ndcg, judged_only, recall))
            out.append((name, str(len(queries)), model, *values))
    return out


def _mean(
    measure: Measure,
    ranked: dict[str, list[str]], ratings: Ratings, queries: Sequence[str],
) -> float:  # fmt: skip
    values = [v for q in queries if (v := measure(ranked[q], ratings[q])) is not None]
    return mean(values) if values else 0.0


def _goals(bed: Bed, found: dict[str, dict[str, list[str]]], ratings: Ratings) -> Iterator[str]:
    classes = _classes(bed, ratings)
    ours, plain_fusion = (_mean(ndcg, found[m], ratings, classes["all"]) for m in ("storewise", "plain_fusion"))
    points = (ours - plain_fusion) * 100
    yield f"Against plain fusion: {points:+.1f} points of nDCG@10 (goal: {GOAL_POINTS:+g})."
    yield f"Recall@100: {_mean(recall, found['storewise'], ratings, classes['all']):.3f} (goal: {GOAL_RECALL})."
    for name, queries in classes.items():
        if len(queries) >= LEAST:
            of = {m: _mean(ndcg, found[m], ratings, queries) for m in ("storewise", "words", "bm25")}
            held = "not below" if of["storewise"] >= max(of["words"], of["bm25"]) else "BELOW"
            yield f"Class {name}: {held} the best BM25 ({of['storewise']:.4f}; {max(of['words'], of['bm25']):.4f})."
    judged = sum(len(r) for r in ratings.values())
    yield f"{len(ratings)} searches, {judged} judgements; {len(classes['all'])} searches have a good document."


def is_validation(query: str) -> bool:
    """The half of the searches that weights are chosen on, the same for whoever looks."""
    return hashlib.sha256(query.encode()).digest()[0] % 2 == 0


def _weights(bed: Bed, runs: dict[str, Run], ratings: Ratings) -> Iterator[str]:
    """How the weights of meaning were chosen: the best on the validation half, and what the rest comes to with them."""
    parts: dict[bool, list[str]] = {True: [], False: []}
    for query in _classes(bed, ratings)["all"]:
        parts[is_validation(query)].append(query)
    everything = np.ones(len(bed.docs.documents), bool)

    def at(weights: tuple[float, float], measure: Measure, half: bool) -> float:
        fused = {q: rank.further(runs[q].lexical, runs[q].meant, everything, weights) for q in parts[half]}
        ranked = {q: [doc for doc, _ in _ranked(bed, q, found)] for q, found in fused.items()}
        return _mean(measure, ranked, ratings, parts[half])

    first = max(STEPS, key=lambda w: (at((w, w), ndcg, True), -abs(w - rank.MEANING)))
    rest = max(STEPS, key=lambda w: (at((first, w), recall, True), -abs(w - rank.FURTHER)))
    for name, weights, measure, used in (
        ("the first places", (first, first), ndcg, rank.MEANING),
        ("the rest", (first, rest), recall, rank.FURTHER),
    ):
        yield (
            f"Weight of meaning, {name}: {weights[-1]:g} is best on the validation half "
            f"({at(weights, measure, True):.4f}, {len(parts[True])} searches), and gives "
            f"{at(weights, measure, False):.4f} on the other; in use: {used:g}."
        )
