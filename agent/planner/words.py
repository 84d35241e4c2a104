"""The planner's vocabulary, English and Chinese, as data: tag → phrases. Chinese is matched character by character.

Phrases are in lower case. `*` at the end of an English word stands for its regular endings (s, ed, ing …).
"""

from __future__ import annotations

METRICS: dict[str, str] = {
    "revenue": "by spend | total spend | by spending | by amount spent | revenue | revenues | sales | turnover | takings | sales revenue | sales value | income"
    " | till | the tills | sales figures | gross sales | sales numbers | business | revs | rev | order value"
    " | 销售额 | 营业额 | 收入 | 营收 | 销售 | 销售金额 | 銷售額 | 營業額 | 消费金额 | 消费额 | 多少钱 | 多少錢 | 流水 | 卖了多少钱",
    "units": "units | unit | quantity | quantities | qty | pieces | pcs | items sold | units sold | number of items"
    " | volume | volumes | sales volume | unit sales | number of units | copies | sold items"
    " | 销量 | 件数 | 销售量 | 数量 | 銷量 | 件數 | 多少件 | 多少个",
    "orders": "orders | order count | number of orders | purchases | transactions | invoices | order volume | nr of orders"
    " | no of orders | amount of orders | order numbers | baskets | number of purchases | sales orders"
    " | 订单数 | 订单 | 訂單 | 单量 | 订单量 | 下单数 | 訂單數 | 多少单 | 单数 | 几单 | 几笔 | 多少笔 | 几个订单",
    "average_order_value": "average order value | avg order value | aov | average basket value | average basket | avg basket"
    " | basket value | mean order value | average order | average order size | average ticket | basket size | avg order"
    " | average value per order | average spend per order | revenue per order | sales per order | average sale"
    " | average purchase | spend per order | spent per order | spend per purchase | avg basket value | average transaction value | order value on average | average cart value"
    " | 客单价 | 平均订单金额 | 平均每单金额 | 平均每个订单多少钱 | 平均订单价值 | 平均客单价 | 每单平均金额 | 客單價 | 平均每单多少钱",
    "units_per_order": "units per order | items per order | pieces per order | items per basket | units per basket | pieces per basket | products per basket | articles per order"
    " | average items per order | products per order | average number of items per order | 每单件数 | 每个订单多少件",
    "average_price": "average price per piece | average price | avg price | average selling price | asp | average unit price | mean price"
    " | average price per item | price per unit | selling price per unit | average selling price per unit | avg price per item | average price per unit | price per item | price per piece"
    " | average item price | revenue per unit | price on average | avg selling price | 平均价格 | 平均售价 | 均价 | 平均单价",
    "customers": "customers | buyers | clients | shoppers | number of customers | people | known customers | customer count"
    " | different customers | unique customers | distinct customers | customer numbers | active customers | persons"
    " | 客户 | 顾客 | 客戶 | 顧客 | 客户数 | 买家 | 多少人 | 顾客数",
    "new_customers": "new customers | brand new customers | brand new buyers | brand new clients | brand - new customers | brand - new buyers | brand - new clients | first time customers | first time buyers | first-time buyers | first-time customers"
    " | new buyers | new clients | new shoppers | customers new | newly acquired customers | new customer | acquired customers"
    " | 新客户 | 新客 | 新顾客 | 新增客户 | 新增了多少客户 | 新客戶 | 新增顾客 | 新增客户数 | 新客户数 | 新买家",
    "returning_customers": "returning customers | returning buyers | existing customers | customers returning | recurring customers"
    " | old customers | 回头客 | 老客户 | 老顾客 | 回頭客",
    "repeat_rate": "repeat rate | repeat purchase rate | repurchase rate | reorder rate | repeat buying rate | repeat customer rate"
    " | 复购率 | 回购率 | 重复购买率 | 復購率",
    "refunds": "money go back | money went back | money going back | money goes back | money given back | money handed back | 退了多少钱 | 退款多少钱 | refunds | refund | refunded | returned value | money back | refund amount | refunded amount | value of returns"
    " | refund value | refund total | 退款 | 退款额 | 退款金额 | 退款額 | 退款金額",
    "refund_rate": "refund rate | return rate | refund ratio | returns rate | refund percentage | 退款率 | 退货率 | 退貨率",
    "net_revenue": "net revenue | net sales | net turnover | revenue after refunds | sales after refunds | revenue net of refunds"
    " | sales minus refunds | revenue minus refunds | sales less refunds | revenue after returns | sales after returns"
    " | net of returns | net of refunds | revenue less refunds | net takings | 净销售额 | 净收入 | 净营业额 | 淨銷售額 | 扣除退款",
    "guest_share": "guest share | guest order share | guest checkout rate | guest rate | share of guest orders"
    " | share of guest checkouts | guest percentage | 游客订单占比 | 游客占比",
    "guest_orders": "访客订单 | 匿名订单 | guest orders | guest checkouts | guest checkout | guest purchases | orders without customer id"
    " | orders without a customer | anonymous orders | orders without a customer account | orders without an account | orders without customer | orders without account | 游客订单",
    "shipping_income": "shipping income | shipping | shipping revenue | postage | shipping charges | delivery charges"
    " | shipping fees | delivery income | carriage | shipping costs charged | delivery fees | postage income | freight"
    " | 运费 | 运费收入 | 邮费 | 運費",
    "cost": "cost of goods | cost of goods sold | cogs | costs of goods | product cost | product costs | total cost | 成本 | 商品成本",
    "gross_profit": "gross profit | profit | profits | earnings | 毛利 | 利润 | 利潤 | 毛利润",
    "margin": "margin | gross margin | profit margin | margins | profitability | 毛利率 | 利润率 | 利潤率",
    "sessions": "sessions | visits | visitors | shop visits | traffic | page views | 访问量 | 访问次数 | 访客",
    "conversion_rate": "conv . rate | conv rate | cvr | conversion rate | conversion | conversions | conversion ratio | 转化率 | 轉化率",
    "returned_units": "units came back | items came back | pieces came back | units come back | units that came back | units were returned | items were returned | units got returned | units went back | returned units | units returned | items returned | returned items | pieces returned | units sent back"
    " | items sent back | returned pieces | 退货件数 | 退货数量",
    "returns": "returns | number of returns | return count | returned orders | 退货 | 退货次数 | 退货笔数",
    "list_price": "price | list price | price tag | retail price | prices | list prices | 价格 | 标价 | 单价 | 價格",
    "stock": "in the warehouse | in our warehouse | in the stockroom | on the shelf | on the shelves | stock | inventory | on hand | in stock | stock level | stock levels | left in stock | 库存 | 存货 | 庫存",
    "days_between_orders": "days between orders | time between orders | gap between orders | days between purchases"
    " | time between purchases | gaps between orders | order interval | order gap | days between two orders | gaps | gap | days between one order | days between | time between | days pass between"
    " | between one order and the next | next order | days until the next order | days until they order again"
    " | 下单间隔 | 订单间隔 | 购买间隔",
    "countries": "how many countries | number of countries | different countries | 多少个国家 | 几个国家",
    "retention": "retention | retention rate | customer retention | 留存率 | 留存",
    "products": "different products | distinct products | number of products | product codes | different product codes"
    " | number of different products | unique products | different items | distinct product codes | different articles"
    " | number of skus | skus sold | 多少种产品 | 多少种商品 | 产品数 | 多少款",
    "trading_days": "trading days | 营业天数",
}

