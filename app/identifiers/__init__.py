"""Numbers that name goods, devices, companies and people: every spelling of one thing becomes one value.

Check digits come from python-stdnum; what a number means beyond them (areas, dates, aliases) is our own data,
because the library would turn lawful buyers away and let aliases through.
"""

from app.identifiers.fault import IdentifierFault
from app.identifiers.gtin import parse_gtin, show_gtin
from app.identifiers.identity import ID_TYPES, Identity, parse_identity
from app.identifiers.imei import parse_imei
from app.identifiers.serial_no import parse_serial_no
from app.identifiers.uscc import parse_uscc

__all__ = [
    "ID_TYPES",
    "IdentifierFault",
    "Identity",
    "parse_gtin",
    "parse_identity",
    "parse_imei",
    "parse_serial_no",
    "parse_uscc",
    "show_gtin",
]
