"""A question as tokens with tags: periods, the shop's own names, and the planner's words, typos mended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

from agent.planner import words
from agent.planner.apart import bounded, explained, joined, of_the_year, same_of
from agent.planner.noted import noted
from retrieval.names import Found, Names
from retrieval.wordforms import forms
from tools.metrics.dates import add_units
from tools.metrics.periods import Period, Span, find_periods, parse_period

TOKEN = re.compile(
    r"[A-Za-z\u00c0-\u024f]+(?:['’][A-Za-z]+)?|\d+(?:[.,]\d+)*|[\u3400-\u9fff]|>=|<=|[^\s\w]|\w", re.UNICODE
)
SLANG = re.compile(rf"\b(?:{'|'.join(map(re.escape, words.SLANG))})\b", re.I)
SLASH = re.compile(r"(?<=[a-z])\s*/\s*(?=(?:order|customer|client|basket|day|week|month)\b)", re.I)
TELL_ME = re.compile(r"^\s*(?:[请那你再麻烦可以否能不吗顺便帮忙快,，]){0,8}告[诉訴]我(?:一下|下)?[:：,，]?\s*(?=\S)")
LONG_DRAWN = re.compile(r"([a-hj-vyz])\1{2,}", re.I)  # 'sooo', 'pleeease'; no 'XXL', 'III' or 'www'
STRETCH = re.compile(r"(?<=\bsame )(?:stretch|span|spell|window|time ?frame|time ?span)\b", re.I)
TRADITIONAL = str.maketrans(
    "銷額營業單訂數戶顧產國週個幾張過後與對較長於萬億雙貨賣買錢總計間時點種類價費運換轉復購員從開關現實際內佔減給還這們請問麼樣嗎誰頭愛爾蘭進額"
    "應該個別訪遊類壓庫歲會員線標題統報邊區號碼麼無論選擇條約舊繳納歐鎊東當們後話讀寫學習顏紅綠藍黃銀禮盒燈籃鞋帽圍錶鐘筆紙絲帶鏡鎖蠟盤壺鍋爐傘書館門長業務發產動龍鳥魚貓園圖場車廠廣"
    "沒編將內並許從樓層級組織導議論語詞詢聯絡繫電視機構積極僅優惠損獲虧漲飆遠近快慢熱鬧靜滿緊鬆齊亂難",
    "销额营业单订数户顾产国周个几张过后与对较长于万亿双货卖买钱总计间时点种类价费运换转复购员从开关现实际内占减给还这们请问么样吗谁头爱尔兰进额"
    "应该个别访游类压库岁会员线标题统报边区号码么无论选择条约旧缴纳欧镑东当们后话读写学习颜红绿蓝黄银礼盒灯篮鞋帽围表钟笔纸丝带镜锁蜡盘壶锅炉伞书馆门长业务发产动龙鸟鱼猫园图场车厂广"
    "没编将内并许从楼层级组织导议论语词询联络系电视机构积极仅优惠损获亏涨飙远近快慢热闹静满紧松齐乱难",
)
CJK = re.compile(r"[\u3400-\u9fff]")
ENGLISH_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()
)
NUMBER_WORDS = (
    {w: n for n, w in enumerate(ENGLISH_NUMBERS)}
    | {w: n for n, w in enumerate("零一二三四五六七八九十") if n > 1}
    | {
        "两": 2,
        "twenty": 20,
        "thirty": 30,
        "fifty": 50,
        "hundred": 100,
        "fifteen": 15,
        "dozen": 12,
        "couple": 2,
        "handful": 5,
    }
)
ASKED = frozenset("what's who's how's where's that's it's there's here's let's".split())
ENTITY_WORDS = frozenset(
    """
    customer client account acct order invoice product item article code sku no number nr id # 客户 订单 产品 号
    """.split()
)


@dataclass(frozen=True)
class Token:
    """`text` is lower-case and, where a typo was mended, the word that was meant."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Tag:
    """Tokens first … last (included) carry a meaning."""

    kind: str
    value: str
    first: int
    last: int


