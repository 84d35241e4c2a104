"""What a shop's next weeks look like: by the trained models where there are any of this very data, else simply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.countries import world
from store.errors import UserError
from store.kept import Kept
from tools.contract import ToolError
from tools.forecast.book import HORIZON, LEAST, LONG_ENOUGH, TESTED, TESTED_LEAST, Book
from tools.forecast.levels import Shop, shop_of
from tools.forecast.opening import Opening, opening_of
from tools.forecast.sold import Sold, sold_until
from tools.forecast.weekly import series_of

if TYPE_CHECKING:
    from store.connect import Store
    from tools.forecast.kept import Card

WHAT = "forecast"
SIMPLE = "simple"
LEAST_WEEKS = 4
FARTHEST = 52  # weeks
UNTRAINED = "A simple forecast: the shop's own model isn't trained yet."
OLD = "A simple forecast: the shop's model is of other data and is to be trained anew."
TOO_SHORT = "A simple forecast: there is too little history to train a model."
TOO_FAR = "A simple forecast: the shop's model doesn't look so far ahead."
EARLIER = "A simple forecast: the shop's model knows what came after that day."
UNUSABLE = "A simple forecast: the shop's model can't be read; train it again."


@dataclass(frozen=True)
class Outlook:
    """`card` is the trained model's, None where the forecast is a simple one, which `note` says."""

    sold: Sold
    opening: Opening
    shop: Shop
    card: Card | None
    note: str


_outlooks: Kept[Outlook] = Kept(16)


def folder_of(store: Store) -> Path:
    return store.path / "models" / WHAT


def outlook(store: Store, last: date, metric: str, weeks: int, model: str | None = None) -> Outlook:
    """Of the weeks after `last`. `model` is a version, or SIMPLE; by itself it is the one there is.

    ToolError: too little history, too far ahead, or that version is no longer kept.
    """
    sold = sold_until(store, last)
    _refuse(sold, weeks)
    book, card, note = _kept(store, last, weeks, sold) if model != SIMPLE else (None, None, UNTRAINED)
    if model not in (None, SIMPLE) and (card is None or card.version != model):
        raise ToolError("The model that made that forecast is no longer kept: ask again.")
    far = HORIZON if card else max(weeks, HORIZON if sold.weeks >= LEAST else weeks)
    mark = card.version if card else ""
    key = (last, metric, far, mark, note)
    return _outlooks.of(store, lambda: _made(sold, metric, far, book, card, note), *key)


def home_country(sold: Sold) -> str | None:
    """The ISO code of the country that orders most."""
    code = world().territory(sold.countries[0], strict=False) if sold.countries else None
    return code if code and len(code) == 2 else None


def _refuse(sold: Sold, weeks: int) -> None:
    if sold.weeks < LEAST_WEEKS:
        raise ToolError(
            f"There is too little history to forecast from. There are {sold.weeks} whole weeks of sales up to "
            f"{sold.last}; {LEAST_WEEKS} are needed for a simple forecast, and {LEAST} to train one."
        )
    if weeks > farthest(sold):
        raise ToolError(
            f"That is too far ahead to be forecast with sense. It is {weeks} weeks; from {sold.weeks} weeks of sales "
            f"no more than {farthest(sold)} can be forecast."
        )


def farthest(sold: Sold) -> int:
    """How many weeks ahead can be forecast with sense."""
    return max(LEAST_WEEKS, min(FARTHEST, sold.weeks // 2))


def _made(sold: Sold, metric: str, weeks: int, book: Book | None, card: Card | None, note: str) -> Outlook:
    opening = opening_of(sold, weeks, home_country(sold))
    origins = book.origins if book else _origins(sold.weeks, weeks)
    shop = shop_of(sold, opening, metric, weeks, origins, book, series_of(sold) if book else None)
    return Outlook(sold, opening, shop, card, note)


def _origins(weeks: int, ahead: int) -> tuple[int, ...]:
    """Past weeks from which a simple forecast is tried, and the end."""
    back = (TESTED if weeks >= LONG_ENOUGH else TESTED_LEAST) + max(0, ahead - HORIZON)
    return tuple(range(max(min(LEAST_WEEKS, weeks), weeks - back), weeks + 1))


def _kept(store: Store, last: date, weeks: int, sold: Sold) -> tuple[Book | None, Card | None, str]:
    folder = folder_of(store)
    if not (folder / "manifest.json").is_file():
        return None, None, TOO_SHORT if sold.weeks < LEAST else UNTRAINED
    try:
        book, card = _read(store, folder)
    except UserError:
        return None, None, UNUSABLE
    if last < card.last and card.data_version == store.data_version:
        return None, None, EARLIER
    if card.data_version != store.data_version or card.last != last:
        return None, None, OLD
    return (book, card, "") if weeks <= HORIZON else (None, None, TOO_FAR)


_read_books: Kept[tuple[Book, Card]] = Kept(8)


def _read(store: Store, folder: Path) -> tuple[Book, Card]:
    from tools.forecast.kept import load

    mark = (folder / "manifest.json").stat().st_mtime_ns
    return _read_books.of(store, lambda: load(folder), mark)
