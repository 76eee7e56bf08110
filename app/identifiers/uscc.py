"""Companies: the unified social credit code (统一社会信用代码, GB 32100)."""

import re

from stdnum.cn import uscc

from app.identifiers.fault import IdentifierFault
from app.identifiers.spelling import fold_number

# Authority and entity type may be letters (A, N, Y); the library takes digits only, so we check the form.
_FORM = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}").fullmatch


def parse_uscc(raw: str) -> str:
    """The 18 characters of a unified social credit code, upper case."""
    code = fold_number(raw)
    if not _FORM(code):
        raise IdentifierFault(
            "invalid_field",
            "统一社会信用代码应为 18 位数字或大写字母（不含 I、O、S、V、Z）。",
            "A unified social credit code has 18 digits or capital letters (no I, O, S, V, Z).",
        )
    if uscc.calc_check_digit(code[:17]) != code[17]:
        raise IdentifierFault(
            "invalid_field",
            "统一社会信用代码校验位不正确。",
            "The check character of the unified social credit code is wrong.",
        )
    return code