DIMENSIONS: dict[str, str] = {
    "product": "product | products | item | items | article | articles | sku | skus | goods | bestsellers | best sellers | poorest sellers | weakest sellers | slowest sellers | worst sellers | lines"
    " | bestseller | best seller | top seller | top sellers | product line | 产品 | 商品 | 產品 | 货品 | 单品",
    "category": "category | categories | product category | product categories | department | departments | 类别 | 品类 | 分类",
    "brand": "brand | brands | vendor | vendors | manufacturer | 品牌",
    "country": "country | countries | nation | nations | market | markets | 国家 | 國家 | 国",
    "region": "region | regions | state | states | province | provinces | county | counties | 地区 | 省份 | 省",
    "city": "city | cities | town | towns | 城市",
    "channel": "channel | channels | sales channel | sales channels | 渠道",
    "segment": "segment | segments | customer segment | customer segments | customer group | customer groups | 客户群 | 分群",
    "customer": "spenders | spender | customer | client | buyer | shopper | person",
    "payment_method": "payment method | payment methods | payment type | payment types | method of payment | paid by"
    " | payment | payments | 支付方式 | 付款方式",
    "order": "single order | order number | order no | order id | which order | invoice | transaction | order",
    "day": "day | days | date | dates | 天 | 日 | 日期",
    "week": "week | weeks | 周 | 星期 | 週",
    "month": "month | months | 月 | 月份",
    "quarter": "quarter | quarters | 季度 | 季",
    "year": "year | years | 年 | 年份",
    "weekday": "星期一到星期天 | 星期一到星期日 | 星期一至星期日 | 周一到周日 | 周一至周日 | 周一到周天 | 礼拜一到礼拜天 | monday to sunday | monday through sunday | 每周几 | 每星期几 | by day of the week | by day of week | days of week | weekday | weekdays | day of the week | day of week | days of the week | week day | 星期几 | 周几 | 礼拜几",
    "hour": "hours of day | hours of the day | hour | hours | hour of day | hour of the day | time of day | time of the day | 小时 | 时段 | 钟头 | 點鐘 | 几点",
}

