"""Every way a request is refused, one row a code, in both languages. `docs/errors.md` is printed from it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Entry(NamedTuple):
    """`zh` and `en` can be read out by a cashier. `retryable`: the same request, sent again, may succeed."""

    status: int
    title: str
    zh: str
    en: str
    retryable: bool = False


_CATALOGUE: dict[str, Entry] = {
    "malformed_json": Entry(
        400,
        "The body is not acceptable JSON",
        "收银系统发送的数据格式有误，请联系系统服务商。",
        "The till sent data that cannot be read; please call the system's supplier.",
    ),
    "malformed_csv": Entry(
        400,
        "The file is not acceptable CSV",
        "文件无法读取，请使用 UTF-8 或 GB18030 编码的 CSV 文件。",
        "The file cannot be read; please use CSV in UTF-8 or GB18030.",
    ),
    "unauthenticated": Entry(
        401,
        "No valid key",
        "收银系统的密钥缺失或无效，请联系管理员。",
        "The till's key is missing or not valid; please call the administrator.",
    ),
    "forbidden": Entry(
        403,
        "The key's role does not allow this",
        "当前密钥无权执行此操作，请联系管理员。",
        "This key is not allowed to do that; please call the administrator.",
    ),
    "merchant_suspended": Entry(
        403,
        "The merchant is suspended",
        "本商户的补贴资格已暂停，暂时不能办理新的立减。",
        "This merchant is suspended from the subsidy; no new subsidies can be given for now.",
    ),
    "not_found": Entry(
        404,
        "Not found",
        "没有找到对应的记录，请核对编号后重试。",
        "No such record was found; please check the number and try again.",
    ),
    "method_not_allowed": Entry(
        405,
        "The method is not allowed here",
        "收银系统的调用方式有误，请联系系统服务商。",
        "The till called the service in a wrong way; please call the system's supplier.",
    ),
    "order_no_reused": Entry(
        409,
        "The order number stands for another order",
        "该订单号已用于另一笔不同的订单，请更换订单号。",
        "This order number was already used for a different order; please take a new one.",
    ),
    "refund_no_reused": Entry(
        409,
        "The refund number stands for another refund",
        "该退款单号已用于另一笔不同的退款，请更换退款单号。",
        "This refund number was already used for a different refund; please take a new one.",
    ),
    "adjustment_no_reused": Entry(
        409,
        "The adjustment number stands for another adjustment",
        "该调整单号已用于另一笔不同的资金调整，请更换单号。",
        "This adjustment number was already used for a different adjustment; please take a new one.",
    ),
    "already_exists": Entry(
        409,
        "It exists already",
        "该编号已存在。",
        "This number exists already.",
    ),
    "checkout_held": Entry(
        409,
        "The checkout is held, not captured",
        "该订单尚未确认支付，请先确认支付或撤销。",
        "This order is not paid yet; please confirm the payment or void it first.",
    ),
    "checkout_captured": Entry(
        409,
        "The checkout is captured",
        "该订单已确认支付，如需取消请办理退款。",
        "This order is already paid; to undo it, please make a refund.",
    ),
    "checkout_voided": Entry(
        409,
        "The checkout is voided",
        "该订单已撤销，请用新的订单号重新下单。",
        "This order has been voided; please start again under a new order number.",
    ),
    "checkout_expired": Entry(
        409,
        "The hold has expired",
        "该订单的补贴预留已过期，请用新的订单号重新下单。",
        "The subsidy held for this order has expired; please start again under a new order number.",
    ),
    "checkout_refunded": Entry(
        409,
        "The checkout is refunded",
        "该订单已退款。",
        "This order has already been refunded.",
    ),
    "hold_expired": Entry(
        409,
        "The hold expired and its quota is gone",
        "补贴预留已过期，额度暂时不足，请稍后重试，或重新下单。",
        "The held subsidy has expired and its quota is taken; please try again later, or start a new order.",
        retryable=True,
    ),
    "refund_exceeds_capture": Entry(
        409,
        "More than is left to refund",
        "退款数量超过了可退的数量。",
        "The refund is for more than is left to give back.",
    ),
    "adjustment_exceeds_available": Entry(
        409,
        "More than the pool has available",
        "资金池可用余额不足，不能调减这么多。",
        "The fund pool has less than that available; it cannot be taken back.",
    ),
    "key_retired": Entry(
        409,
        "The key is revoked, lapsed or already replaced",
        "该密钥已吊销、过期或已被更换。",
        "This key has been revoked, has lapsed, or has been replaced already.",
    ),
    "body_too_large": Entry(
        413,
        "The body is too large",
        "收银系统发送的数据过大，请联系系统服务商。",
        "The till sent too much data at once; please call the system's supplier.",
    ),
    "unsupported_media_type": Entry(
        415,
        "The body's type is not supported",
        "收银系统发送的数据类型不受支持，请联系系统服务商。",
        "The till sent data of a type that is not supported; please call the system's supplier.",
    ),
    "invalid_field": Entry(
        422,
        "A field is not valid",
        "提交的信息有误，请核对后重试。",
        "Some of the information is not valid; please check it and try again.",
    ),
    "invalid_id_number": Entry(
        422,
        "The identity number is not valid",
        "证件号码有误，请核对证件后重新输入。",
        "The identity number is not valid; please check the document and enter it again.",
    ),
    "invalid_gtin": Entry(
        422,
        "The GTIN is not valid",
        "商品条码有误，请重新扫码。",
        "The product's bar code is not valid; please scan it again.",
    ),
    "invalid_imei": Entry(
        422,
        "The IMEI is not valid",
        "IMEI 有误，请重新扫码。",
        "The IMEI is not valid; please scan it again.",
    ),
    "line_not_found": Entry(
        422,
        "The order has no such line",
        "订单中没有这一行商品，请核对后重试。",
        "The order has no such line; please check it and try again.",
    ),
    "missing_column": Entry(
        422,
        "A column is missing",
        "文件缺少必需的列，请核对表头。",
        "The file lacks a required column; please check its first row.",
    ),
    "unknown_column": Entry(
        422,
        "A column is unknown or occurs twice",
        "文件中有不认识或重复的列，请核对表头。",
        "The file has a column that is unknown or occurs twice; please check its first row.",
    ),
    "too_many_requests": Entry(
        429,
        "Too many requests",
        "操作过于频繁，请稍候再试。",
        "Too many requests; please wait a moment and try again.",
        retryable=True,
    ),
    "internal_error": Entry(
        500,
        "Something went wrong here",
        "系统出现故障，请稍后用同一订单号重试。",
        "Something went wrong in the system; please try again later with the same order number.",
        retryable=True,
    ),
    "busy": Entry(
        503,
        "Busy",
        "系统繁忙，请稍候用同一订单号重试。",
        "The system is busy; please try again in a moment with the same order number.",
        retryable=True,
    ),
    "not_ready": Entry(
        503,
        "Not ready to serve",
        "系统正在启动或维护，请稍候再试。",
        "The system is starting or being maintained; please try again in a moment.",
        retryable=True,
    ),
}

CATALOGUE: Final[Mapping[str, Entry]] = MappingProxyType(_CATALOGUE)


class FaultKind(NamedTuple):
    """What can be wrong with one field. `{…}` stands for what the schema asks, never for what was sent."""

    zh: str
    en: str


FAULT_KINDS: Final[Mapping[str, FaultKind]] = MappingProxyType(
    {
        "missing": FaultKind("缺少该字段。", "This field is required."),
        "unknown_field": FaultKind("不认识的字段。", "There is no such field."),
        "not_an_object": FaultKind("应为 JSON 对象。", "This must be a JSON object."),
        "not_a_list": FaultKind("应为 JSON 数组。", "This must be a JSON array."),
        "not_a_string": FaultKind("应为字符串。", "This must be a string."),
        "not_an_integer": FaultKind(
            "应为整数，不带引号、小数点或指数。",
            "This must be an integer, without quotes, decimal point or exponent.",
        ),
        "not_a_boolean": FaultKind("应为 true 或 false。", "This must be true or false."),
        "out_of_range": FaultKind("数值超出允许范围{bounds}。", "The number is out of range{bounds}."),
        "wrong_length": FaultKind("长度不符合要求{bounds}。", "The text has a wrong length{bounds}."),
        "wrong_count": FaultKind("数量不符合要求{bounds}。", "The list is too long or too short{bounds}."),
        "wrong_format": FaultKind(
            "格式不正确，或含有不允许的字符。", "The format is wrong, or a character is not allowed."
        ),
        "not_one_of": FaultKind("应为以下之一：{choices}。", "This must be one of: {choices}."),
        "not_a_date": FaultKind(
            "应为存在的日期，写作 YYYY-MM-DD。", "This must be a date that exists, written YYYY-MM-DD."
        ),
        "not_an_instant": FaultKind(
            "应为带时区的时刻，如 2025-11-01T12:00:00+08:00。",
            "This must be an instant with its offset, like 2025-11-01T12:00:00+08:00.",
        ),
        "quantity_or_price": FaultKind(
            "请给出 quantity 或 new_price_fen，且只给一个。", "State quantity or new_price_fen, and only one of them."
        ),
        "invalid": FaultKind("该字段的值无效。", "The value of this field is not valid."),
    }
)
