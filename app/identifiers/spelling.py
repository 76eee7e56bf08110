"""Folding: full-width characters, typographic hyphens and blanks, as scanners and Chinese type them."""

_BLANKS = " \t\n\r\v\f\u00a0\u2002\u2003\u2009\u200b\u202f\u3000\ufeff"
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2212"

_FOLDED: dict[int, str] = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **{ord(hyphen): "-" for hyphen in _HYPHENS},
    **{ord(blank): "" for blank in _BLANKS},
}
_UNHYPHENED: dict[int, str] = {**_FOLDED, ord("-"): "", 0xFF0D: "", **dict.fromkeys(map(ord, _HYPHENS), "")}

LENGTH_MAX = 64
"""Nothing longer can be any of our numbers, whatever is folded away; it also bounds the work."""


def fold(raw: str) -> str:
    """`raw` in upper-case ASCII without blanks; "" where a character has no ASCII twin, so no rule fits."""
    return _ascii_upper(raw, _FOLDED)


def fold_number(raw: str) -> str:
    """As `fold`, and without the hyphens that only group digits."""
    return _ascii_upper(raw, _UNHYPHENED)


def _ascii_upper(raw: str, table: dict[int, str]) -> str:
    if len(raw) > LENGTH_MAX:
        return ""
    folded = raw.translate(table)
    # Only ASCII is upper-cased: str.upper would turn letters of other scripts into ours.
    return folded.upper() if folded.isascii() else ""
