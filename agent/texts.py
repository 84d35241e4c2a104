"""What is said where nothing is calculated: refusals and questions back, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "action": (
        "I can only read the shop's data: I never change, send or delete anything.",
        "我只能读取店铺数据，不能修改、发送或删除任何内容。",
    ),
    "nodata": (
        "That isn't in this shop's data: there is nothing on {thing} that I can read.",
        "店铺数据里没有{thing}方面的信息。",
    ),
    "no_metric": (
        "Which figure do you mean?",
        "您想看哪个指标？",
    ),
    "bare_rank": (
        "The top of what, and by which figure?",
        "您想看什么的排名，按哪个指标？",
    ),
    "context": (
        "Which ones do you mean? Please name them.",
        "您指的是哪些？请说出名称。",
    ),
    "unknown": (
        "I don't understand “{thing}” in this shop's terms, so I'd rather not guess.",
        "我不明白“{thing}”在店铺里指什么，所以不作猜测。",
    ),
    "label": (
        "In a chat I only read. Say it with ./storewise label fraud ORDER or ./storewise label fine ORDER: the next "
        "training learns from it.",
        "在对话中我只读取数据。请用 ./storewise label fraud 订单号 或 label fine 订单号 标记，下次训练会用到。",
    ),
    "which_order": (
        "Which order do you mean?",
        "您指的是哪一笔订单？",
    ),
    "no_country": (
        "This shop has no orders from {thing}.",
        "店铺没有来自{thing}的订单。",
    ),
    "readings": (
        "I can read that in more than one way. Which do you mean?",
        "这个问题有不止一种理解方式，您指哪一种？",
    ),
    "on_words": (
        "I tell this shop's figures; what terms mean and how things are worked out in general I can't say.",
        "我只能回答本店的数据，不解释术语的含义或一般的计算方法。",
    ),
    "unsure": (
        "I can read that in more than one way. Please say which figure you mean, of what, and for when.",
        "这个问题有不止一种理解方式。请说明您要看哪个指标、针对什么、哪个时期。",
    ),
    "empty": (
        "Please ask a question about the shop, for example about revenue, orders or products.",
        "请就店铺提问，例如销售额、订单或产品。",
    ),
    "which_field": (
        "“{thing}” could be several things here. Which one?",
        "“{thing}”有多种含义，您指哪一个？",
    ),
    "which_product": (
        "Several products fit “{thing}”. Which one do you mean?",
        "有多个产品符合“{thing}”，您指哪一个？",
    ),
    "two_periods": (
        "From which period to which later one?",
        "从哪个时期到哪个之后的时期？",
    ),
    "how_much": (
        "By what part would the price change, in per cent?",
        "价格会变动百分之几？",
    ),
    "ranked_ahead": (
        "A forecast is of the whole shop, or of a product, category or country that you name; it doesn't choose which. "
        "Ask for the best ones of the past first, then for a forecast of one by its name.",
        "预测针对整个店铺，或您指明的商品、品类或国家；不能由预测来挑选。请先查询以往的排名，再按名称预测其中一个。",
    ),
    "period": (
        "“{thing}” can be read in more than one way. Which do you mean?",
        "“{thing}”有多种读法，您指哪一种？",
    ),
    "long": (
        "That question is too long for me. Please put it in a few sentences.",
        "问题太长了，请用几句话说明。",
    ),
    "binary": (
        "That isn't text that I can read. Please type your question.",
        "无法读取这段内容，请用文字提问。",
    ),
    "script": (
        "I understand English and Chinese. Please ask in one of them.",
        "我能理解中文和英文，请用其中一种提问。",
    ),
    "outside": (
        "There is no data for that: the shop's data runs from {first} to {last}.",
        "没有这方面的数据：店铺数据从{first}到{last}。",
    ),
    "stopped": (
        "Stopped, as you asked. Nothing was answered.",
        "已按您的要求停止，没有作答。",
    ),
    "unreachable": ("The language model could not be reached", "无法连接语言模型"),
    "busy": ("The language model is busy", "语言模型繁忙"),
    "slow": ("The language model took too long", "语言模型用时过长"),
    "refused": ("The language model refused the request", "语言模型拒绝了请求"),
    "broken": ("The language model's reply could not be read", "无法读取语言模型的回复"),
    "lost": ("The language model did not come to an answer", "语言模型没有得出答案"),
    "answered_instead": ("{why}, so the local planner answered.", "{why}，因此由本地规划器作答。"),
    "took_over": ("{why}, so the local planner took over.", "{why}，因此由本地规划器接手。"),
    "so_far": ("{why}. This is what it had looked up so far:", "{why}。以下是它目前查到的内容："),
    "which": (
        "That can be read in more than one way. Which do you mean?",
        "这有多种理解，您指哪一种？",
    ),
}


def text(key: str, locale: str, **thing: str) -> str:
    """The sentence in the language of the question."""
    return TEXTS[key][1 if locale == "zh" else 0].format(**thing)
