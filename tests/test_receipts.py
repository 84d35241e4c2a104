"""Receipts: hundreds of planted faults, none shown; hundreds of right answers, nearly all shown.

Each right answer is proved again by our own arithmetic, and each fault's twin (the same prose put right) is shown: so
nothing is refused for the wrong reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from math import isclose
from random import Random

import pytest

from agent.receipts import Checked, Receipt, Unproven, check, table
from tests import receipt_faults, receipt_plain_faults, receipt_plain_rights, receipt_rights
from tests.receipt_cases import Case, countries, products, read, receipt, scalar, spots
from tools.contract import StorewiseError

HOW = {"cell", "sum", "difference", "ratio", "percent_change", "count", "mean", "approx"}
LEAST_SHOWN = 0.98


def run(case: Case, prose: str | None = None) -> Checked:
    return check(
        case.prose if prose is None else prose,
        case.receipts,
        locale=case.locale,
        question=case.question,
        plain_digits=case.plain,
    )


def refused(case: Case, prose: str | None = None) -> Unproven | None:
    try:
        run(case, prose)
    except Unproven as e:
        return e
    return None


@cache
def right_cases() -> tuple[Case, ...]:
    return (*receipt_rights.rights(6), *receipt_plain_rights.rights(6))


@cache
def fault_cases() -> tuple[Case, ...]:
    return (*receipt_faults.faults(6), *receipt_plain_faults.faults(6))


def report(cases: Iterable[tuple[Case, object]]) -> str:
    return "\n".join(
        f"{c.kind} ({c.locale}{', plain digits' if c.plain else ''}): {c.prose!r}\n    {why}" for c, why in cases
    )


def rate(what: str, part: int, whole: int) -> None:
    print(f"{what}: {part} of {whole} ({part / whole:.1%})")


# --- the two rates ----------------------------------------------------------------------------------------------------


def test_no_planted_fault_is_shown() -> None:
    cases = fault_cases()
    shown = [(c, run(c).text) for c in cases if refused(c) is None]
    rate("Planted faults shown", len(shown), len(cases))
    assert len(cases) >= 300
    assert not shown, f"{len(shown)} planted faults shown:\n{report(shown)}"


def test_right_answers_are_shown() -> None:
    cases = right_cases()
    lost = [(c, e.faults) for c in cases if (e := refused(c)) is not None]
    rate("Right answers shown", len(cases) - len(lost), len(cases))
    assert len(cases) >= 300
    assert len(lost) <= len(cases) * (1 - LEAST_SHOWN), f"{len(lost)} right answers refused:\n{report(lost)}"


def test_a_fault_put_right_is_shown() -> None:
    cases = [c for c in fault_cases() if c.twin is not None]
    lost = [(c, (c.twin, e.faults)) for c in cases if (e := refused(c, c.twin)) is not None]
    rate("Faults put right and shown", len(cases) - len(lost), len(cases))
    assert len(cases) >= 300
    assert len(lost) <= len(cases) * (1 - LEAST_SHOWN), f"{len(lost)} refused though put right:\n{report(lost)}"


def test_every_kind_is_there_in_both_languages_and_modes() -> None:
    for cases in (right_cases(), fault_cases()):
        assert {(c.locale, c.plain) for c in cases} == {(x, y) for x in ("en", "zh") for y in (True, False)}
        assert len({(c.prose, c.receipts[0].result.rows[0][-1]) for c in cases}) > 0.9 * len(cases)


# --- what is shown is proved ------------------------------------------------------------------------------------------


def wrong(case: Case, checked: Checked) -> str:
    """What is wrong with a right case's answer; empty if nothing is."""
    claims, text = checked.claims, checked.text
    if len(claims) != len(case.wants):
        return f"{len(claims)} claims for {len(case.wants)} numbers: {[c.text for c in claims]} in {text!r}"
    for claim, want in zip(claims, case.wants, strict=True):
        if claim.value is None or not isclose(claim.value, want.value, rel_tol=1e-9, abs_tol=1e-9):
            return f"{claim} isn't {want}"
        if claim.how != want.how or (want.at and (claim.receipt, claim.row, claim.column) != want.at):
            return f"{claim} isn't {want}"
        if not reads_as(claim.text, want.value):
            return f"{claim.text!r} doesn't show {want.value}"
    missing = [s for s in case.shows if s not in text]
    return f"{missing} not in {text!r}" if missing else leftover(case, checked)


def reads_as(text: str, value: float) -> bool:
    """Whether the shown digits are the value rounded; words (about a third) have no digits to read."""
    found = read(text)
    if found is None or re.search(r"\d\s*[kKmM万亿]", text):
        return found is not None or not re.search(r"\d", text)
    scale = 0.01 if "%" in text else 1.0
    number, places = found
    slack: float = 0.5000001 * 10**-places * scale
    return abs(number * scale - abs(value)) <= slack


def leftover(case: Case, checked: Checked) -> str:
    """References and digits that neither a claim nor a key of the receipts, list mark or question accounts for."""
    rest, at = "", 0
    for claim in checked.claims:
        found = checked.text.find(claim.text, at)
        if found < 0:
            return f"{claim.text!r} isn't in {checked.text!r} after {checked.text[:at]!r}"
        rest, at = rest + checked.text[at:found] + "\0", found + len(claim.text)
    rest += checked.text[at:]
    if re.search(r"[{}]|\br\d+\.", rest):
        return f"a reference is left in {checked.text!r}"
    for key in sorted(keys(case), key=len, reverse=True):
        rest = rest.replace(key, "")
    rest = re.sub(r"^\s*\d+\. ", "", rest, flags=re.MULTILINE)
    allowed = {*re.findall(r"\d+", case.question), *dates(case)}
    extra = [d for d in re.findall(r"\d+", rest) if d.lstrip("0") not in allowed and d not in allowed]
    return f"digits without a receipt: {extra} in {checked.text!r}" if extra else ""


