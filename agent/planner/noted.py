"""What a message says besides and that changes nothing: what is done anyhow, and what the figure is for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.planner.asides import ASIDES

LIMIT = r"(?:under|below|over|above|beneath|worth|less than|more than|fewer than|at least|at most|up to)\b"
PURPOSES = (  # what a figure is wanted for; no goods are among them, with another word before them or not
    r"meeting|reports?|presentations?|reviews?|budget|audit|spreadsheet|accountant|accounts|paperwork|working papers|"
    r"bookkeep(?:er|ing)|taxes|tax return|vat return|p ?& ?l|landlord|investors?|partners?|newsletter|insurer|wife|"
    r"husband|negotiations?|applications?|statements?|briefings?|valuations?|consultations?|discussions?|conversations?|interview|"
    r"(?:tax|vat|bookkeeping|accounting) (?:folder|file|binder|office|records?)"
)
DOINGS = (
    rf"{PURPOSES}|provisions?|books|budgets|budgeting|numbers|planning|ledger|filing|reconciliations?"
    r"|(?:month|year)[ -]end"
)
AT_ONCE = r"board|bank|boss|team|call"  # the same, but a chopping board or a piggy bank is goods
THE = r"(?:the |my |our |a |an |his |her |their )?"
SAID_AFTER = r"(?=\s*[,:;]|\s+(?:i|we|please|pls|give|show|what|how|can|could)\b)"
CHANGES_NOTHING = (
    # a best or worst month is a whole one, days are those of the calendar
    r"\bnothing (?:fancy|special)\b|\bat all\b|\bcalendar days?\b|\bmost recent(?:ly)?\b"
    r"|\bcalendar (?=(?:year )?(?:19|20)\d\d\b|year\b)",
    r"(?:leaving out|leave out|excluding|ignoring|without|skipping|not counting|no) (?:the |any )?"
    r"(?:part|partial|incomplete|unfinished|half|broken|running|current)[ -](?:day|week|month|quarter|year)s?\b",
    r"\b(?:whole|full|complete|finished) (?:days|weeks|months|quarters|years) only\b",
    r"\bonly (?:whole|full|complete|finished) (?:days|weeks|months|quarters|years)\b",
    r"按(?:照)?(?:日历|自然)[天日]数?(?:来)?(?:计?算|计)?",
    # both ends of a period belong to it
    r"[,(]\s*(?!\d)\w+ and (?!\d)\w+ (?:both )?(?:included|inclusive)\b"
    r"|\b(?:both|first and last|start and end) (?:ends?|days?|dates?) (?:are )?(?:counted|included|in)\b"
    r"|\binclusive of both(?: (?:ends|days|dates))?\b|\bboth inclusive\b|首尾都?[算含]|含首尾",
    r"\bno more(?:,? and|,? nor|,)? no (?:fewer|less)\b|\bneither more nor (?:fewer|less)\b",
    # what counts at all counts once, and is added up
    r"\bat least (?:once|one piece|a single piece)\b(?! (?:of|a|per|each|every|in (?:each|every))\b)"
    r"|至少(?:卖出?|买|下单)?过?一[次件个](?!以上)",
    r"\b(?:all|with all) (?:of )?(?:their|its|these|those) (?:(?:orders|purchases|baskets|spending|sales|buys) )?"
    r"(?:added up|added together|put together|taken together|combined|summed up|summed)\b",
    # beside a limit, what size it is and that it is each one's
    r"\b(?:tiny|teeny|wee|small|smallish|little|big|biggish|large|huge|hefty|chunky|low-value|high-value)\b"
    rf"(?= (?:orders?|baskets?|invoices?|tickets?|purchases?)\b[^.;?!]{{0,25}}?\b{LIMIT})",
    rf"\b{LIMIT} ?[£$€]? ?\d[\d.,]* ?(?:pounds?|quid|euros?|dollars?|gbp|eur|usd)? (?P<said>each|apiece|a piece)\b",
    # whom it is said to
    r",\s*(?:my )?(?:luv|dear|darling|mate|pal|lad|lass|hun|boss|chief|sir|madam|ma'am|guys|folks|bro|buddy)"
    r"(?=\s*[,.?!]|\s*$)",
    # how it is to be told, and what the other one is doing
    r"\b(?:set|lay|write|spell) (?:it |them |this )?out\b|(?:set|lay|write|spell)(?: (?:it|them|this))? out (?=the\b)"
    r"|\b(?:is|are) (?:on the (?:phone|line)|at the (?:counter|door|till))\b"
    r"|\b(?:our |the )?home (?:market|country)\b(?=\W+\(?[A-Z])",
    # what it is for
    r"(?:[,;.(–-]\s*|\b)(?:(?:i|we) )?(?:need|want|it's|its|this is|that's|asking)(?: it| this| them| that| these)? "
    rf"for {THE}(?:(?:\w+ )?(?:{PURPOSES})|{AT_ONCE})\b\)?(?=\s*(?:[.!?)]|$))",
    rf"[,;.(–-]\s*for {THE}(?:\w+ )?(?:{PURPOSES})\b\)?(?=\s*(?:[.!?)]|$))",
    rf"(?:[,;.(–-]\s*|^)(?:i'?m|we'?re|i am|we are) (?:doing|preparing|writing|finishing|updating|closing|working on) "
    rf"{THE}(?:\w+ )?(?:{DOINGS})\b\)?(?=\s*(?:[,.!?)]|$))",
    rf"(?:^|[.!?]\s+)\W*for {THE}(?:(?:(?!\d)[\w-]+ ){{0,2}}(?:{PURPOSES})|{AT_ONCE})\b{SAID_AFTER}",
    rf"\bfor (?:my|our|his|her|their) (?:(?:(?!\d)\w+ )?(?:{PURPOSES})|{AT_ONCE})\b(?=\s*(?:[.,;:!?)]|$))",
)
NOTED = re.compile("|".join((*CHANGES_NOTHING, *ASIDES)), re.I)


def noted(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each such piece, left to right."""
    for found in NOTED.finditer(text):
        yield found.span("said") if found["said"] else found.span()