GRAINS: dict[str, str] = {
    "day": "daily | day by day | per day | every day | each day | by day | by date | 每天 | 每日 | 按天 | 按日 | 逐日",
    "week": "weekly | week by week | per week | every week | each week | by week | by the week | 每周 | 按周 | 每星期 | 逐周",
    "month": "monthly | month by month | per month | every month | each month | by month | by the month | month wise"
    " | month over month trend | 每月 | 每个月 | 按月 | 逐月 | 各月 | 每個月",
    "quarter": "quarterly | quarter by quarter | per quarter | every quarter | each quarter | by quarter | 每季度 | 按季度 | 每个季度",
    "year": "yearly | annually | year by year | per year | every year | each year | by year | annual | per annum | 每年 | 按年",
}

GROUP_WORDS: dict[str, str] = {
    "by": "split over | split across | spread over | spread across | by | per | for each | for every | each | every | split by | broken down by | breakdown by | grouped by | across"
    " | in each | from each | of each | in every | breakdown per | split per | 按 | 各 | 每个 | 每 | 分别 | 各个",
    "which": "which | what | whats | wich | who | whos | whose | which of our | 哪 | 哪个 | 哪些 | 谁 | 哪一 | 哪位 | 哪几 | 哪一个 | 什么 | 哪種 | 哪种",
    "how_many": "几多 | headcount | head count | how many | number of | how much many | nr of | no of | count | count of | amount of | total number of | 多少 | 几个 | 有多少 | 多少个",
    "how_much": "how much",
    "how_often": "how often | how many times | number of times | 多少次 | 几次",
}

RANKS: dict[str, str] = {
    "top": "record | highest spending | highest - spending | biggest spending | biggest - spending | top spending | top - spending | best paying | top | best | fastest | fattest | richest | juiciest | healthiest | biggest | highest | largest | most | leading | strongest | busiest | most frequent | most frequently | best selling | best-selling"
    " | bestselling | most popular | greatest | peak | most valuable | max | maximum | bestsellers | best sellers | bestseller"
    " | best seller | top selling | top-selling | top seller | top sellers | most often | most sold | favourite | favorite | hottest"
    " | 最高 | 最多 | 最大 | 最好 | 最畅销 | 前 | 排名 | 最佳 | 卖得最好 | 畅销 | 最常 | 最受欢迎 | 最忙",
    "bottom": "most quiet | least busy | sit at the foot of the table | sits at the foot of the table | at the foot of the table | foot of the table | at the foot | poorest sellers | weakest sellers | slowest sellers | worst sellers | bottom of the table | at the bottom | bottom | worst | lowest | least | smallest | weakest | thinnest | leanest | slowest | quietest | fewest | minimum | min | poorest"
    " | worst selling | worst-selling | least popular | slowest selling | least sold | 最低 | 最少 | 最差 | 最小 | 垫底 | 卖得最差",
}

COMPARES: dict[str, str] = {
    "year_earlier": "yoy | year on year | year over year | y o y | vs last year | versus last year | compared to last year"
    " | compared with last year | than last year | against last year | than a year ago | compared to a year ago | vs a year ago"
    " | than the year before | same dates last year | same period last year | same time last year | vs same dates last year"
    " | vs same period last year | on last year | y/y | a year earlier | vs the year before | against the year before"
    " | compared with the same period last year | compared to the same period last year"
    " | 同比 | 比去年同期 | 与去年同期相比 | 和去年同期比 | 跟去年同期比 | 比去年",
    "mom": "mom | month on month | month over month | m o m | m/m | 环比 | 環比",
    "wow": "wow | week on week | week over week | w o w | w/w | 周环比",
    "previous": "than the period before | vs the period before | vs previous period | compared to the previous period"
    " | compared with the previous period | vs the previous period | versus the previous period | against the previous period"
    " | than before | compared to before | 与上期相比",
    "versus": "ahead of | lagging behind | up on | down on | vs | versus | against | compared to | compared with | compare with | compare to | in comparison with"
    " | in comparison to | than | as against | 相比 | 对比 | 比 | 與 | 与",
    "compare": "compare | comparison | compared | difference between | difference | do better than | did better than | better than"
    " | 比较 | 对比一下",
    "growth": "% swing | percent swing | growth | growing | grow | grown | grew | growth rate | percent change | percentage change | % change | change"
    " | change in % | changed | increase | increased | decrease | decreased | up or down | by how many percent | by how much percent"
    " | by how much | how much higher | how much lower | how much better | gone up | gone down | going up | going down | rise | risen"
    " | drop | dropped | fall | fell | fallen | up by | down by | higher | lower | rose | % up or down | by how many %"
    " | how much more | how much less | improve | improved | delta | in percent terms | trending | 增长 | 增长率 | 下降 | 涨了 | 跌了 | 变化"
    " | 增长了百分之几 | 增长多少 | 增长了多少 | 增長 | 下降了多少 | 增幅",
}