@dataclass
class Lexed:
    """A question read word by word. `taken` marks tokens that a period, a name or a tag accounts for; `noted` is what
    changes nothing."""

    text: str
    tokens: list[Token]
    tags: list[Tag] = field(default_factory=list)
    periods: list[Span] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)
    noted: list[tuple[int, int]] = field(default_factory=list)

    def of(self, *kinds: str) -> list[Tag]:
        return [t for t in self.tags if t.kind in kinds]

    def has(self, kind: str, *values: str) -> bool:
        return any(t.kind == kind and (not values or t.value in values) for t in self.tags)

    def at(self, offset: int) -> int:
        """Index of the first token that ends after a character offset."""
        return next((i for i, t in enumerate(self.tokens) if t.end > offset), len(self.tokens))

    def word(self, i: int) -> str:
        return self.tokens[i].text if 0 <= i < len(self.tokens) else ""

    def cover(self, start: int, end: int) -> None:
        self.taken.update(i for i, t in enumerate(self.tokens) if t.start < end and t.end > start)

    def spans(self) -> list[tuple[int, int]]:
        """Where periods and names stand."""
        return [(p.start, p.end) for p in self.periods] + [(f.start, f.end) for f in self.found]

    def is_noted(self, start: int, end: int) -> bool:
        """Whether a piece lies in what changes nothing."""
        return any(first <= start and end <= last for first, last in self.noted)

    @property
    def chinese(self) -> bool:
        return bool(CJK.search(self.text))


def split(text: str) -> list[Token]:
    found = ((m.group().lower().replace("’", "'"), m.start(), m.end()) for m in TOKEN.finditer(text))
    words_ = ((w.removesuffix("'s") if w not in ASKED else w, start, end) for w, start, end in found)
    return [Token(w.translate(TRADITIONAL), start, end) for w, start, end in words_]


def spelled_out(text: str) -> str:
    """'hw many ordrs' and 'sooo' as they are written, and without a 告诉我 before what is asked."""
    text = TELL_ME.sub("", text)
    text = SLANG.sub(lambda m: words.SLANG[m.group().lower()], text)
    return STRETCH.sub("period", SLASH.sub(" per ", LONG_DRAWN.sub(r"\1", text)))


def lex(text: str, names: Names, today: date, first_day: date) -> Lexed:
    text = spelled_out(text)
    out = Lexed(text, split(text))
    out.noted = list(noted(text))
    whole = [f for f in names.find(text) if _is_name(f, out) and not out.is_noted(f.start, f.end)]
    out.periods = [
        p for p in find_periods(text, today, first_day)
        if not any(_overlaps(p, f) for f in whole if _sure(f)) and not out.is_noted(p.start, p.end)
    ]  # fmt: skip
    falls = [m.span("none") for pattern in (A_FALL, A_RECORD, IN_A_NAME) for m in pattern.finditer(text)]
    out.periods = [s for s in out.periods if not any(start < s.end and s.start < end for start, end in falls)]
    out.periods = [_ending(out, s, today) for s in out.periods if not _that_one(s, out.periods)]
    out.periods = explained(out.periods, text)
    out.periods = joined(out.periods, text, today, first_day) or of_the_year(text, today, first_day)
    out.periods = bounded(out.periods, today, first_day)
    out.periods += _bare_years(out, today, first_day)
    out.found = [f for f in whole if not any(_overlaps(p, f) for p in out.periods)]
    for start, end in out.spans():
        out.cover(start, end)
    for span in out.periods:
        if (named := same_of(span, text)) is not None:
            out.cover(*named)
    for start, end in out.noted:
        out.cover(start, end)
    for found in out.found:  # 'the Garden Furniture range'
        after = out.at(found.end)
        if out.word(after) in A_RANGE and any(m.field in ("category", "brand") for m in found.matches):
            out.taken.add(after)
    _mend(out, names)
    _tag(out)
    return out


