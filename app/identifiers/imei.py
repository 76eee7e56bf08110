"""Mobile devices: 14 digits name one, a 15th checks them; a 16-digit IMEISV ends in its software version."""

from stdnum import luhn

from app.identifiers.fault import IdentifierFault
from app.identifiers.spelling import fold_number

_NOTHING = "0" * 14
_CHECKED_LENGTH = 15


def parse_imei(raw: str) -> str:
    """The 15 digits of an IMEI given as 14 (no check digit), 15 (checked) or 16 (IMEISV, no check digit)."""
    number = raw if raw.isascii() and raw.isdigit() else fold_number(raw)
    if len(number) not in (14, 15, 16) or not number.isdigit():
        raise IdentifierFault(
            "invalid_imei",
            "IMEI 应为 15 位数字（14 位或 16 位亦可）。",
            "An IMEI has 15 digits (14 or 16 also do).",
        )
    device = number[:14]
    if device == _NOTHING:
        raise IdentifierFault("invalid_imei", "IMEI 不能全为零。", "An IMEI cannot be all zeros.")
    imei = device + luhn.calc_check_digit(device)
    if len(number) == _CHECKED_LENGTH and number != imei:
        raise IdentifierFault(
            "invalid_imei",
            "IMEI 校验位不正确，请重新扫码。",
            "The check digit of the IMEI is wrong; scan it again.",
        )
    return imei
