"""The shop's own names, matched as metrics.md says: exactly, never by likeness. Likeness only suggests."""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from itertools import islice

import duckdb

from retrieval.contained import contained_runs
from retrieval.countries import ShopCountries, country_key, world
from retrieval.country_spans import CountryScanner
from retrieval.country_words import CODE_WORDS
from retrieval.fuzzy import Likeness
from retrieval.match import FIELDS, NOT_COUNTRIES, Found, Match, Suggestion
from retrieval.spans import Span, TitleScanner, ValueScanner, codes, quoted, said_before, tokens_of
from retrieval.titles import Product, Titles, asked_for
from retrieval.values import Ids, Values
from retrieval.words import plain, squeeze

__all__ = ["FIELDS", "NOT_COUNTRIES", "Found", "Match", "Names", "Suggestion", "load_names"]

VALUE_SOURCES = {
    "category": (("products", "category"),),
    "brand": (("products", "brand"),),
    "region": (("orders", "region"), ("customers", "region")),
    "city": (("orders", "city"), ("customers", "city")),
    "channel": (("orders", "channel"),),
    "segment": (("customers", "segment"),),
    "payment_method": (("orders", "payment_method"),),
}
SAID_SMALL = frozenset({"uk", "usa", "uae"})
# Questions have a few quotes; a pasted text with hundreds must not cost seconds.
MOST_QUOTES = 100
COUNTRY_SOURCES = (("orders", "country"), ("customers", "country"))