SHARES: dict[str, str] = {
    "share": "what slice | slice of that | slice of those | slice of all | slice of our | represent | represents | share | share of | portion | portion of | what portion of | percentage | percentage of | percent of | % of | proportion | proportion of | fraction"
    " | fraction of | what part of | what part | what % of | what percent of | what percentage of | what proportion of | as % of"
    " | as a percentage of | as percent of | as share of | as a share of | in % of | contribution of | contributes | contribution"
    " | relative to | in relation to | account for | accounts for | accounted for | make up | makes up | made up"
    " | 占 | 占比 | 百分之几 | 百分之多少 | 几成 | 比例 | 占总 | 百分比 | 份额 | 佔",
    "total": "total | add up | add them up | added up | add these up | sum up | summed up | sum these | all together | altogether | in total | all in all | in all | sum | grand total | sum of | 加起来 | 加在一起 | 合起来 | 合在一起"
    " | combined | together | all three | all three together | both together | all four | the three together | all of them together | the sum of both | 一共 | 总共 | 总 | 总计 | 合计 | 總共 | 共",
}

CONDITIONS: dict[str, str] = {
    ">": "more than | over | above | greater than | exceeding | bigger than | larger than | higher than | > | in excess of"
    " | 超过 | 大于 | 多于 | 高于 | 超過",
    ">=": "at least | or more | minimum of | not less than | no fewer than | >= | from | and more | and above | or above | upwards of"
    " | 至少 | 及以上 | 以上 | 不少于",
    "<": "less than | fewer than | under | below | smaller than | < | lower than | 少于 | 小于 | 不到 | 低于",
    "<=": "at most | up to | or less | or fewer | no more than | not more than | <= | maximum of | 至多 | 不超过 | 及以下 | 以下",
    "=": "exactly | precisely | only | just | 只 | 恰好 | 仅",
}
TIMES = "times | time | x | orders | purchases | 次 | 单 | 回"

EXCLUDES = (
    "anywhere but | everywhere but | everyone but | outside | outside of | non - | non | not | not sold to | not to | not from | not sold in | not sent to | excluding | except | except for | without | other than | not in | not from | apart from | exclude | minus"
    " | leaving out | leave out | leave | excl | ex | but not | aside from | besides | drop | take out | ignoring | not including | skip | drop out | out"
    " | 除了 | 不含 | 不包括 | 除 | 以外 | 不算 | 去掉"
)
INCLUDES_ONLY = "only | just | only in | out of | came out of | coming out of | only for | just for | in | for | from | at | 只看 | 只 | 仅"

CONTAINS = (
    "名称里带 | 名字里带 | 名称中带 | 带有 | 带 | with | called | named | containing | contain | contains | contained | including | in the name | in its name | in the title"
    " | in their name | has | have | name has | title has | whose name contains | whose title contains | anything with"
    " | in the product name | product name | something | 名字里有 | 名称含 | 包含 | 含有 | 含"
)

KNOWN: dict[str, str] = {
    "guest": "guests | guest | no customer number | without a customer number | 没有客户号 | 无客户号 | 没有账号 | 没有客户编号 | 没有注册 | no customer account | without a customer account | no account | without account | without customer id | without a customer id | no customer id | without an account | anonymous"
    " | guest buyers | not logged in | 游客 | 访客下单 | 匿名",
    "known": "known | registered | logged in | with an account | identified | 已知 | 注册",
    "new": "第一次来买 | 第一次买 | 第一次下单 | 第一次购买 | 第一次来 | 首次购买 | 首次下单 | 头一回买 | 头一次买 | first timers | first - timers | were new | are new | was new | new ones | brand new | were first timers | first time | 是新的 | 新的",
    "back": "werent new | arent new | wasnt new | in some earlier month | in an earlier month | in any earlier month | in earlier months | bought previously | ordered previously | had previously bought | had previously ordered | not new | not first - timers | not first timers | not first - time | were not new | are not new | weren't new | aren't new | not first timers | were returning | are returning | had bought before | were existing | returning ones",
    "once": "只下过一单 | 只下过一次单 | 只下一单 | 只下了一单 | 只有一单 | 仅下一单 | 只买过一次 | 只买一次 | 只买了一次 | once | one time | a single time | just once | only once | exactly once | 一次 | 只一次",
    "twice": "twice | two times | 两次",
    "repeat": "repeat customers | repeat buyers | more than once | 多次购买",
    "before_period": "before | already ordered | already bought | had already ordered | already",
    "again": "again | also bought | also ordered | also shopped | also purchased | both months | both periods | both quarters | in both | also in | as well as in | 都 | bought again in | also bought in | and in | bought again | came back | ordered again | come back | 再次 | 又",
    "bought_together": "travel together | travelled together | appear together | appeared together | bought together | bought together with | sold together with | purchased together | bought along with"
    " | in the same basket | in the same order | in the same orders | in the same baskets | together with | ordered together | ordered together with | goes into the basket with"
    "| in one order with | in one basket with | lands in the same basket | land in the same basket | end up in the same order | 同一订单 | 同一个订单 | 同一张订单 | 同一单 | 搭配购买 | 一块买 | 一起买 | 一起购买 | 同时购买 | 一起下单",
}

