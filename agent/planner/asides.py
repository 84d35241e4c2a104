"""What somebody adds to a question about themselves: who is waiting, what they will do with the figure, how they feel.

No shop's figure depends on it. What may be a condition ("I only want Germany", "without returns") is none of it.
"""

from __future__ import annotations

BREAK = r"(?:[,;.?!…)–-]\s*|\s[:;]-?\)\s*)"  # behind what is asked
END = r"(?=\s*[.!)]*\s*$)"
WHO = (
    r"(?:the |my |our |a |some)?(?:boss|accountant|manager|owner|bank|landlord|wife|husband|partner|colleague|team|"
    r"customer|client|body|one|somebody|someone|supplier|tax (?:man|office)|auditors?|investors?)"
)
CONDITION = r"(?![^?]*\b(?:only|without|except|excluding|including|exclude|include|not|but)\b)"
DONE_WITH_IT = r"(?!(?:see|know|have|get|look|compare|hear|exclude|include|count|leave|focus|restrict|filter)\b)"
ASIDES = (
    # who is waiting for it
    rf"{BREAK}{WHO}(?:'s| is| are) (?:(?:waiting|calling|asking|standing|already) )?"
    rf"(?:on|at|in) the (?:phone|line|till|counter|door|shop|office|room)\b(?: \w+ing)?{END}",
    rf"{BREAK}{WHO}(?:'s| is| are)? (?:wants?|needs?|asks?|asking|waiting|waits|keeps asking)"
    rf"(?: for)?(?: (?:it|this|that|them))?"
    rf"(?: (?:now|asap|today|again|in \d+ \w+|by (?:noon|tonight|tomorrow|lunch|\w+day|\d+ ?[ap]m)))?{END}",
    # how soon
    r"\b(?:i )?need (?:it|this|them|that) (?:no+w+|asap|urgently|quick(?:ly)?|fast|(?:right|straight) away"
    r"|in \d+ \w+)\b"
    r"|\b(?:quick(?:ly)? please|asap|no rush|in a hurry|hurry)\b",
    # what they will do, and what they feel
    rf"{BREAK}(?:i|we)(?:'ve| have)? (?:got to|need to|have to|hope to|plan to|am going to|are going to|'m going to) "
    rf"{DONE_WITH_IT}{CONDITION}[^?,;]*?{END}",
    rf"{BREAK}(?:(?:i'?m|we'?re|just|i am|we are) )?(?:thinking|wondering whether|debating|dreaming) (?:of|about|to) "
    rf"{CONDITION}[^?,;]*?{END}",
    rf"{BREAK}just so (?:i|we) (?:know|can see|remember) (?:when|why|how|where|whether) {CONDITION}[^?,;]*?{END}",
    r"\b(?:it |that )?(?:drives?|driving) me (?:mad|crazy|nuts|insane|up the wall)\b",
    # how they begin
    r"\bi(?:'d| would) (?:love|like|be (?:happy|glad|grateful)) to (?:see|know|have|get|hear)\b",
    r"\bsorry to (?:bother|trouble|disturb)(?: you)?(?: again)?\b|\bme again\b",
    r"^\W*(?:oh|and|so|hey|hi|ah|ok|okay|also|well|,|\s)*\bwhile (?:you're|youre|you are|ur|we're|we are) at it\b",
    r"^\W*(?:我的|我们)?(?:老板|经理|领导|会计|财务)(?:问|想知道|想看|要看|让我[查看问]?(?:一下|下)?)(?:一下)?[,，:：]?",
    r"(?:快点|赶紧|赶快|尽快|急用|很急|着急)(?:告[诉訴]我|给我|看)?",
)
