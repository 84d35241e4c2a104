"""Every number shown comes from a cell that a tool returned: prose with references in, text with claims out.

Whoever wrote the prose (our composer, the local planner, a language model), `check` is the only way to the reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agent.figures import is_finite, language
from agent.labels import NULL
from agent.links import unlinked
from agent.proof.claims import Checked, Claim, Fault, Operand, Receipt, Unproven
from agent.proof.directions import wrong_directions
from agent.proof.draft import Draft, Mark, list_marks, render
from agent.proof.evaluate import Evaluator
from agent.proof.folding import HOLE
from agent.proof.headings import heading
from agent.proof.names import Names, free_marks, named, names_of
from agent.proof.neighbours import glued, wrong_units
from agent.proof.number_words import Hit, find_numbers
from agent.proof.plain_digits import read_plain_digits
from agent.proof.rows import wrong_rows
from agent.proof.written_dates import unknown_months
from tools.contract import Column

__all__ = ["Checked", "Claim", "Fault", "Operand", "Receipt", "Unproven", "check", "table", "table_alone"]

NO_ROWS = {"en": "The receipt holds no rows.", "zh": "收据中没有数据。"}
MORE_ROWS = {"en": "The receipt holds the other rows.", "zh": "其余各行见收据。"}
TOUCHING_BEFORE = re.compile(r"[^\w\s()\[\]*_\"'“‘,.:;，。：；、-]+$")
TOUCHING_AFTER = re.compile(r"[A-Za-z]+| ?[%％‰]")
WHY = {
    "digits": "digits are written by references only",
    "number word": "number words are written by references only, such as {approx(…)}",
}


def check(
    prose: str,
    receipts: Sequence[Receipt],
    *,
    locale: str = "en",
    question: str = "",
    plain_digits: bool = False,
) -> Checked:
    """Renders the references in `prose` and proves that nothing else in it is a number. What comes out links nowhere.

    Numbers of the `question` may stand in its restatement: the first sentence of a line that starts with "Read as" or
    is italic. With `plain_digits`, digits that a model wrote itself are read back to the one cell they can come from.
    Raises Unproven, with every fault.
    """
    draft = render(prose, Evaluator(receipts, locale), question)
    names = names_of(receipts, locale)
    draft = draft.marked(list_marks(draft))
    draft = draft.marked(free_marks(draft, names))
    draft = draft.marked(_asked(draft))
    if plain_digits:
        draft = read_plain_digits(draft, receipts, names)
    faults = (*draft.faults, *_literal(draft), *_disagreements(draft, receipts, names))
    if faults:
        raise Unproven(tuple(dict.fromkeys(faults)))
    return Checked(unlinked(draft.text), tuple(m.claim for m in draft.marks if m.claim))


def table(receipt: Receipt, locale: str = "en", columns: Sequence[str] | None = None, limit: int = 20) -> str:
    """A markdown table of references, to be given to `check`: the first `limit` rows, all columns or those named."""
    result, lang = receipt.result, language(locale)
    shown = [c for c in result.columns if columns is None or c.name in columns]
    if not shown or not result.rows:
        return NO_ROWS[lang]
    head = [heading(c, lang) for c in shown]
    rule = ["---" if c.is_key else "---:" for c in shown]
    rows = [[_reference(receipt, i, c) for c in shown] for i in range(min(limit, len(result.rows)))]
    lines = [f"| {' | '.join(line)} |" for line in (head, rule, *rows)]
    return "\n".join(lines) + (f"\n\n{MORE_ROWS[lang]}" if len(rows) < result.row_count else "")


def table_alone(receipts: Sequence[Receipt], locale: str = "en") -> Checked:
    """What is shown when prose can't be proven: the receipts as tables, every number a claim, and nothing else."""
    return check("\n\n".join(table(r, locale) for r in receipts) or NO_ROWS[language(locale)], receipts, locale=locale)


def _reference(receipt: Receipt, row: int, column: Column) -> str:
    """The reference to a cell; a number that can't be written is a dash, as an empty cell is."""
    position = receipt.result.columns.index(column)
    value = receipt.result.rows[row][position]
    if not column.is_key and isinstance(value, int | float) and not isinstance(value, bool) and not is_finite(value):
        return NULL
    name = column.name if re.fullmatch(r"[A-Za-z]\w*", column.name) else f"#{position}"
    return f"{{{receipt.id}.{row}.{name}}}"


def _asked(draft: Draft) -> list[Mark]:
    """The numbers of the user's own question, where it is said again."""
    asked = find_numbers(draft.question)
    known = {way for hit in asked for way in _ways(draft.question, hit)}
    spans = list(draft.restatements()) if asked else []
    return [
        Mark(hit.start, hit.end, "asked")
        for hit in find_numbers(draft.skeleton)
        if any(a <= hit.start < b for a, b in spans) and known.intersection(_ways(draft.skeleton, hit))
    ]


def _ways(text: str, hit: Hit) -> Iterator[tuple[str, object, str]]:
    """A number as said and as worth, with what touches it: 5, £5, 5k and 5 % are four numbers."""
    before = TOUCHING_BEFORE.search(text[max(0, hit.start - 8) : hit.start])
    after = TOUCHING_AFTER.match(text[hit.end : hit.end + 12])
    beside = (before[0] if before else "", after[0].strip() if after else "")
    yield beside[0], hit.folded, beside[1]
    if hit.value is not None:
        yield beside[0], hit.value, beside[1]


def _literal(draft: Draft) -> Iterator[Fault]:
    for hit in find_numbers(draft.skeleton):
        yield Fault(hit.kind, draft.text[hit.start : hit.end], WHY[hit.kind])
    for hit in find_numbers(draft.text):
        if _straddles(hit, draft):
            yield Fault(
                "glued", draft.text[hit.start : hit.end], "a reference and the letters beside it make one number"
            )


def _straddles(hit: Hit, draft: Draft) -> bool:
    """Whether a number is made of rendered and written text together."""
    inside = draft.skeleton[hit.start : hit.end]
    return hit.kind == "number word" and HOLE in inside and any(c.isalpha() for c in inside)


def _disagreements(draft: Draft, receipts: Sequence[Receipt], names: Names) -> Iterator[Fault]:
    yield from glued(draft)
    yield from wrong_units(draft)
    yield from wrong_directions(draft)
    yield from wrong_rows(draft, named(draft, names))
    yield from unknown_months(draft, receipts)