VERBS: dict[str, str] = {
    "charge": "billed | invoiced | charge | charged | charging | 收取",
    "sell": "left the building | left the warehouse | left the shop | gone out | went out | go out | shipped | out the door | moved | flew off the shelves | sell | sold | sells | selling | shift | shifted | 卖 | 卖出 | 售出 | 卖了 | 賣 | 卖掉 | 卖得",
    "earn": "put in the drawer | put in the till | in the drawer | ring up | rang up | rung up | earned us | made us | brought us | collect | collected | fetch | fetched | make | made | earn | earned | take | took | taken | bring in | brought in | bring | brought | brings in | brings | generate"
    " | generated | turn over | turned over | took in | take in | bringing in | rake in | pull in | gross | grossed | came in | come in"
    " | coming in | cash in | 赚 | 赚了 | 带来",
    "spend": "spend | spent | spends | spending | paid | pay | pays | bought for | spends with us | 消费 | 花 | 花了 | 消费了",
    "buy": "成交 | 成交了 | buy | bought | buys | buying | purchase | purchased | purchasing | ordered | ordering | placed | place | order from us"
    " | place order | shopped | shop with us | 买 | 买了 | 购买 | 下单 | 下过 | 买过 | 订购 | 購買 | 下了",
    "refund": "hand back | handed back | give back | gave back | paid back | pay back | refunding | given back | 退了 | 退还",
    "return": "returned | sent back | came back as returns | send back | 退回",
    "win": "win | won | gain | gained | acquire | acquired | get | got | add | added | sign up | 获得 | 新增 | 增加",
}

# Tools that other parts of the product answer; a planner names the tool, the toolbox says whether it is there yet.
MODEL_TOOLS: dict[str, str] = {
    "forecast_sales": "should we expect | can we expect | do we expect | should i expect | forecast | forecasts | predict sales | prediction | projected | projection | expect to sell | will we sell"
    " | expected | likely to sell | going to sell | will sell | run out | reorder | how much should i order | will we make | will we"
    " | outlook | will it | are we likely | end up at | end up above | end up below | end up over | end up under | end up with | will end up | we end up | likely to beat | likely to exceed | likely to top | predict | predicted | restock | 预测 | 预计 | 将会卖 | 会卖",
    "score_fraud": "would you trust | can we trust | can i trust | should we trust | should i trust | look legit | looks legit | is it legit | fraud | fraudulent | suspicious | dodgy | scam | fraudsters | fishy | suspect | stolen card | 欺诈 | 可疑 | 诈骗",
    "predict_churn": "likelihood they're gone | likely gone | gone for ever | won't come back | wont come back | will not come back | not come back | never come back | won't order again | won't return | about to lose | going to lose | likely to lose | might lose | might be losing | risk of losing | slipping away | drifting away | churn | churning | at risk of leaving | about to leave | gone for good | stop buying | leaving us | likely to leave"
    " | about to churn | churn risk | at risk | 流失",
    "optimise_price": "right money | ask too little | ask too much | asking too little | asking too much | charge too little | charge too much | suggest a price | suggest a selling price | suggest a new price | suggest a better price | price suggestion | recommend a price | recommended price | recommended selling price | what price should | ideal price | should i charge | should we charge | too cheap | too expensive | raise the price | lower the price | optimal price"
    " | best price | put the price | put up the price | price elasticity | elasticity | right price | priced right | priced well | well priced | correctly priced | cut the price | increase the price"
    " | price up | price down | 定价 | 涨价 | 降价",
    "recommend_products": "what to offer | what to suggest | would suit customer | could i offer | can i offer | could we offer | can we offer | offer them | offer him | offer her | suggest to them | suggest to him | suggest to her | recommend | recommendation | recommendations | goes well with | go well with | next best offer | cross sell"
    " | upsell | suggest to customer | should i offer | pair with | pairs well with | 推荐",
    "search_products": "something like | similar to | do we have something | find me | looking for | gift ideas | which products match"
    " | anything like | what have we got | do we have any | do you have | customer asks for | have we got | like a | 类似 | 有没有",
    "explain_change": "what pushed | what lifted | what dragged | what pulled | what boosted | what hurt | what hit | what sent | why | to blame | reason for | reasons for | what caused | behind that | whats behind | what is behind | explain | how come"
    " | what drove | what happened | because of what | what explains | what led to | what made | driving | 为什么 | 为啥 | 为何"
    " | 什么导致 | 原因 | 怎么回事 | 怎么跌 | 怎么涨了 | 怎么降了 | 怎么掉了 | 怎么少了 | 怎么下降 | 怎么下滑 | 怎么上升 | 怎么减少了"
    " | 怎么增加了 | 怎么变少 | 怎么变多",  # "怎么减少" alone asks how to
}