def keys(case: Case) -> set[str]:
    columns = [
        (r, i) for r in case.receipts for i, c in enumerate(r.result.columns) if c.unit in ("title", "id", "name")
    ]
    return {str(row[i]) for r, i in columns for row in r.result.rows}


def dates(case: Case) -> set[str]:
    """The numbers in dates and hours of the receipts: years, months, days of the keys and of the period asked for."""
    words = [str(r.result.input["period"]) for r in case.receipts]
    for r in case.receipts:
        at = [i for i, c in enumerate(r.result.columns) if c.unit in ("day", "month", "hour")]
        words += [
            f"{row[i]} 00 59" if r.result.columns[i].unit == "hour" else str(row[i])
            for row in r.result.rows
            for i in at
        ]
    found = re.findall(r"\d+", " ".join(words))
    return {d for n in found for d in (n, n.lstrip("0"), str(int(n) + 1))}


def test_each_number_shown_is_proved() -> None:
    shown = [c for c in right_cases() if refused(c) is None]
    bad = [(c, why) for c in shown if (why := wrong(c, run(c)))]
    assert not bad, f"{len(bad)} answers don't prove what they show:\n{report(bad)}"


def test_claims_have_known_names_and_operands() -> None:
    for case in right_cases():
        if refused(case) is None:
            for claim in run(case).claims:
                assert claim.how in HOW, claim
                assert claim.how == "cell" or claim.operands, claim


def test_a_change_is_told_by_a_word_and_without_a_sign() -> None:
    ways = {"en": ("down", "up"), "zh": ("降|减|跌", "升|增|涨")}
    for case in right_cases():
        if case.kind == "growth":
            claim = run(case).claims[-1]
            assert not re.search(r"[-−]", claim.text), claim
            assert re.search(ways[case.locale][case.wants[-1].value > 0], claim.text), claim


# --- single traits ----------------------------------------------------------------------------------------------------


def test_nothing_of_a_refused_answer_is_kept() -> None:
    item = countries(Random(1), "en")
    with pytest.raises(Unproven) as caught:
        check("{r1.0.country} took {r1.0.revenue}, or 48213, or twelve.", [item])
    assert isinstance(caught.value, StorewiseError)
    assert len(caught.value.faults) >= 2


def test_prose_without_numbers_needs_no_receipts() -> None:
    checked = check("There is nothing to report.", [])
    assert (checked.text, checked.claims) == ("There is nothing to report.", ())
    with pytest.raises(Unproven):
        check("{r1.0.revenue}", [])


@pytest.mark.parametrize("title", ["MUG {r1.0.units}", "MUG {r2.0.revenue}", "{sum(r1.*.units)}", "}{", "MUG {0}"])
def test_a_reference_in_a_title_is_never_followed(title: str) -> None:
    """A shop's own text may hold braces: they are shown or refused, but not read."""
    columns = [("product", "title"), ("units", "count")]
    item = receipt("r1", columns, [[title, 4_321], ["CUP", 5_678]], ["product"])
    for prose in ("{r1.0.product} sold {r1.0.units} units.", table(item)):
        try:
            checked = check(prose, [item])
        except Unproven:
            continue
        assert [c.value for c in checked.claims] in ([4_321], [4_321, 5_678])


def test_a_table_of_some_columns_and_rows() -> None:
    item = products(Random(5), "en")
    checked = check(table(item, columns=["product", "units"], limit=2), [item])
    expected = [s.value for s in spots([item]) if s.column == "units" and s.row < 2]
    assert [c.value for c in checked.claims][:2] == expected
    revenue = [s.text for s in spots([item]) if s.column == "revenue"]
    assert not any(t in checked.text for t in revenue)


def test_a_title_with_a_pipe_keeps_the_table_whole() -> None:
    item = receipt("r1", [("product", "title"), ("units", "count")], [["TEA | TRAY", 4_321]], ["product"])
    lines = check(table(item), [item]).text.strip().splitlines()
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines if line.startswith("|")}) == 1


def test_plain_digits_are_refused_unless_asked_for() -> None:
    item = countries(Random(2), "en")
    spot = next(s for s in spots([item]) if s.column == "revenue")
    prose = f"{spot.label} brought in {spot.text}."
    assert check(prose, [item], plain_digits=True).claims[0].value == spot.value
    with pytest.raises(Unproven):
        check(prose, [item])


def test_the_same_cell_in_two_receipts_is_not_one_cell() -> None:
    item = countries(Random(3), "en")
    spot = next(s for s in spots([item]) if s.column == "revenue")
    with pytest.raises(Unproven):
        check(f"{spot.label} brought in {spot.text}.", [item, Receipt("r2", item.result)], plain_digits=True)


def test_periods_of_the_receipt_are_no_claims() -> None:
    item = scalar(Random(4), "en")
    for locale in ("en", "zh"):
        checked = check("{r1.period}: {r1.0.orders}", [item], locale=locale)
        assert [c.column for c in checked.claims] == ["orders"]


@pytest.mark.parametrize(
    "prose", ["{" * 5_000, "{sum(" * 2_000, "9" * 5_000, "{approx(" * 500 + "r1.0.revenue" + ")}" * 500]
)
def test_hostile_prose_is_refused_quickly(prose: str) -> None:
    with pytest.raises(Unproven):
        check(prose, [countries(Random(6), "en")], plain_digits=True)
