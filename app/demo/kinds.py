"""What the demo's shops sell: one row for each category of the Changchun pack.

Brands are invented. Prices are what one unit lists at. The mix is weighted so that appliances sell for about
¥3,360 and phones, tablets and watches for about ¥2,910 on average, as reported for 2025.
"""

from typing import Final, NamedTuple

HOUSEHOLD: Final = (
    "松岭",
    "云杉谷",
    "北湖",
    "白桦里",
    "极光屋",
    "春屿",
    "禾木居",
    "冰川谷",
    "伊水",
    "鹿鸣坞",
)
DIGITAL: Final = ("星桥", "青禾", "拓野", "回声", "山石", "蓝鲸港", "知更")
RENOVATION: Final = ("筑雅", "木言", "石间", "澜庭", "栖里", "素璞", "南栅")
CYCLES: Final = ("雁行", "轻羽", "铁骑兰", "风行里", "小站")
CARE: Final = ("颐安", "松鹤堂", "康伴", "守望角")


class Kind(NamedTuple):
    """`forms` run from cheap to dear, "*" marking a cellular radio; `grades` are dealt to models in turn, one
    character each, "-" being no label; `weight` is relative to that of the others."""

    category: str
    noun: str
    prefix: str
    brands: tuple[str, ...]
    forms: tuple[str, ...]
    low_yuan: int
    high_yuan: int
    grades: str
    weight: float
    models: int
    serialised: bool = True


def _kinds(brands: tuple[str, ...], rows: str, *, serialised: bool = True) -> tuple[Kind, ...]:
    """Rows of `category noun prefix forms low-high grades weight models`; forms are joined by commas."""
    kinds = []
    for row in rows.strip().splitlines():
        category, noun, prefix, forms, prices, grades, weight, models = row.split()
        low, high = prices.split("-")
        kinds.append(
            Kind(
                category=category,
                noun=noun,
                prefix=prefix,
                brands=brands,
                forms=tuple(forms.split(",")),
                low_yuan=int(low),
                high_yuan=int(high),
                grades=grades,
                weight=float(weight),
                models=int(models),
                serialised=serialised,
            )
        )
    return tuple(kinds)


APPLIANCES: Final = _kinds(
    HOUSEHOLD,
    """
    A01 冰箱 BCD 冰吧120升,三门258升,对开门456升,十字门480升,法式526升 1299-12999 1111121112113 78 22
    A02 洗衣机 XQG 波轮8公斤,滚筒10公斤,洗烘一体12公斤,热泵干衣机 899-9999 1111121112 80 20
    A03 电视 TV 55英寸,65英寸,75英寸,85英寸,激光100英寸 1299-19999 1121112113 72 20
    A04 空调 KFR 大1匹挂机,1.5匹挂机,3匹柜机,家用中央空调 1799-15999 11111121113 108 28
    A05 电脑 NB 台式整机,14英寸轻薄本,一体机,16英寸笔记本 2999-11999 1112 34 18
    A06 热水器 RS 60升电热水器,16升燃气热水器,空气能200升,壁挂炉24千瓦 699-7999 1112112 36 16
    A07 家用灶具 JZ 台式单眼灶,双眼嵌入灶,集成灶 499-8999 1112 18 12
    A08 吸油烟机 CXW 欧式,侧吸式,顶吸式 899-6999 1112 24 12
    A09 净水器 RO 600加仑,1000加仑,净饮一体 899-5999 11212 18 12
    A10 洗碗机 QW 8套台式,10套嵌入式,15套独立式 1999-8999 1112 16 12
    A11 电饭煲 FC 3升,4升,5升电压力锅 199-1999 1112- 14 12
    A12 微波炉 WB 20升平板,23升变频,微蒸烤一体 299-3999 112 10 10
    N01 扫拖地机器人 SR 激光导航,自清洁基站,上下水基站 1499-5999 - 18 12
    N02 洗地机 XD 除菌,无线贴边,无线蒸汽 999-3999 - 12 10
    N03 电烤箱 KX 40升台式,58升嵌入式,蒸烤一体 199-4999 - 8 10
    N04 空气净化器 KJ 500立方,800立方,壁挂新风 799-5999 12- 7 10
    N05 智能门锁 DL 指纹推拉,人脸识别,掌静脉 699-3999 - 9 8
    N06 消毒柜 ZTD 台式,立式双门,110升嵌入式 499-3499 - 4 8
    N07 加湿除湿机 CS 无雾加湿6升,30升除湿,50升除湿 199-2999 1-2 6 8
    N08 取暖器 NH 空调扇,碳晶板,踢脚线 199-1999 - 8 8
    N09 料理机 LL 豆浆机,破壁机1.75升,半自动咖啡机 199-3999 - 8 10
    N10 熨烫机 YT 手持,挂烫机,增压蒸汽 129-1499 - 3 8
    N11 打印机 PR 扫描仪,墨仓彩色,激光一体机 499-3499 12- 6 8
    N12 吹风机 CF 便携折叠,高速负离子 99-1999 - 7 8
    N13 智能音箱 YX 立体声,带屏10英寸,回音壁 199-3999 - 5 8
    N14 学习机 XX 词典笔,12英寸护眼,14英寸类纸屏 699-6999 - 8 8
    """,
)