class Names:
    """The vocabulary of one store at one data version."""

    def __init__(
        self,
        products: Sequence[Product],
        customers: Sequence[str],
        orders: Sequence[str],
        countries: Sequence[str],
        values: dict[str, Sequence[str]],
        city_states: Collection[str] = (),
    ):
        """`city_states` are regions that are one city of the same name, in every row."""
        self.titles = Titles(products)
        self.ids = {"customer": Ids(customers), "order": Ids(orders)}
        self.countries = ShopCountries(countries)
        self.city_states = frozenset(city_states)
        self.fields = {field: Values(values.get(field, ())) for field in VALUE_SOURCES}

    def values(self, field: str) -> Sequence[str]:
        """All values of a field as stored: distinct titles, ids, countries…"""
        if field == "product":
            return self._titles
        if field == "country":
            return self.countries.values
        if field in self.ids:
            return self.ids[field].values
        return self.fields[field].values

    @cached_property
    def _title_scanner(self) -> TitleScanner:
        return TitleScanner(self.titles)

    @cached_property
    def _value_scanner(self) -> ValueScanner:
        return ValueScanner({field: values.by_key for field, values in self.fields.items()})

    @cached_property
    def _country_scanner(self) -> CountryScanner:
        return CountryScanner(self.countries, self.titles)

    @cached_property
    def _titles(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(product.title for product in self.titles.products))

    def match(self, text: str, field: str) -> Match | None:
        """What the whole text names in this field, or None. Raises KeyError for a field not in FIELDS."""
        asked = asked_for(text)
        if field == "product":
            bare = squeeze(text)
            return self._product(bare if self.titles.whole(bare) else asked)
        if field == "country":
            return self._country(asked, strict=False)
        if field in self.ids:
            return _match(field, "name", asked, self.ids[field].match(asked))
        return _match(field, "name", asked, self.fields[field].match(asked))

    def match_any(self, text: str) -> list[Match]:
        """What the whole text names in any field; country codes count in capitals only ('in' is not India)."""
        asked = asked_for(text)
        found = [
            self._country(asked, strict=True) if field == "country" else self.match(asked, field) for field in FIELDS
        ]
        return [match for match in found if match is not None]

    def suggest(self, text: str, field: str | None = None, k: int = 5) -> list[Suggestion]:
        """The k names most like the text, best first. Without a field: all but ids, which are like any number."""
        asked = asked_for(text)
        fields = [field] if field else [each for each in FIELDS if each not in self.ids]
        found = [suggestion for each in fields for suggestion in self._likeness(each).best(asked, k)]
        if "country" in fields:
            found += self._whole_of(asked)
        return sorted(found, key=lambda suggestion: -suggestion.score)[:k]

    def find(self, text: str) -> list[Found]:
        """The names in a running text, left to right, the longest where they overlap.

        Whole titles, codes, ids, countries in any language, other values, and what stands in quotes. Numbers and
        everyday words that are also names are among them: only the caller knows whether they were meant so.
        """
        spans: dict[Span, list[Match]] = {}
        for span, match in self._named(text):
            if match not in (matches := spans.setdefault(span, [])):
                matches.append(match)
        starts = sorted(spans)
        inside: dict[Span, Span] = {}
        for outer, inner in islice(quoted(text), MOST_QUOTES):
            matches = self.match_any(text[slice(*inner)])
            nested = islice(starts, bisect_left(starts, outer), bisect_left(starts, (outer[1], 0)))
            if matches or not any(end <= outer[1] for _, end in nested):
                inside[outer] = inner
                spans.setdefault(outer, []).extend(matches)
        return [
            Found(*span, tuple(spans[span]), text[slice(*inside.get(span, span))], span in inside)
            for span in _longest(spans)
        ]

    def find_contained(self, text: str, taken: Sequence[Span], stopwords: Collection[str]) -> list[Found]:
        """The longest runs of words, left to right, that some title contains, outside the spans already taken.

        Stopwords (lower case) neither begin nor end a run. Each Found has one match, on products.
        """
        matches: dict[str, Match | None] = {}
        found = []
        for start, end in contained_runs(text, taken, stopwords, self.titles):
            said = text[start:end]
            if said not in matches:
                matches[said] = self.match(said, "product")
            if (match := matches[said]) is not None:
                found.append(Found(start, end, (match,), said))
        return found

    def find_foreign(self, text: str) -> list[tuple[int, int, str]]:
        """Countries named in the text that the shop never had: (start, end, English name).

        Parts and groups of countries (England, South America) too, as they are written.
        """
        own = self.countries.of_territory
        found = []
        for place in self._country_scanner.scan(text, tokens_of(text)):
            if place.elsewhere:
                found.append((place.start, place.end, text[place.start : place.end]))
            elif place.territory is not None and place.territory not in own:
                found.append((place.start, place.end, world().english(place.territory)))
        return found

    def known_country(self, text: str) -> str | None:
        """The English name of the country of the world that the text names in any of the languages, or None.

        A code counts in capitals only: "hm" is a sound, and "VAT" a tax.
        """
        if (len(text) <= 3 and text.islower() and text not in SAID_SMALL) or text.lower() in CODE_WORDS:
            return None
        territory = world().territory(asked_for(text), strict=False)
        return None if territory is None else world().english(territory)

    def _named(self, text: str) -> Iterator[tuple[Span, Match]]:
        """Every span of the text that is a name outside quotes, also those inside longer ones."""
        tokens = tokens_of(text)
        for span in self._title_scanner.scan(text):
            yield from _at(span, self._product(squeeze(text[slice(*span)])))
        shouted = text.isupper()
        for span, piece in codes(text):
            for field in ("product", "customer", "order"):
                if _has_digit(piece) or said_before(tokens, span[0], field) or (field == "product" and not shouted):
                    yield from _at(span, self._exact(piece, field))
        for place in self._country_scanner.scan(text, tokens):
            yield from _at((place.start, place.end), self._country(text[place.start : place.end], strict=True))
        for span, field, values in self._value_scanner.scan(text, tokens):
            yield from _at(span, Match(field, "name", text[slice(*span)], values, values))

    def _exact(self, piece: str, field: str) -> Match | None:
        """The id; one without digits only where it is written exactly as stored, in capitals."""
        if field != "product":
            return _match(field, "name", piece, self.ids[field].match(piece))
        rows = self.titles.by_code(piece)
        if rows and (_has_digit(piece) or (piece.isupper() and self.titles.products[rows[0]].product_id == piece)):
            return self._code(piece, rows)
        return None

    def _likeness(self, field: str) -> Likeness:
        if field not in self._likenesses:
            self._likenesses[field] = Likeness(field, self._said_for(field))
        return self._likenesses[field]

    @cached_property
    def _likenesses(self) -> dict[str, Likeness]:
        return {}

    def _said_for(self, field: str) -> list[tuple[str, str]]:
        """(name, value) pairs of a field: countries have many names each."""
        said = [(value, value) for value in self.values(field)]
        if field == "country":
            for territory, values in self.countries.of_territory.items():
                said += [(name, value) for name in world().names_of.get(territory, ()) for value in values]
        return said

    def _whole_of(self, asked: str) -> list[Suggestion]:
        """For a part of a country, the country: for England the United Kingdom."""
        territory = world().parts.get(country_key(asked))
        return [Suggestion("country", value, 0.9) for value in self.countries.of_territory.get(territory or "", ())]

    def _country(self, asked: str, strict: bool) -> Match | None:
        values = self.countries.match(asked, strict)
        named = any(plain(value) == plain(asked) for value in values)
        return _match("country", "name" if named else "translated", asked, values)

    def _product(self, asked: str) -> Match | None:
        if rows := self.titles.by_code(asked):
            return self._code(asked, rows)
        if rows := self.titles.whole(asked):
            stored = tuple(dict.fromkeys(self.titles.products[row].title for row in rows))
            return Match("product", "title", asked, stored, self._ids(rows), title=stored[0])
        if (found := self.titles.contained(asked)) is None:
            return None
        title = self._common_title(found.rows)
        return Match("product", "contains", asked, found.forms, self._ids(found.rows), found.squeeze, title)

    def _code(self, asked: str, rows: Sequence[int]) -> Match:
        ids = self._ids(rows)
        return Match("product", "code", asked, ids, ids, title=self._common_title(rows))

    def _ids(self, rows: Sequence[int]) -> tuple[str, ...]:
        return tuple(self.titles.products[row].product_id for row in rows)

    def _common_title(self, rows: Sequence[int]) -> str | None:
        titles = {self.titles.plain[row] for row in rows}
        return self.titles.products[rows[0]].title if len(titles) == 1 else None