A_FALL = re.compile(  # no season
    r"\b(?:reasons? (?:for|of|behind)|causes? (?:for|of)|caused|behind|explains?|why) "
    r"(?P<none>(?:the|this|that) fall)\b",
    re.I,
)
A_RECORD = re.compile(  # no unfinished quarter
    r"\b(?:best|worst|top|biggest|smallest|strongest|weakest|highest|lowest|busiest|quietest|slowest|fattest) "
    r"(?P<none>(?:day|week|month|quarter|year) so far)\b",
    re.I,
)
IN_A_NAME = re.compile(  # 'with Easter in the title' is no feast
    r"\b(?:with|ha(?:s|ve|ving)|contain(?:s|ing)?|including|saying) (?:the words? )?"
    r"['\"“]?(?P<none>\w[\w' -]{1,30}?)['\"”]?"
    r" in (?:the|their|its) (?:product )?(?:name|title)s?\b",
    re.I,
)
A_RANGE = frozenset("range line lines department section aisle assortment family".split())
UNITS_OF_TIME = frozenset("day week month quarter year hour weekday weekend".split())
THAT_ONE = frozenset({"当月", "当天", "当日", "当周", "当季", "当年", "当季度"})
ENDING = re.compile(r"\b(week|month|quarter|year)\s+(?:ended|ending|to)\s+(?:on\s+)?(?:the\s+)?$", re.I)


def _ending(lexed: Lexed, span: Span, today: date) -> Span:
    """'the quarter ended 30 June': the unit whose last day the date is."""
    said = ENDING.search(lexed.text[: span.start])
    if said is None or not isinstance(span.value, Period) or span.value.start != span.value.end:
        return span
    start = add_units(span.value.end + timedelta(days=1), said[1].lower(), -1)
    dates = {"start": start.isoformat(), "end": span.value.end.isoformat()}
    return Span(said.start(), span.end, parse_period(dates, today))


def _that_one(span: Span, periods: list[Span]) -> bool:
    """'8月新客占当月客户的比例': of a period just named, it is that one."""
    return span.value.asked in THAT_ONE and any(s.end <= span.start for s in periods)


def _bare_years(lexed: Lexed, today: date, first_day: date) -> list[Span]:
    """', 2011' or 'year 2011': a year of the data that stands alone and is no part of another period or name."""
    if lexed.periods:
        return []
    years = [
        t for t in lexed.tokens if re.fullmatch(r"(19|20)\d\d", t.text) and first_day.year <= int(t.text) <= today.year
    ]
    return [Span(t.start, t.end, parse_period(t.text, today, first_day)) for t in years[:1]]


def _overlaps(a: Span | Found, b: Span | Found) -> bool:
    return a.start < b.end and b.start < a.end


def _sure(f: Found) -> bool:
    """A quoted or whole title, or a code with letters, is no date."""
    return any(m.how in ("title", "contains") for m in f.matches) or not f.text.isdigit()


def _is_name(f: Found, lexed: Lexed) -> bool:
    """A bare number is a name only if it is long, or stands behind a word such as 'customer' or 'order'."""
    if not f.text.strip("#").isdigit():
        return True
    i = lexed.at(f.start)
    before = {lexed.word(i - 1).rstrip("s"), lexed.word(i - 2).rstrip("s")}
    if before & {"£", "$", "€", "over", "than", "top", "last", "least", "most", "under"}:
        return False
    return bool(before & ENTITY_WORDS) or len(f.text) >= 5


def _mend(lexed: Lexed, names: Names) -> None:
    """Words that neither the planner nor the shop knows, but that are one slip from one that the planner knows."""
    known, exact = _vocabulary()
    for i, token in enumerate(lexed.tokens):
        word = token.text
        if i in lexed.taken or len(word) < 4 or not word.isascii() or not word.isalpha() or word in exact:
            continue
        if any(form in names.titles.rows_of_word for form in (word, *forms(word))):
            continue
        better = _nearest(word, known)
        if better:
            lexed.tokens[i] = Token(better, token.start, token.end)


def vocabulary() -> frozenset[str]:
    """The words that the rules know, each of them alone or in a phrase."""
    return _vocabulary()[1]


@cache
def _vocabulary() -> tuple[tuple[str, ...], frozenset[str]]:
    exact = frozenset(w for phrase in _lexicon() for w in phrase) | words.STOPWORDS | frozenset(NUMBER_WORDS)
    return tuple(sorted(w for w in exact if len(w) >= 4 and w.isascii() and w.isalpha())), exact