ACTIONS = (
    "drop table | drop tables | drop database | alter table | insert into | truncate | email | send | delete | cancel | change the price | set the price | update | remove | add a product | post | publish"
    " | call | message | text | refund order | mark | create | ship | notify | print | book | buy me | transfer | erase | give me a discount"
    " | switch off | activate | deactivate | schedule | invite | block | tell my customers | write an email | launch | 发送 | 删除 | 取消 | 修改 | 发邮件"
)

SLANG = {"ths": "this", "thsi": "this", "tihs": "this", "abv": "above", "blw": "below", "ordrs": "orders", "lst": "last", "nxt": "next", "mnth": "month", "mnths": "months", "wks": "weeks", "mths": "months", "yrs": "years", "qtrs": "quarters", "yday": "yesterday", "hwo": "how", "wot": "what", "meny": "many", "manny": "many", "mutch": "much", "teh": "the", "payed": "paid", "y'day": "yesterday", "betwen": "between", "beetween": "between", "bewteen": "between", "sinse": "since", "durring": "during", "pct": "percent", "perc": "percent", "payd": "paid", "recieved": "received", "wat": "what", "whcih": "which", "hw": "how", "hom": "how", "bday": "birthday", "b'day": "birthday", "xmas": "christmas", "chrimbo": "christmas", "custs": "customers", "cust": "customer",
         "prods": "products", "prod": "product", "ppl": "people", "qtr": "quarter", "wk": "week", "mth": "month", "yr": "year",
         "pics": "pictures", "avg.": "average", "nov.": "nov", "no.s": "numbers", "biz": "business"}  # fmt: skip
NEGATIONS = (
    "never | never again | not | but not | haven't | hasn't | havent | hasnt | didn't | didnt | did not | have not | has not | no longer"
    " | stopped | nothing | not again | not since | isn't | weren't | without a sale | without sales | without any sale | no sales | no orders"
    " | none in | none since | none during | none after | 没有 | 没 | 未 | 从未 | 不再"
)

UNDEFINED: dict[str, tuple[str, tuple[str, ...]]] = {
    "lost": ("'Lost' customers can be counted in several ways.", ("Customers without an order in the last 90 days", "Customers without an order in the last 180 days")),
    "vip": ("What makes a VIP customer here?", ("Top 10 customers by revenue", "Customers with more than 10 orders")),
    "big_orders": ("From what amount on is an order big?", ("Orders over 500", "Orders over 1,000")),
    "good_customers": ("What makes them good: revenue or number of orders?", ("Top 10 customers by revenue", "Top 10 customers by orders")),
    "slow": ("From when on is a product slow?", ("Products not sold in the last 90 days", "Products with fewer than 10 units sold in the last 90 days")),
    "expensive": ("From what price on is a product expensive?", ("Top 10 products by average price", "Top 10 products by revenue")),
    "difficult": ("What makes a customer difficult: refunds or returns?", ("Top 10 customers by refunds", "Top 10 customers by returned units")),
    "loyal": ("What makes a customer loyal here?", ("Customers with more than 5 orders", "Customers with more than 10 orders")),
}  # fmt: skip
UNDEFINED_WORDS: dict[str, str] = {
    "lost": "lost | lose | losing | lapsed | inactive | dormant | sleeping customers | sleeping accounts | 失去 | 丢失 | 流失了多少",
    "vip": "vip | vips | important customers | key customers | key accounts | 大客户 | 重要客户",
    "big_orders": "big orders | large orders | big order | small orders | huge orders | little orders | 大订单 | 大单 | 小订单",
    "good_customers": "good customers | bad customers | high value customers | valuable customers | 好客户 | 优质客户",
    "slow": "slow movers | slow moving | slow sellers | slow mover | 滞销 | 滯銷",
    "expensive": "expensive products | expensive items | pricey products | pricey items | expensive ones | 贵的产品 | 贵的商品",
    "difficult": "difficult customers | problem customers | awkward customers | troublesome customers | 难缠的客户",
    "loyal": "loyal customers | regular customers | regulars | loyal | frequent customers | frequent buyers | 忠实客户",
}

