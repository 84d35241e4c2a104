"""The words of a change: what rises, what falls, and a change that the words before it have said already."""

from __future__ import annotations

import re

from agent.figures import DOWN, UP

RISING = re.compile(
    r"\b(?:ris(?:e|es|en|ing)|rose|up(?!\s+(?:to|until|for)\b)|higher|increas(?:e[sd]?|ing)|gr[eo]w[ns]?|growing"
    r"|gain(?:s|ed|ing)?|climb(?:s|ed|ing)?|jump(?:s|ed|ing)?|surg(?:e[sd]?|ing)|soar(?:s|ed|ing)?"
    r"|rocket(?:s|ed|ing)?|skyrocket(?:s|ed|ing)?|rall(?:y|ied|ies)|rebound(?:s|ed|ing)?|swell(?:s|ed|ing)?|advanc(?:e[sd]?|ing))\b"
    r"|(?<!负)增长(?!率)|增加|上升|上涨|提高|提升|扩大|猛增|激增|大增|飙升|攀升|走高|涨幅?|高于|多于",
    re.IGNORECASE,
)
FALLING = re.compile(
    r"\b(?:f[ae]ll(?:s|en|ing)?|(?<!broken )(?<!break )(?<!breaks )(?<!breaking )down(?!\s+to\b)|lower"
    r"|drop(?:s|ped|ping)?|decreas(?:e[sd]?|ing)|declin(?:e[sd]?|ing)|shr[aiu]nk(?:s|ing)?|sl(?:id|ides?|iding|ip|ips|ipped)|sank|sunk|sinks?"
    r"|plung(?:e[sd]?|ing)|dip(?:s|ped|ping)?|tumbl(?:e[sd]?|ing)|slump(?:s|ed|ing)?"
    r"|plummet(?:s|ed|ing)?|crash(?:es|ed|ing)?|collaps(?:e[sd]?|ing)|contract(?:s|ed|ing)|nosedived?|reduced|shed|lost)\b"
    r"|负增长|下降|下跌|减少|降低|下滑|回落|缩水|缩减|锐减|骤降|暴跌|下挫|降幅|跌幅?|萎缩|低于|少于",
    re.IGNORECASE,
)
SAID = re.compile(r"(?:\b(?:by|of)(?: (?:about|an?|almost|nearly))? ?|了)[*_]{0,4}$", re.IGNORECASE)


def without_direction(text: str, sign: int | None, before: str) -> str:
    """A change as it follows `before`: after "rose by" it is "3 %", not "up 3 %", where that is the way it goes."""
    if not sign or not SAID.search(before):
        return text
    clause = re.split(r"[,;:.，；：。\n]", before)[-1]
    said, other = (RISING, FALLING) if sign > 0 else (FALLING, RISING)
    if other.search(clause) or not said.search(clause):
        return text
    for word in (UP if sign > 0 else DOWN).values():
        text = text.removeprefix(word)
    return text
