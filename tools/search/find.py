"""The hits of one search: the products named, those like one, those that words and meaning find, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.chinese import in_english
from retrieval.lexical import LITTLE, SMALL, Term, spoken
from retrieval.rank import Meant, best
from retrieval.wish_words import STYLES
from retrieval.wishes import Wish, forms_of_colour
from retrieval.words import HAN_KANA, plain, words
from tools.contract import Ambiguous, NotThere
from tools.search.catalogue import Catalogue
from tools.search.filters import OTHER_PRICE, Allowed, Conditions, allowed, conditions_of
from tools.search.upkeep import Meanings

if TYPE_CHECKING:
    from retrieval.bm25 import Scores

ALIKE = 0.3  # cosine from which a product fits that shares no word with what is looked for
FITS = 0.5  # of what the best says of a text without its colour, size and style
KIND = 9.0  # added to what fits so: a retro lamp is a lamp before it is retro
NEARBY = 4  # times as many products as are shown, of which those nearest in price are
MOST_OPTIONS, MOST_WORDS_SAID = 5, 6
FIELDS = ("title", "category", "brand", "attributes", "description", "reviews")
SAID = {
    "code": ("code {what}", "编码 {what}"),
    "title": ("title: {what}", "标题：{what}"),
    "category": ("category: {what}", "品类：{what}"),
    "brand": ("brand: {what}", "品牌：{what}"),
    "attributes": ("attributes: {what}", "属性：{what}"),
    "description": ("description: {what}", "描述：{what}"),
    "reviews": ("reviews: {what}", "评价：{what}"),
    "read": ("“{asked}” read as {what}", "“{asked}”按 {what} 理解"),
    "like": ("like {what}", "与 {what} 相似"),
    "meaning": ("close in meaning", "含义相近"),
    "conditions": ("meets the conditions", "符合条件"),
    "no condition": (
        "Products fit “{what}”, but none of them meets the conditions.", "有商品符合“{what}”，但都不满足所给条件。"
    ),
    "none": ("No product of this shop meets the conditions.", "没有商品满足所给条件。"),
    "nothing": ("No product of this shop fits “{what}”.", "没有商品符合“{what}”。"),
    "another language": (
        "No product's text says “{what}”, or it is written in another language: say it in that one.",
        "没有商品的文字提到“{what}”；商品文字可能是另一种语言，请用该语言再问一次。",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """Rows of the catalogue, the likeliest first, each with why; how it was read, and what could not be kept to."""

    hits: list[tuple[int, str]]
    conditions: Conditions
    notes: tuple[str, ...]
    reading: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Search:
    """What is looked for: words, and a vector where there are any; `around` are rows that it is to be like."""

    terms: Sequence[Term]
    meant: Meant | None
    around: tuple[int, ...] = ()


def find(wish: Wish, catalogue: Catalogue, meanings: Meanings, filters: Mapping[str, Any], k: int, asked: str) -> Found:
    """The k products that fit best. NotThere: none does. Ambiguous: several may be the product named."""
    conditions, wish = conditions_of(wish, filters), _as_the_shop_says(wish, catalogue)
    lang = "zh" if HAN_KANA.search(asked) else "en"
    around = _around(wish, catalogue, asked)
    if wish.than:
        conditions = _than(wish, conditions, catalogue, around)
    search = _search(wish, catalogue, meanings, around)
    scores = catalogue.ranker.fused(search.terms, search.meant)
    exact = [] if around else [hit.row for hit in catalogue.ranker.named(wish.text)]
    fitting = _fitting(search.terms, conditions, catalogue)
    may = allowed(conditions, catalogue, fitting & (scores > 0))
    scores = catalogue.ranker.fused(search.terms, search.meant, may.rows)
    if conditions.colours or conditions.sizes or any(term.asked in STYLES for term in search.terms):
        scores = np.where(fitting & (scores > 0), scores + KIND, scores)
    rows = [r for r in exact if may.rows[r]] + [r for r in _ranked(search, scores, may, k, wish) if r not in exact]
    if not rows and not exact and not wish.than and not filters and catalogue.has_prices:
        rows = _nearest_in_price(search, conditions, catalogue, k, wish)
        may = replace(may, notes=(*may.notes, OTHER_PRICE))
    if not rows:
        raise NotThere(_nothing(wish, exact, may, scores, lang))
    hits = [(row, _why(row, search, catalogue, row in exact, lang)) for row in rows[:k]]
    reading = {"text": wish.text, "like": "" if wish.than else wish.like, "conditions": list(wish.conditions)}
    return Found(hits, conditions, (*may.notes, *filter(None, [meanings.note])), reading)


def _as_the_shop_says(wish: Wish, catalogue: Catalogue) -> Wish:
    """Chinese words in English, where no product says them; the name of one product stays as it is."""
    said = catalogue.ranker.lexical.says
    return replace(wish, text=in_english(wish.text, said), like=wish.like if wish.than else in_english(wish.like, said))


def _around(wish: Wish, catalogue: Catalogue, asked: str) -> tuple[int, ...]:
    """The product that a search is to be like or cheaper than: by code, by whole title, or the only one it fits."""
    if not wish.like:
        return ()
    ranker, titles = catalogue.ranker, [plain(d.title) for d in catalogue.documents]
    if rows := ranker.with_code(wish.like) or [hit.row for hit in ranker.named(wish.like)]:
        return tuple(rows)
    name = plain(wish.like)
    whole = wish.than or len(words(name)) > 1  # "something like a mug" is any mug, even where one is called Mug
    if rows := [r for r, title in enumerate(titles) if title == name and whole]:
        return tuple(rows)
    rows = [r for r, title in enumerate(titles) if name in title]
    if whole and len({titles[r] for r in rows}) == 1:
        return tuple(rows)
    if wish.than and rows:
        options = list(dict.fromkeys(catalogue.documents[r].title for r in rows))[:MOST_OPTIONS]
        raise Ambiguous(f"Several products fit “{wish.like}”. Which one do you mean?",
                        [asked.replace(wish.like, title) for title in options])  # fmt: skip
    if wish.than:
        near = catalogue.ranker.fused(ranker.lexical.terms(wish.like), None)
        rows = best(near, np.ones(len(near), bool), 3)
        raise NotThere(f"This shop has no product '{wish.like}'.", [catalogue.documents[r].title for r in rows])
    return ()


def _than(wish: Wish, conditions: Conditions, catalogue: Catalogue, around: tuple[int, ...]) -> Conditions:
    prices = [catalogue.price[r] for r in around if np.isfinite(catalogue.price[r])]
    if not prices:
        raise NotThere(f"This shop's data has no price for '{wish.like}'.")
    if wish.than == "cheaper":
        return replace(conditions, below=float(min(prices)), closed=False)
    return replace(conditions, above=float(max(prices)), closed=False)


def _search(wish: Wish, catalogue: Catalogue, meanings: Meanings, around: tuple[int, ...]) -> _Search:
    """By the product's own words and vector where the search is to be like one, else by those of the text."""
    said = " ".join([wish.text, *([catalogue.documents[around[0]].title] if around else [wish.like])]).strip()
    terms = catalogue.ranker.lexical.terms(said)
    if meanings.vectors is None or not said:
        return _Search(terms, None, around)
    described = [text for text in (wish.text, "" if around else wish.like) if text]
    vector = meanings.encode(described).sum(0) if described else np.zeros(meanings.vectors.shape[1], np.float32)
    for row in around:
        vector = vector + meanings.vectors[row]
    length = float(np.linalg.norm(vector))
    return _Search(terms, Meant(meanings.vectors, vector / length) if length else None, around)