def _match(field: str, how: str, asked: str, values: tuple[str, ...]) -> Match | None:
    return Match(field, how, asked, values, values) if values else None


def _at(span: Span, match: Match | None) -> Iterator[tuple[Span, Match]]:
    if match is not None:
        yield span, match


def _has_digit(piece: str) -> bool:
    return any(char.isdigit() for char in piece)


def _longest(spans: Collection[Span]) -> list[Span]:
    """Those that overlap no longer one (or one as long, further left), left to right."""
    kept: list[Span] = []
    for start, end in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        at = bisect_left(kept, (start, end))
        if (at == 0 or kept[at - 1][1] <= start) and (at == len(kept) or end <= kept[at][0]):
            kept.insert(at, (start, end))
    return kept


def load_names(con: duckdb.DuckDBPyConnection) -> Names:
    """The names in the tables products, customers and orders of an open store."""
    rows = con.execute("SELECT product_id, title, barcode FROM products ORDER BY product_id").fetchall()
    return Names(
        products=[Product(*row) for row in rows],
        customers=_column(con, (("customers", "customer_id"),)),
        orders=_column(con, (("orders", "order_id"),)),
        countries=_column(con, COUNTRY_SOURCES),
        values={field: _column(con, sources) for field, sources in VALUE_SOURCES.items()},
        city_states=_city_states(con),
    )


def _column(con: duckdb.DuckDBPyConnection, sources: Sequence[tuple[str, str]]) -> list[str]:
    parts = " UNION ".join(
        f"SELECT {column} AS value FROM {table} WHERE trim({column}) <> ''" for table, column in sources
    )
    return [value for (value,) in con.execute(f"SELECT DISTINCT value FROM ({parts}) ORDER BY value").fetchall()]


def _city_states(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Regions such as Berlin: all that lies in one lies in the city of its name, and the other way round."""
    tables = ("orders", "customers")
    rows = " UNION ALL ".join(f"SELECT lower(region) AS region, lower(city) AS city FROM {t}" for t in tables)
    sql = f"""
        WITH places AS ({rows}), same AS (SELECT DISTINCT region AS name FROM places WHERE region = city)
        SELECT name FROM same JOIN places ON name IN (region, city)
        GROUP BY name HAVING bool_and(region IS NOT DISTINCT FROM city)
    """
    return [name for (name,) in con.execute(sql).fetchall()]
