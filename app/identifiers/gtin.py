"""Goods: GTIN-8, -12, -13 and -14 (GB 12904) are one number with leading zeros, kept as 14 digits."""

from stdnum import ean

from app.identifiers.fault import IdentifierFault
from app.identifiers.spelling import fold_number

_LENGTHS = frozenset((8, 12, 13, 14))
_NOTHING = "0" * 14


def parse_gtin(raw: str) -> str:
    """The 14 digits of a GTIN in any of its lengths."""
    number = raw if raw.isascii() and raw.isdigit() else fold_number(raw)
    if len(number) not in _LENGTHS or not number.isdigit():
        raise IdentifierFault(
            "invalid_gtin",
            "商品条码应为 8、12、13 或 14 位数字。",
            "A GTIN has 8, 12, 13 or 14 digits.",
        )
    if ean.calc_check_digit(number[:-1]) != number[-1]:
        raise IdentifierFault(
            "invalid_gtin",
            "商品条码校验位不正确，请重新扫码。",
            "The check digit of the GTIN is wrong; scan it again.",
        )
    gtin = number.zfill(14)
    if gtin == _NOTHING:
        raise IdentifierFault("invalid_gtin", "商品条码不能全为零。", "A GTIN cannot be all zeros.")
    return gtin


def show_gtin(gtin: str) -> str:
    """The customary 13 digits of a 14-digit GTIN whose first digit is 0; any other as it is."""
    return gtin[1:] if gtin[0] == "0" else gtin