DIGITALS: Final = _kinds(
    DIGITAL,
    """
    D01 手机 PH 128GB*,256GB*,512GB*,折叠屏512GB* 2199-9999 - 190 40
    D02 平板电脑 PAD 8.8英寸128GB,11英寸256GB,11英寸5G*,12.4英寸5G* 1699-6999 - 46 18
    D03 智能手表手环 WT 手环,运动版,46毫米,eSIM版* 199-3499 - 38 18
    """,
)

RENOVATIONS: Final = _kinds(
    RENOVATION,
    """
    H04 室内门 MM 钢木,铝框玻璃,实木复合 899-4999 - 4 8
    H11 散热器 SN 铜铝复合,钢制柱式,地暖管组 399-3999 - 3 8
    H12 坐便器 ZB 蹲便器,直冲式,虹吸式 499-3999 112 5 8
    H13 智能马桶 ZM 智能盖板,一体机,壁挂式 1299-8999 112 7 10
    H14 浴室柜 YG 岩板80厘米,镜柜套装,实木100厘米 899-6999 - 5 8
    H15 淋浴房 LY 一字形,弧扇形,方形 1299-8999 - 3 8
    H16 花洒 HS 增压手持,恒温套装,嵌入式 199-3999 112- 5 8
    H17 浴缸 YG2 嵌入式,独立式,按摩 1999-12999 - 1 8
    H18 水龙头 LT 面盆冷热,厨房抽拉,感应式 129-1499 112- 4 8
    H19 水槽 SC 台下盆,304大单槽,石英石 399-3499 - 3 8
    H20 沙发 SF 功能单椅,科技布转角,真皮三人位 1999-15999 - 9 10
    H21 床 CJ 儿童床,软包1.5米,实木1.8米 1299-9999 - 6 8
    H22 床垫 CD 护脊棕垫,独袋弹簧1.8米,乳胶1.5米 999-12999 - 7 10
    H23 桌椅茶几 ZY 茶几,伸缩餐桌,岩板餐桌 599-7999 - 4 8
    H24 定制柜 GZ 玄关柜,橱柜,衣柜 2999-19999 - 6 8
    H25 灯具 DJ 护眼台灯,LED吸顶灯,LED吊灯 129-3999 112- 5 10
    H26 按摩椅 AM 小户型,零重力,4D机芯 2999-19999 - 3 8
    H28 智能门锁 ML 指纹,全自动,可视猫眼 799-3999 - 4 8
    H29 智能晾衣架 LJ 电动升降,隐藏式,烘干款 599-3499 - 3 8
    H30 智能窗帘 CL 卷帘,开合帘电机,梦幻帘 399-2999 - 2 8
    H31 智能摄像头 SX 室内,可视门铃,室外云台 149-1299 - 3 8
    H32 智能中控网关 WG 多模网关,音箱网关,6英寸中控屏 199-2999 - 2 8
    H33 燃气烟雾报警器 BJ 独立烟感,一氧化碳,燃气切断阀套装 99-899 - 2 8
    """,
)

MATERIALS: Final = _kinds(
    RENOVATION,
    """
    H01 瓷砖 CZ 800×800通体,750×1500柔光,岩板每平方米 59-459 - 5 10
    H02 地板 DB 强化每平方米,石晶每平方米,三层实木每平方米 89-599 - 4 10
    H03 板材 BC 颗粒板每张,欧松板每张,多层板每张 129-499 - 2 8
    H05 窗 CH 断桥铝每平方米,系统窗每平方米 499-1999 - 3 8
    H06 涂料 TL 木器漆,内墙乳胶漆18升,艺术漆5升 199-1499 - 4 8
    H07 壁纸壁布 BZ 纯纸壁纸每卷,无缝壁布每平方米 39-399 - 2 8
    H08 集成吊顶 DD 铝扣板每平方米,蜂窝大板每平方米 99-499 - 2 8
    H09 防水材料 FS 堵漏王,柔性涂料18公斤 159-899 - 1 8
    H10 管件线缆 GX 给水管每根,2.5平方电线每卷 49-499 - 2 8
    H27 开关插座 KG 双控,五孔,带USB 19-199 - 2 8
    """,
    serialised=False,
)

EBIKES: Final = _kinds(CYCLES, "E01 电动自行车 TDT 铅酸48伏,铅酸60伏,锂电48伏 1599-4599 - 38 16")
WEARABLES: Final = _kinds(CARE, "W01 适老穿戴 SL 健康监测手环,跌倒报警器,一键呼救手表,助听器 199-7999 - 18 14")

KINDS: Final = (*APPLIANCES, *DIGITALS, *RENOVATIONS, *MATERIALS, *EBIKES, *WEARABLES)
