"""What a message says of fraud beyond which days and orders: what mistakes cost, how many can be looked at a day, which
device, why an order was flagged, whether groups are treated alike, and labels. English and Chinese.
"""

from __future__ import annotations

import re

from agent.planner.numbers import number_in

NUMBER = (
    r"(\d[\d,]*(?:\.\d+)?k?|an?(?= hundred)|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty"
    r"|thirty|forty|fifty|a hundred|a dozen|[一二两三四五六七八九十百千]+)"
)
MONEY = rf"(?:[£$€¥₹]|US\$|C\$|A\$)?\s*{NUMBER}"
ORDER_ID = r"[A-Za-z#-]{0,6}\d[A-Za-z0-9-]*"
COSTS = {
    "refused": r"\b(?:refus|reject|declin|turn(?:ed|ing)? (?:down|away))|(?:误|错)拒|拒绝|误杀|误伤",
    "chargeback": r"\bcharge-?\s?backs?\b|拒付|退单|撤单",
    "review": r"\b(?:manual )?(?:reviews?|reviewing|checks?|checking|inspections?|looking at|a look at)\b|审核|复核|检查|人工审",
}
PRICED = re.compile(
    r"\bcost(?:s|ing)?\b|\bfees?\b|\btakes?\b|(?:reviews?|checks?|charge-?\s?backs?|refusals?|one)\s*(?:is|are|at|=|:)?\s*(?:[£$€¥₹]|\d)|[£$€¥₹]|要|花|费|成本|元|块",
    re.I,
)
ASKING = re.compile(r"^\s*(?:how|which|who|when|where|why|did|does|do|what(?! if))\b", re.I)
CLAUSE = re.compile(r",(?!\d)|[;；，、。]|\band\b|\bwhile\b|\bbut\b|而|和")
A_DAY = re.compile(
    r"\b(?P<verb>review|check|vet|screen|inspect|verify|look (?:at|into)|go through|handle|manage|do|see)\s+(?:only |just |at most |about |up to )?"
    rf"(?P<n>{NUMBER})(?:\s+(?:\w+ )?(?:orders?|cases|of them|transactions|ones))?\s+(?:a|per|each|every)\s+day\b"
    rf"|(?P<bare>\b{NUMBER})\s+(?P<noun>reviews|checks|orders|cases)?\s*(?:a|per|each|every)\s+day\b"
    rf"|(?:每天|一天|每日)(?P<only>只|最多|至多|仅)?(?:能够|能|可以|可|有空)?(?P<sees>审核|复核|检查|核查|审|查|看|处理)(?P<m>\d+|[一二两三四五六七八九十百]+)",
    re.I,
)  # fmt: skip
SURE_VERBS = frozenset("review check vet screen inspect 审核 复核 检查 核查".split())
WHY = re.compile(
    r"\bwhy\b.{0,40}\b(?:flag\w*|suspicious|suspect\w*|risky|dodgy|fraud\w*|on (?:the|that|your) list|stands? out|held)\b"
    r"|(?:为什么|为何|凭什么|怎么会).{0,12}(?:标记|可疑|欺诈|风险|有问题|上榜)|(?:标记|可疑|欺诈).{0,6}(?:原因|为什么|为何)",
    re.I,
)
ENTITIES = {
    "device": r"device|phone|computer|laptop|machine|tablet|设备|手机|电脑",
    "address": r"(?:internet |ip )?address|ip\b|IP|网络地址|地址",
    "customer": r"customer|buyer|account|client|顾客|客户|买家|账号|账户",
}
_ANY = "|".join(ENTITIES.values())
LINKED = re.compile(
    rf"\b(?:orders?|others?|anything|everything|what else|purchases)\b.{{0,30}}\b(?:that|this|the same|same|its|his|her|the)\s+(?P<e>{_ANY})"
    rf"|\b(?:who|what) else\b.{{0,20}}\b(?:that|this|the same|same)\s+(?P<e2>{_ANY})"
    rf"|(?:这|那|该|同一|同|相同的?)(?:一?[台个位])?(?P<e3>{_ANY}).{{0,8}}(?:订单|下单|还有)|(?:订单|还有).{{0,8}}(?:这|那|该|同一|同)(?:一?[台个位])?(?P<e4>{_ANY})",
    re.I,
)  # fmt: skip
JOINED = re.compile(r"\borders?\b.{0,20}\b(?:linked|connected|related) (?:to|with)\b|关联的?订单", re.I)
ANY = "any"  # device or address, whichever an order shares
FAIR = re.compile(
    r"(?<!to be )\bfair(?:ly)? (?:to|on|towards?|with|for)\b(?! (?:say|assume|be)\b)|\b(?:is|was) (?:it|this|that|the model|your model) (?:\w+ )?fair\b|\bunfair(?:ly)?\b|\bfairness\b"
    r"|\bbias(?:ed)?\b|\bdiscriminat\w+|\bprejudice\w*|\btreat\w*\b.{0,40}\b(?:alike|equally|differently|worse|the same)\b|公平|公正|歧视|偏见|一视同仁|区别对待",
    re.I,
)
EVEN = re.compile(
    r"^\s*(?:please |can you |could you |ok(?:ay)?,? |then |so )*(?:make|treat|even|set|use|flag)\b(?=.*(?:\bfair\b|\balike\b|\bequal|\bthe same\b|\beven(?:ly)?\b|\bthresholds? (?:for|of) (?:each|every|its own|their own)\b))"
    r"|^\s*(?:请|那就?|让)?(?:对|按|让|使).{0,16}(?:一视同仁|公平对待|各自的阈值)",
    re.I,
)
WHOM = {
    "country": r"\bcountr|\bforeign|\babroad|\boverseas|国家|外国|海外|国外",
    "age": r"\bages?\b|\byoung|\bold(?:er)? (?:people|persons|men|women|folks?)\b|\belder|\bseniors?\b|\bpensioners?\b|年龄|老人|年轻",
    "customer": r"\bnew\b|\bfirst[- ]time|\breturning|\bold customers|\bexisting|\bloyal|新(?:的)?(?:顾客|客户|客|买家)|老(?:顾客|客户|客)|回头客",
}
LABEL = re.compile(
    rf"^\s*(?:please |pls )?(?:(?:mark|label|flag|note|record|set)\s+)?(?:orders?|invoices?)\s+{ORDER_ID}(?:(?:\s*,\s*|\s+and\s+|\s+){ORDER_ID})*\s+"
    r"(?:as|was|were|is|are|turned out(?: to be)?|proved(?: to be)?|got)\s+(?:a |an |not |indeed |really |actually |in fact )*"
    r"(?:fraud\w*|chargeback|charged back|scams?|stolen|fake|fine|ok|okay|good|genuine|legit\w*|honest)\s*[.!]*\s*$"
    rf"|^\s*(?:请)?(?:把|将|标记)?\s*订单号?\s*{ORDER_ID}\s*(?:标记为|标为|就?是|属于|不是)(?:欺诈|诈骗|正常|假的?|没问题)(?:的)?(?:订单)?[。！!]*\s*$",
    re.I,
)


