"""The ids we make: a prefix, the lane's index where a row lives in a lane, the time and 80 random bits.

Written in Crockford's base 32 in lower case, so that text order (collation "C") is order of making within a
lane, and that an id can be read out over the telephone.
"""

import re

from app.domain.lanes import LANE_INDEXES, LANE_VALUES

RANDOM_BYTES = 10

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = tuple(high + low for high in _DIGITS for low in _DIGITS)
_LANE_INDEX_OF = {pair: index for index, pair in enumerate(_PAIRS[: len(LANE_VALUES)])}
_WITH_LANE = re.compile(rf"(?:co|re|bl)_([{_DIGITS}]{{2}})[{_DIGITS}]{{26}}", re.ASCII)


def new_id(prefix: str, lane_index: int | None, now_ms: int, random_bytes: bytes) -> str:
    """`prefix` with its underscore ("co_"); `now_ms` since the epoch, below 2**50; 10 `random_bytes`."""
    if len(random_bytes) != RANDOM_BYTES:
        raise ValueError(f"an id takes {RANDOM_BYTES} random bytes")
    lane = "" if lane_index is None else _PAIRS[lane_index]
    return f"{prefix}{lane}{_base32(now_ms, 5)}{_base32(int.from_bytes(random_bytes, 'big'), 8)}"


def in_lane(identifier: str, lane: int) -> str:
    """An id that carries a lane, made to carry the lane of this *value*: for ids made before the lane was known."""
    start = identifier.index("_") + 1
    return f"{identifier[:start]}{_PAIRS[LANE_INDEXES[lane]]}{identifier[start + 2 :]}"


def lane_of(identifier: str) -> int | None:
    """The lane's *value* in a checkout, refund or block id; None when we cannot have made it."""
    found = _WITH_LANE.fullmatch(identifier)
    index = None if found is None else _LANE_INDEX_OF.get(found[1])
    return None if index is None else LANE_VALUES[index]


def _base32(number: int, pairs: int) -> str:
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(10 * (pairs - 1), -1, -10)])
