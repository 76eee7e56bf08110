"""Who a buyer is to us: a lane, and one keyed hash for each identity key in use."""

import hmac
from collections.abc import Sequence
from typing import NamedTuple

from app.domain.lanes import LANE_VALUES


class ConsumerKey(NamedTuple):
    """`digests` pairs key ids with hashes, the current key's first; `lane` is the lane's value."""

    lane: int
    digests: tuple[tuple[str, bytes], ...]


def consumer_key(canonical: bytes, *, identity_keys: Sequence[tuple[str, bytes]], lane_key: bytes) -> ConsumerKey:
    """The key of the person whose normalised document is `canonical`.

    The lane key never changes: a person stays in his lane while identity keys rotate. It reveals six bits.
    """
    lane = LANE_VALUES[hmac.digest(lane_key, canonical, "sha256")[0] % len(LANE_VALUES)]
    return ConsumerKey(lane, tuple((key_id, hmac.digest(key, canonical, "sha256")) for key_id, key in identity_keys))