def _nearest(word: str, known: tuple[str, ...]) -> str | None:
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    slips = 1 if len(word) < 9 else 2  # 'soonest' is no 'slowest'
    hits = process.extract(word, known, scorer=OSA.distance, score_cutoff=slips, limit=3)
    hits = [h for h in hits if h[0][0] == word[0] or h[1] == 1]
    if len(word) == 4:  # 'mole' is no 'more': of words so short, another letter makes another word
        hits = [h for h in hits if len(h[0]) != 4 or sorted(h[0]) == sorted(word)]
    return hits[0][0] if hits else None


@cache
def _lexicon() -> dict[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Phrase (as tokens) → its tags."""
    out: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for kind, value, phrase in _entries():
        tokens = tuple(t.text for t in split(phrase))
        if (kind, value) not in out.setdefault(tokens, []):
            out[tokens].append((kind, value))
    return {k: tuple(v) for k, v in out.items()}


def _entries() -> Iterator[tuple[str, str, str]]:
    tables = {
        "metric": words.METRICS, "dim": words.DIMENSIONS, "grain": words.GRAINS, "ask": words.GROUP_WORDS,
        "rank": words.RANKS, "compare": words.COMPARES, "share": words.SHARES, "than": words.CONDITIONS,
        "known": words.KNOWN, "verb": words.VERBS, "tool": words.MODEL_TOOLS, "undefined": words.UNDEFINED_WORDS,
        "nodata": words.NOT_IN_DATA,
    }  # fmt: skip
    singles = {
        "times": words.TIMES, "exclude": words.EXCLUDES, "include": words.INCLUDES_ONLY, "contains": words.CONTAINS,
        "action": words.ACTIONS, "correction": words.CORRECTIONS, "follow": words.FOLLOW_STARTS,
        "pronoun": words.PRONOUNS, "dangling": words.DANGLING, "chart": words.CHARTS, "instead": words.INSTEAD,
        "all": words.WHOLE_SHOP, "add": words.ADD, "rest": words.REST, "weekend": words.WEEKEND,
        "never": words.NEGATIONS,
    }  # fmt: skip
    for kind, table in tables.items():
        for value, phrases in table.items():
            yield from ((kind, value, p) for p in _phrases(phrases))
    for kind, phrases in singles.items():
        yield from ((kind, kind, p) for p in _phrases(phrases))
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"):
        yield from (("weekday", day.title(), w) for w in (day, day + "s"))
    for i, han in enumerate("一二三四五六日天"):
        day = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Sunday")[i]
        yield from (("weekday", day, p + han) for p in ("周", "星期", "礼拜", "週"))


def _phrases(text: str) -> Iterable[str]:
    return (p.strip() for p in text.split("|") if p.strip())


@cache
def _starts() -> dict[str, int]:
    """First token → the longest phrase that begins with it."""
    out: dict[str, int] = {}
    for phrase in _lexicon():
        out[phrase[0]] = max(out.get(phrase[0], 0), len(phrase))
    return out


def _tag(lexed: Lexed) -> None:
    """Longest phrase first, left to right; a phrase carries all its meanings."""
    lexicon, starts, i = _lexicon(), _starts(), 0
    while i < len(lexed.tokens):
        n = 1
        if i not in lexed.taken:
            for length in range(starts.get(lexed.word(i), 0), 0, -1):
                span = range(i, i + length)
                meanings = lexicon.get(tuple(lexed.word(k) for k in span))
                if meanings and not any(k in lexed.taken for k in span):
                    lexed.tags += [Tag(kind, value, i, i + length - 1) for kind, value in meanings]
                    n = length
                    break
        i += n
    lexed.tags = [t for t in lexed.tags if not _is_goods(lexed, t)]
    _break_down(lexed)


def _is_goods(lexed: Lexed, t: Tag) -> bool:
    """A record player is no record week."""
    return t.kind == "rank" and lexed.word(t.last) == "record" and lexed.word(t.last + 1) not in UNITS_OF_TIME


def _break_down(lexed: Lexed) -> None:
    """'Break the revenue down by channel': what is behind 'break' doesn't go down."""
    broken = next((i for i, t in enumerate(lexed.tokens) if t.text in ("break", "breaking", "broken", "drill")), None)
    if broken is None:
        return
    lexed.tags = [
        Tag("ask", "by", t.last, t.last)
        if t.first > broken and lexed.word(t.first) == "down" and t.kind == "compare"
        else t
        for t in lexed.tags
    ]
