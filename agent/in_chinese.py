"""What tools refuse, in Chinese: one table, by the sentences as the tools put them.

A sentence that isn't here, or holds one that isn't, stays English as a whole: nothing is translated by halves. The
shop's own names stay as they are; metrics and dimensions have their Chinese labels.
"""

from __future__ import annotations

import functools
import re

from tools.metrics.definitions import DIMENSIONS, METRICS

SENTENCES = re.compile(r"(?<=\.) (?=[A-Z])")
CLAUSE = "clause"  # a placeholder of words that must be in the table too; others take names, dates and labels
SAID: dict[str, str] = {
    # sales to come
    "Products, categories and countries are forecast each by themselves, not one within the other.":
        "商品、品类和国家只能分别预测，不能相互嵌套。",
    "Sales are forecast for the shop, for products, categories and countries, without other conditions.":
        "只能预测全店、商品、品类和国家的销售，不支持其他条件。",
    "Sales are forecast for the shop, products, categories and countries; {name} is none of them.":
        "只能预测全店、商品、品类和国家的销售，{name}不属于其中。",
    "“{name}” is several things here: which?": "“{name}”在这里有多种含义：您指哪一个？",
    "This shop has no product, category or country '{name}'.": "本店没有名为“{name}”的商品、品类或国家。",
    "Only units and revenue are forecast, not '{name}'.": "只能预测销量和销售额，不能预测{name}。",
    "That time is over: query_metrics tells what was sold. A forecast is of days to come.":
        "那段时间已经过去：预测只针对未来的日子，过去的销售可以直接查询。",
    "{name} was never sold in the weeks that there is data for: nothing to forecast from.":
        "{name}在有数据的各周里从未售出，没有可供预测的依据。",
    "That is too far ahead to be forecast with sense. It is {far} weeks; from {held} weeks of sales no more than "
    "{most} can be forecast.":
        "时间太远，无法作出有意义的预测。距今 {far} 周；以 {held} 周的销售历史，最多可预测 {most} 周。",
    "There is too little history to forecast from. There are {held} whole weeks of sales up to {day}; {few} are needed "
    "for a simple forecast, and {more} to train one.":
        "历史太短，还无法预测。到 {day} 只有 {held} 个整周的销售；简单预测需要 {few} 周，训练模型需要 {more} 周。",
    "The model that made that forecast is no longer kept: ask again.": "作出该预测的模型已不再保留，请重新提问。",
    "There is too little history to look back at, so nobody knows yet how good forecasts are.":
        "历史太短，无法回顾检验，因此还不知道预测有多准。",
    # at another price, with a promotion
    "What a price does is told of products and categories: name one.": "价格的影响只能针对商品或品类说明：请指明一个。",
    "The price of {name} has hardly changed so far, so what a change would do can't be told.":
        "{name}的价格至今几乎没有变动过，因此无法判断调价会带来什么影响。",
    "What a promotion does is told of the shop, its products and categories, not of countries.":
        "促销的影响可以针对全店、商品和品类说明，但不能针对国家。",
    "There was no promotion of {name} so far, so what one would do can't be told.":
        "{name}至今没有过促销，因此无法判断促销会带来什么影响。",
    "No promotion of {name} ran from {start} to {end}.": "{start}至{end}期间{name}没有促销。",
    # stock
    "Stock is of products, not of countries.": "库存只针对商品，不针对国家。",
    "What was on hand on an earlier day isn't in the data: say how many were left then.":
        "数据里没有更早日期的库存：请告诉我当时还剩多少。",
    "This shop's data doesn't say how much of {name} is on hand. Say how many are left, and it can be told.":
        "店铺数据里没有{name}的库存。请告诉我还剩多少，就可以算出来。",
    # suspicious orders
    "There are no orders in {period}.": "{period}没有订单。",
    "There is no order {order}.": "没有订单 {order}。",
    "There is no order {order} among those of that time.": "那段时间的订单中没有 {order}。",
    "None of those orders is of that time.": "这些订单都不在那段时间。",
    "This shop has no orders to look at.": "本店没有可供查看的订单。",
    "No other order shares a {name} with that one, as far as the shop knows.":
        "据店铺所知，没有其他订单与它共用{name}。",
    "Whether groups are treated alike can't be told before the shop has a model of fraud of its own.":
        "在本店有自己的欺诈模型之前，无法判断各组是否被同等对待。",
    "Groups by {name} can't be treated alike: no model of the shop's own has looked back at them.":
        "无法按{name}对各组同等对待：还没有本店自己的模型回顾过它们。",
    "The shop doesn't know the {name} of its orders, or it is the same for all.":
        "店铺不知道订单的{name}，或者所有订单都相同。",
    "Another model has been trained, or labels were given, since: the scores are no longer those.":
        "此后又训练了模型或作了标记，评分已经不同。",
    # products
    "This shop has no products to search.": "本店没有可供搜索的商品。",
    "This shop has no product '{name}'.": "本店没有商品“{name}”。",
    "This shop's data has no price for '{name}'.": "店铺数据里没有“{name}”的价格。",
    "Several products fit “{name}”. Which one do you mean?": "有多个商品符合“{name}”，您指哪一个？",
    # figures
    "This shop's data has {clause}.": "店铺数据里{clause}。",
    "no costs (unit_cost), so neither cost, profit nor margin can be told": "没有成本，因此无法得出成本、利润和毛利率",
    "no shop visits (events), so visits and conversion can't be told": "没有访问记录，因此无法得出访问数和转化率",
    "no stock figures": "没有库存",
    "no list prices": "没有标价",
    "no returns": "没有退货记录",
    "no quantities on returns": "没有退货数量",
    "no customer ids on its orders": "订单上没有顾客编号",
    "This shop's data has no {name} on any record.": "店铺数据里没有{name}的信息。",
    "Returns aren't linked to their orders here, so {pair} has no meaning.":
        "这里的退货没有关联到订单，因此这样拆分没有意义。",
    "This shop has no {field} '{name}'.": "本店没有名为“{name}”的{field}。",
    "The nearest: {near}.": "最接近的是：{near}。",
    "There are no shop visits on record for that period.": "那段时间没有访问记录。",
    "This shop has no completed orders yet.": "本店还没有已完成的订单。",
    "Shipping is charged on whole orders, so it has no meaning by product.": "运费按整笔订单收取，按商品看没有意义。",
    "Prices and stock are known only as they stand today, not as they stood then.":
        "价格和库存只有当前的数值，没有当时的数值。",
    "Prices and stock are known only as they stand today, so they can't be compared.":
        "价格和库存只有当前的数值，因此无法比较。",
    "A period after {day} has no data yet, so it can't be compared.": "{day}之后还没有数据，因此无法比较。",
    "Before the whole history there is nothing to compare it with: name a period.":
        "全部历史之前没有可比较的数据：请指明一个时期。",
    "The data covers no {name} of that time in full, so none can be ranked.":
        "那段时间里没有完整的{name}，因此无法排名。",
    "Orders carry this figure as a whole, so it can't be split by {name}.": "这个指标按整笔订单计，不能按{name}拆分。",
    "Order lines can't be split by {name}.": "订单明细不能按{name}拆分。",
    "Customers can't be split by {name} here.": "这里的顾客不能按{name}拆分。",
    "Returns in this shop can't be split by {name}.": "本店的退货不能按{name}拆分。",
    "Shop visits carry no {name}.": "访问记录里没有{name}。",
    "The catalogue is as it stands today and carries no {name}.": "商品目录只有当前的状态，没有{name}。",
    "Retention can't be split by {name} here.": "留存率在这里不能按{name}拆分。",
    "A mean per day, week or month can't be split by day of week or hour; ask for the total.":
        "每天、每周或每月的均值不能按星期或时段拆分，请改问总数。",
    "'{name}' can be read in several ways: {why}.": "“{name}”有不止一种读法，您指哪一种？",
    # why a figure changed
    "There is no {name} in one of the periods, so there is no change to explain.":
        "其中一个时期没有{name}，因此没有可解释的变化。",
    "{name} is a ratio of ratios: ask for one of the two.": "{name}是比率之比：请询问其中一个。",
    "{name} can't be explained: it is neither a sum nor a ratio, so it has no parts that add up.":
        "无法解释{name}：它既不是总和也不是比率，没有可以相加的组成部分。",
    "A share isn't explained by itself: ask for {name}.": "占比本身无法解释：请询问{name}。",
}  # fmt: skip
WORDS = {
    "these products": "这些商品", "this shop": "本店", "its products": "本店商品", "device": "设备", "address": "地址",
    "device or address": "设备或地址", "internet address": "网络地址", "customer": "顾客", "age": "注册时长",
}  # fmt: skip