def _fitting(terms: Sequence[Term], conditions: Conditions, catalogue: Catalogue) -> Any:
    """(N,) of bool: what fits but for its colour, size and style. A purple bracelet is no purple hot water bottle."""
    lexical = catalogue.ranker.lexical
    terms = [term for term in terms if term.asked not in STYLES]
    if any(not term.word and term.asked not in SMALL for term in terms):  # 'desk' of a shop without lamps says little
        return np.ones(lexical.size, bool)
    said = (*(form for colour in conditions.colours for form in forms_of_colour(colour)), *conditions.sizes)
    aside = {lexical.stem_of(word) for form in said for word in spoken(form)}
    found = lexical.scores(term for term in terms if term.word and term.word not in aside)
    return found >= FITS * found.max(initial=0)


def _ranked(search: _Search, scores: Scores, may: Allowed, k: int, wish: Wish) -> list[int]:
    """What ranking finds; where only conditions were asked, all that meets them is equally good."""
    rows = may.rows.copy()
    rows[list(search.around)] = False
    if not any(term.word for term in search.terms) and search.meant is None:
        return best(rows.astype(np.float32), rows, k) if not (wish.text or wish.like) else []
    return best(scores, rows, k)


def _nearest_in_price(search: _Search, conditions: Conditions, catalogue: Catalogue, k: int, wish: Wish) -> list[int]:
    """Of what fits but for its price, what is nearest to it; nothing where no price was asked for."""
    bounds = [b for b in (conditions.below, conditions.above) if b is not None]
    if not bounds:
        return []
    free = replace(conditions, below=None, above=None)
    may = allowed(free, catalogue, _fitting(search.terms, free, catalogue))
    rows = _ranked(search, catalogue.ranker.fused(search.terms, search.meant, may.rows), may, NEARBY * k, wish)
    priced = [row for row in rows if np.isfinite(catalogue.price[row])]
    return sorted(priced, key=lambda row: min(abs(catalogue.price[row] - b) for b in bounds))[:k]


def _nothing(wish: Wish, exact: Sequence[int], may: Allowed, scores: Scores, lang: str) -> str:
    named = wish.text or wish.like
    if exact or (scores > 0).any():
        return _said("no condition", lang, what=named)
    if not named:
        return _said("none", lang)
    return _said("another language" if HAN_KANA.search(named) else "nothing", lang, what=named)


def _why(row: int, search: _Search, catalogue: Catalogue, exact: bool, lang: str) -> str:
    return "; ".join(_reasons(row, search, catalogue, exact, lang)) or _said("conditions", lang)


def _reasons(row: int, search: _Search, catalogue: Catalogue, exact: bool, lang: str) -> Iterator[str]:
    document = catalogue.documents[row]
    if exact:
        yield _said("code", lang, what=document.product_id)
        return
    if search.around:
        yield _said("like", lang, what=catalogue.documents[search.around[0]].title)
        return
    known = [term for term in search.terms if term.word]
    left = {term.word: term for term in known if term.weight > LITTLE} or {term.word: term for term in known}
    for name in FIELDS:
        here = [w for w in left if _says(getattr(document, name), w, catalogue)]
        if here:
            yield _said(name, lang, what=", ".join(here[:MOST_WORDS_SAID]))
        for word in here:
            term = left.pop(word)
            if LITTLE < term.weight < 1:
                yield _said("read", lang, asked=term.asked, what=term.word)
    if search.meant is not None and search.meant.cosines[row] >= ALIKE:
        yield _said("meaning", lang)


def _says(text: str, word: str, catalogue: Catalogue) -> bool:
    said = {catalogue.ranker.lexical.stem_of(each) for each in spoken(text)}
    return said.issuperset(word.split(" "))


def _said(key: str, lang: str, **parts: str) -> str:
    return SAID[key][lang == "zh"].format(**parts)