NOT_IN_DATA: dict[str, str] = {
    "reviews": "review | reviews | rating | ratings | rated | stars | feedback | 评价 | 评论 | 评分",
    "promotions": "promotion | promotions | campaign | campaigns | voucher | vouchers | coupon | coupons | discount code | 促销 | 优惠",
    "return reasons": "return reasons | reasons for returns | return reason | main return reasons | reason for returning | 退货原因",
    "contacts of customers": "card numbers | card number | credit card details | bank details | passwords | email addresses | phone numbers | emails | phone number | email address | contact details | addresses"
    " | phones | telephone numbers | 邮箱 | 电话",
    "gender and age": "are women | are men | are female | are male | gender | genders | women or men | men or women | male or female"
    " | date of birth | dates of birth | birthdays | 性别 | 男女",
    "competitors": "competitors | competitor | other shops | competition | industry average | 竞争对手 | 同行",
    "other shops": "next door | another shop | another store | someone else's shop | someone else's store | other stores"
    " | shop across the street | neighbouring shop | rival shop | 别的店 | 别家 | 隔壁 | 其他店铺",
    "market prices": "gold price | price of gold | oil price | share price | share prices | stock price | stock prices | house prices"
    " | bitcoin | 金价 | 油价 | 股价 | 房价 | 比特币",
    "weather": "weather | it rain | it rained | rainfall | raining | rainy | sunny | temperature | snow | 天气",
    "advertising": "ads | advertising | ad spend | adwords | facebook | google | instagram | marketing spend | newsletter | roas | 广告",
    "abandoned baskets": "abandonment | abandoned | cart abandonment | abandoned carts | abandoned baskets | 弃购",
    "exchange rates": "exchange rate | exchange rates | the euro | the dollar | the pound | the yen | 汇率",
    "sold-out products": "sold out | out of stock | zero stock | 缺货 | 断货 | 无货",
    "staff": "staff | employees | salaries | wages | employee | rent | taxes | 员工 | 工资",
}

CORRECTIONS = "sorry | i meant | i mean | no i meant | actually | oops | correction | my mistake | rather | 我是说 | 不对 | 说错了"
FOLLOW_STARTS = (
    "restrict it to | restrict that to | restrict this to | narrow it to | narrow that to | narrow it down to | filter it to"
    " | filter that to | limit it to | limit that to | back to | go back to | do that | do the same | do it | do this | same with | and | what about | how about | same | the same | same for | only | just | now | then | also | but | so | plus | or | instead | without"
    " | by | per | as | in | for | make that | make it | leave | add | compare | of those | of these | of them | with | ok | okay"
    " | all | 那 | 那么 | 还有 | 只看 | 只要 | 换成 | 按 | 再 | 同样 | 呢 | 改成"
)
PRONOUNS = (
    "they | them | their | he | she | his | her | him | it | its | that | those | these | this one | that one | of those | same"
    " | that customer | that product | this customer | this product | such | both | 它 | 他 | 她 | 他们 | 她们 | 这些 | 那些 | 这个 | 那个"
)
DANGLING = "the two | the other country | the other product | the other customer | the other month | the other category | the other one | the other | the other ones | the former | the latter | the second one | both of them | those two | 另一个 | 那两个"
CHARTS = (
    "plot | chart | graph | draw | visualise | visualize | diagram | plot that | show as chart | 画图 | 图表 | 画出来"
)
INSTEAD = "instead | rather than | rather than that | 而不是 | 改为 | 换成"
WHOLE_SHOP = "whole shop | overall | entire shop | all countries | all products | all customers | everywhere | whole store | all of them | 全店 | 整体"
ADD = "next to it | next to them | next to that | beside it | beside them | alongside it | alongside them | alongside | as another column | in another column | as an extra column | in the next column | add | also | plus | as well | too | and also | along with | together with their | 加上 | 再加"
REST = "and the rest | everything else | all others | the rest | and others | rest combined | 其余 | 其他"
WEEKEND = "sat and sun | sat & sun | sat + sun | sat / sun | sats and suns | weekend | weekends | on weekends | at weekends | at the weekend | weekend days | 周末的 | 周末"