def said_in(locale: str, message: str) -> str:
    """A refusal of a tool in the language of the question; as it is where it can't be said whole."""
    if locale != "zh":
        return message
    one_by_one = [_chinese(sentence) for sentence in SENTENCES.split(message)]
    return _chinese(message) or ("".join(filter(None, one_by_one)) if None not in one_by_one else message)


def _chinese(message: str) -> str | None:
    """None where it isn't in the table, or what is put in may be a sentence more."""
    for form, chinese in _forms():
        found = form.fullmatch(message)
        if found and not any(SENTENCES.search(said) for said in found.groups()):
            told = {name: _chinese(said) if name == CLAUSE else _word(said) for name, said in found.groupdict().items()}
            return None if None in told.values() else chinese.format(**told)
    return None


def _word(said: str) -> str:
    """The Chinese of a label or word of the tools' own; else as it is: a name of the shop's, a date."""
    return _labels().get(said.casefold(), said)


@functools.cache
def _forms() -> list[tuple[re.Pattern[str], str]]:
    """The sentences as patterns, those with more words of their own first."""
    by_length = sorted(SAID.items(), key=lambda item: -len(re.sub(r"\{\w+\}", "", item[0])))
    return [(re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(said)), re.S), zh) for said, zh in by_length]


@functools.cache
def _labels() -> dict[str, str]:
    metrics = {said.casefold(): m.label_zh for key, m in METRICS.items() for said in (key, m.label)}
    dimensions = {said.casefold(): d.label_zh for key, d in DIMENSIONS.items() for said in (key, d.label)}
    return {**metrics, **dimensions, **WORDS}
