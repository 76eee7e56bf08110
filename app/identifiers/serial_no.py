"""Single units of goods: the serial number on the nameplate or the box, unique together with the GTIN."""

import re

from app.identifiers.fault import IdentifierFault
from app.identifiers.spelling import fold

_CLEAN = re.compile(r"[A-Z0-9/._+-]{4,32}").fullmatch


def parse_serial_no(raw: str) -> str:
    """The serial number in upper case without blanks. Hyphens stay: makers use them to tell numbers apart."""
    if _CLEAN(raw):
        return raw
    serial_no = fold(raw)
    if not _CLEAN(serial_no):
        raise IdentifierFault(
            "invalid_field",
            "序列号应为 4 至 32 位字母、数字或 - / . _ +。",
            "A serial number has 4 to 32 letters, digits or - / . _ +.",
        )
    return serial_no
