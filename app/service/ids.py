"""Fresh ids: the pure form is in the domain, chance comes from here."""

import secrets
from datetime import datetime

from app.domain.ids import RANDOM_BYTES, new_id
from app.domain.lanes import LANE_INDEXES


def fresh_id(prefix: str, at: datetime, *, lane: int | None = None) -> str:
    """An id made at an instant; `lane` is the value of the lane in which its row lives."""
    index = None if lane is None else LANE_INDEXES[lane]
    return new_id(prefix, index, int(at.timestamp() * 1000), secrets.token_bytes(RANDOM_BYTES))