STOPWORDS = frozenset(
    """
    money a an the of in on at to for from by with and or is are was were be been being do does did done have has had
    having i we us our ours my me you your please pls plz kindly could can would should will shall may might must
    show give tell list get see know want need like what whats which who whos how hows when where there here that
    this these those it its they them their he she his her him so far now just only also too then than as if but not
    no yes hi hello hey good morning afternoon evening thanks thank thx dear team ok okay let lets look looking
    display report find out us all any some each every per total overall number amount figure figures value question
    quick quickly quick-question wondering curious im ive id ill am shop store business our company going go went
    come came did up down about around between both during within over into off via across through after before
    since until till ago per well really exactly actually currently present presently right ever yet still
    altogether together combined them much many more most less few make made do does mean say said ask asking
    prepare preparing board pack meeting boss accountant bank tax return-of please? one ones pull run check wise
    terms term regarding concerning concerned basis compare compared way kind sort of-the stuff thing things got
    gotten s t re ve ll d m roughly approximately approx usually normally typical typically whole entire entirely
    complete full fully different various separate separately respectively individual individually same such own
    very who'd who've who's they'd they've quite hang silly stupid dumb incoming asked management colours colors plan plans financial shared pretty big how's what's who's where's it's we've we're i'd i'm i've let's that's there's thats theres
    happened happen happening perform performed performing performance doing going numbers data result results
    answer info information details detail average avg mean on-average product products item items customer
    customers order orders shop's store's by-the mr mrs pl appreciated would've be able possible back else other
    others another day days week weeks month months year years quarter quarters time times date dates period today's
    count counts sum sums figures stats statistics statistic level levels rate rates wanted needed interested u ur r
    n nr no nos because anyone anybody someone somebody everyone people person persons bit lot lots kinds sorts
    types type lately recent recently first second last next previous past current so-far ending ended end start
    started begin began beginning inclusive included including include includes exclusive line lines code codes name
    names title titles called named word words containing contains ! ? . , : ; - — … ' " ( ) / & + £ $ € % what're
    gimme wanna gonna lemme cheers mate btw fyi asap erm hmm uh um ah oh wow great finished unfinished complete
    hiya bunch comes rough idea fine exact nicer inside everybody weve youve theyve dont doesnt wasnt incomplete over everything anything something pool placed charge charged percent pct % nicely issued confirm
    confirming shut closed helps helping help received receive became become whatever whichever serve served serving
    reached reach split splitting broke break file files put putting beside side sides till gone door doors sell
    seller curious husband wife sister brother dad mum boss colleague friend says said told saying thinking
    think thought guess guessing believe believed hope hoping remember remembered remind reminding wonder state
    stating list listing listed advise advice tally tot totted add adding came coming held hold holding kept keep
    keeping pound pounds quid gbp euro euros dollar dollars usd eur rmb yuan sterling currency consecutive active
    identified entire period particular specific certain given single sale each-other apiece sort sorted order-by
    ranked ranking rank arranged highest-first alphabetical chart table tabular overview summary summarise summarize
    breakdown broken-down view recorded registered logged booked book booking clocked counted counting reckon
    reckoned approximately precise precisely exact grand thanks-a-lot brilliant lovely grateful obliged kind regard
    old young man woman lady gentleman honestly basically simply literally again-please urgent urgently quickly soon
    later early next-to compare-with alongside against-each-other difference-in hit hits hitting achieved achieve
    achieving managed manage managing reported report reports recently meanwhile anyway maybe perhaps probably
    certainly definitely surely obviously truly indeed though although because since-then while whereas unless
    therefore hence thus however cause why-not instead-of besides plus minus-sign equal equals equivalent worked
    works working work run running runs started starting opened opening open close closing christmas-time fiscal
    accounting accounts books ledger journal audit auditor audits return-entries entries entry row rows record
    records line-by-line amongst among amid towards toward near nearby alone apart aside away along past-due worth
    distinct unique moment anywhere eh acct concentrated concentration cohort require required requires meaning represent represents represented makes taking obtain obtained tabulate tabulated sit sits sitting obviously value valued nice cool perfect super best-regards regards sincerely sir madam folks guys
    """.split()
)
STOP_ZH = (
    "的 了 吗 但 但是 却 呢 是 我们 我 你 您 请 问 请问 一下 给 给我 看看 看 查 查询 显示 列出 告诉 知道 想 要 有 在 和 与 及 或 从 到 至 于 为 把 被 对 就 也 都 还 又"
    " 一共 总共 共 累 个 件 种 款 家 位 名 多少 几 什么 怎么样 如何 情况 数据 店 店铺 商店 店里 本店 每 各 分别 按 平均 最 里 中 内 间 之间 之 上 下 元 块 钱"
    " 产品 商品 订单 客户 顾客 卖 卖了 卖出 买 买了 购买 下单 ， 。 ？ ！ 、 ： ； （ ） 「 」 “ ” 能 可以 吧 啊 呀 哦 麻烦 谢谢 你好 您好 这 那 其 它 他们"
    " 东 西 东西 当中 通过 出现 共同 以 来 去 做 成 出 得 地 时 候 时候 期间 一天 当中 发生 产生 含 不 后 前 帮 帮我 统计 次 过 数 量 额 三 目前 现在 所有 全部 整个 一 会 能否 卖得"
    " 份 张 係 嘅 咗 咁 嗰 喺 唔 俾 啲 呀 英镑 镑 美元 欧元 排 序 改 成 换 升 跌 进 进行 整 完 整 位 笔 帮忙 顺便 实际 实际上 想知道 麻烦您 而且 以及 它们 咱 咱们 嘛 些"
    " 下 跟 的话 大概 左右 付款 分开 分開 看 请给 一个 是多少 有多少 分 金额 除以 用 名称 点 號 号 日 月 年 周 季度 小时"
)
