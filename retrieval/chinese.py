"""Chinese words for what shops sell, put into English: for a shop whose texts are English alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from retrieval.words import HAN_KANA, squeeze

# English, then its Chinese words. Of two readings of a text the one with the longer words holds.
SAID = """
light 灯 灯具 灯饰|lamp 灯 台灯 吊灯 落地灯|night light 夜灯 小夜灯|fairy lights 彩灯 串灯|lantern 灯笼 提灯
torch 手电筒|candle 蜡烛|scented candle 香薰蜡烛|candle holder 烛台|clock 钟 时钟|wall clock 挂钟|alarm clock 闹钟
watch 手表|mirror 镜子 镜|frame 相框 画框|picture 画 挂画|photo 照片|poster 海报|vase 花瓶|flower 花 鲜花
artificial flower 假花|plant 植物 盆栽|flower pot 花盆|basket 篮子 篮|box 盒子 盒 箱子|storage 收纳|jar 罐子 罐
tin 铁盒 铁罐|bottle 瓶子 瓶|hot water bottle 热水袋|water bottle 水壶 水瓶|flask 保温杯 保温瓶|cup 杯子 杯|mug 马克杯
glass 玻璃杯|wine glass 酒杯|teapot 茶壶|tea 茶 茶叶|coffee 咖啡|kettle 烧水壶|plate 盘子 盘 碟子|bowl 碗|tray 托盘
jug 壶|spoon 勺子 勺|fork 叉子|knife 刀 刀具|chopsticks 筷子|cutlery 餐具|chopping board 砧板 菜板|pan 平底锅 锅
pot 汤锅|oven glove 隔热手套|apron 围裙|tea towel 茶巾|towel 毛巾 浴巾|napkin 餐巾|paper napkin 餐巾纸|tablecloth 桌布
place mat 餐垫|coaster 杯垫|cake 蛋糕|cake stand 蛋糕架|baking 烘焙|cake cases 蛋糕纸杯|lunch box 饭盒 午餐盒 便当盒
egg cup 蛋杯|kitchen 厨房|scales 秤|table 桌子 餐桌|desk 书桌 办公桌|chair 椅子|stool 凳子|sofa 沙发|bed 床
wardrobe 衣柜|drawer 抽屉|shelf 架子 置物架|bookcase 书架|cabinet 柜子|cushion 靠垫 抱枕 坐垫|cushion cover 靠垫套
pillow 枕头|blanket 毯子 毛毯|duvet 被子|rug 地毯|doormat 门垫|curtain 窗帘|hook 挂钩|coat rack 衣架|door 门
sign 牌子 标牌|magnet 冰箱贴 磁贴|decoration 装饰 装饰品 摆件|bathroom 浴室|soap 肥皂 香皂|shampoo 洗发水
toothbrush 牙刷|comb 梳子|perfume 香水|lipstick 口红|face cream 面霜|bag 包 包包 袋子|shopping bag 购物袋
handbag 手提包|backpack 背包 书包|purse 零钱包|wallet 钱包|suitcase 行李箱|umbrella 雨伞 伞|raincoat 雨衣|hat 帽子
scarf 围巾|gloves 手套|socks 袜子|shoes 鞋 鞋子|slippers 拖鞋|boots 靴子|belt 腰带|shirt 衬衫|t shirt t恤
trousers 裤子|jeans 牛仔裤|shorts 短裤|skirt 半身裙|dress 连衣裙 裙子|jacket 夹克|coat 外套 大衣|sweater 毛衣
pyjamas 睡衣|underwear 内衣|swimsuit 泳衣|necklace 项链|bracelet 手链 手镯|earrings 耳环|ring 戒指|brooch 胸针
hair 头发|hair clip 发夹|jewellery 首饰 珠宝|sunglasses 太阳镜 墨镜|keyring 钥匙扣|key 钥匙|toy 玩具|doll 娃娃
soft toy 毛绒玩具|teddy bear 泰迪熊|puzzle 拼图|game 游戏|cards 扑克牌 纸牌|ball 球|balloon 气球|kite 风筝
bicycle 自行车|car 汽车|train 火车|plane 飞机|building blocks 积木|birthday 生日|birthday card 生日卡|party 派对 聚会
gift 礼物 礼品|gift bag 礼品袋|wrapping paper 包装纸|ribbon 丝带|card 贺卡 卡片|greeting card 贺卡|postcard 明信片
envelope 信封|sticker 贴纸|christmas 圣诞 圣诞节|christmas tree 圣诞树|bauble 圣诞球|easter 复活节|halloween 万圣节
wedding 婚礼|valentine 情人节|book 书 图书|notebook 笔记本 本子|diary 日记本|calendar 日历|pen 笔 钢笔|pencil 铅笔
crayon 蜡笔|ruler 尺子|rubber 橡皮|pencil case 笔袋 文具盒|scissors 剪刀|tape 胶带|paper 纸|craft 手工|sewing 缝纫
knitting 编织|wool 毛线|button 纽扣|garden 花园 园艺|gardening gloves 园艺手套|watering can 洒水壶 浇水壶|seeds 种子
bird feeder 喂鸟器|hammock 吊床|tent 帐篷|picnic 野餐|barbecue 烧烤|beach 沙滩|ladder 梯子|hammer 锤子
screwdriver 螺丝刀|drill 电钻|tool 工具|bin 垃圾桶|broom 扫帚|phone 手机 电话|phone case 手机壳|charger 充电器
cable 数据线 电缆|power bank 充电宝|battery 电池|plug 插头|adapter 适配器|computer 电脑|laptop 笔记本电脑
tablet 平板电脑 平板|monitor 显示器|keyboard 键盘|mouse 鼠标|mouse pad 鼠标垫|printer 打印机|ink 墨水|toner 墨粉 硒鼓
hard drive 硬盘|memory card 存储卡 内存卡|usb stick u盘 优盘|camera 相机 照相机|tripod 三脚架|headphones 耳机
speaker 音箱 音响|microphone 麦克风|television 电视 电视机|projector 投影仪|radio 收音机|router 路由器|fridge 冰箱
washing machine 洗衣机|microwave 微波炉|oven 烤箱|toaster 烤面包机|hair dryer 吹风机|iron 熨斗|fan 风扇 电风扇
vacuum cleaner 吸尘器|heater 取暖器|thermometer 温度计|chocolate 巧克力|sweets 糖果|biscuits 饼干|honey 蜂蜜
wine 葡萄酒 红酒|milk 牛奶|fruit 水果|bread 面包|cat 猫|dog 狗|bird 鸟|rabbit 兔子|bear 熊|elephant 大象|owl 猫头鹰
butterfly 蝴蝶|horse 马|fish 鱼|heart 心 爱心 心形|star 星星|rose 玫瑰|apple 苹果|strawberry 草莓|cherry 樱桃
mushroom 蘑菇|angel 天使|fairy 仙女|dinosaur 恐龙|princess 公主|pirate 海盗|robot 机器人|space 太空
child 孩子 小孩 儿童|baby 宝宝 婴儿|girl 女孩|boy 男孩|woman 女士 女人|man 男士 男人|mum 妈妈|dad 爸爸|friend 朋友
red 红色 红|blue 蓝色 蓝|green 绿色 绿|yellow 黄色 黄|pink 粉色 粉红色 粉红|white 白色 白|black 黑色 黑|purple 紫色
orange 橙色 橘色|brown 棕色 咖啡色|grey 灰色|gold 金色|silver 银色 银|cream 奶油色|ivory 象牙色 米色|turquoise 青绿色
retro 复古|vintage 复古 怀旧|antique 古董 仿古|modern 现代|small 小|large 大|mini 迷你|round 圆 圆形|square 方形
long 长 长款|wooden 木 木制 木质|metal 金属|glass 玻璃|ceramic 陶瓷|porcelain 瓷器|plastic 塑料|paper 纸质
leather 皮革 真皮|cotton 棉 纯棉|wool 羊毛|silk 丝绸|silver 纯银|bamboo 竹 竹制|spotty 圆点 波点|striped 条纹
floral 碎花 印花|hanging 悬挂 挂式|folding 折叠|waterproof 防水|wireless 无线|bluetooth 蓝牙|electric 电动
solar 太阳能|portable 便携|warm 保暖|soft 柔软|funny 搞笑|cute 可爱|set 套装|pack 装|handmade 手工制作|cheap 便宜
winter 冬天 冬季|summer 夏天 夏季|outdoor 户外|travel 旅行|sport 运动|office 办公
"""
SMALL = "的 地 和 与 或 款 个 只 用 给 在 里 上 是 了 有".split()


@cache
def english() -> dict[str, str]:
    """Each Chinese word → its English ones, the likeliest first; "" for what says nothing of a product."""
    found: dict[str, list[str]] = {word: [] for word in SMALL}
    for entry in SAID.replace("\n", "|").strip("|").split("|"):
        *before, rest = _parted(entry)
        for word in rest.split():
            found.setdefault(word, []).append(" ".join(before))
    return {word: " ".join(dict.fromkeys(names)) for word, names in found.items()}


def _parted(entry: str) -> tuple[str, str]:
    """The English of an entry and its Chinese words, which may begin with a letter: "t恤"."""
    at = next(i for i, piece in enumerate(entry.split()) if HAN_KANA.search(piece))
    pieces = entry.split()
    return " ".join(pieces[:at]), " ".join(pieces[at:])


def in_english(text: str, said: Callable[[str], bool]) -> str:
    """The text with its Chinese words in English, as far as they are known; those stay that the shop has (`said`)."""
    if not HAN_KANA.search(text):
        return text
    longest, at, parts = max(map(len, english())), 0, list[str]()
    while at < len(text):
        word = next((w for n in range(longest, 0, -1) if (w := text[at : at + n].lower()) in english()), "")
        if word and not said(word):
            parts.append(f" {english()[word]} ")
        else:
            parts.append(word or text[at])
        at += len(word) or 1
    return squeeze("".join(parts))