def costs_in(text: str) -> dict[str, float]:
    """'A review costs us £5, a chargeback £40': what each costs, as far as a clause says so."""
    found: dict[str, float] = {}
    for clause in CLAUSE.split(text):
        kind = next((kind for kind, words in COSTS.items() if re.search(words, clause, re.I)), None)
        value = _money_in(clause) if kind and "%" not in clause and not A_DAY.search(clause) else None
        if kind and value is not None:
            found[kind] = value
    return found if PRICED.search(text) and not ASKING.search(text) else {}


def _money_in(clause: str) -> float | None:
    plain = re.sub(r"[一1]\s*[单个笔次份](?!\d)", "", clause)  # 审核一单要5元
    plain = re.sub(r"\b(?:one|an?|each) (?:order|review|check|one)\b", "", plain, flags=re.I)
    said = [number_in(m[1]) for m in re.finditer(MONEY, plain, re.I) if not _is_article(m[1])]
    values = [float(n) for n in said if n is not None]
    return values[-1] if values else None


def _is_article(said: str) -> bool:
    return said.lower() in ("a", "an", "one")


def names_a_loss(text: str) -> bool:
    """Whether it speaks of chargebacks or good orders refused, which nothing but fraud has."""
    return any(re.search(COSTS[kind], text, re.I) for kind in ("chargeback", "refused"))


def a_day_in(text: str) -> tuple[int, bool] | None:
    """'If I only review ten a day': how many, and whether nothing else can be meant."""
    said = A_DAY.search(text)
    if said is None:
        return None
    count = number_in(said["n"] or said["bare"] or said["m"] or "")
    verb = (said["verb"] or said["sees"] or "").lower()
    return (int(count), verb in SURE_VERBS or said["noun"] in ("reviews", "checks")) if count and count >= 1 else None


def entity_in(text: str) -> str | None:
    """'Orders from that device': which entity they share; ANY for 'orders linked with it'."""
    said = LINKED.search(text)
    if said is None and JOINED.search(text):
        return ANY
    thing = next((said[e] for e in ("e", "e2", "e3", "e4") if said[e]), None) if said else None
    return next((name for name, words in ENTITIES.items() if re.fullmatch(words, thing, re.I)), None) if thing else None


def whom_in(text: str) -> str | None:
    """'Fair to new customers': which kind of groups."""
    return next((kind for kind, words in WHOM.items() if re.search(words, text, re.I)), None)
