"""What operators keep: goods, merchants and their stores, keys, switches and blocks."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple


class Role(StrEnum):
    """What a key may do: till calls for one merchant, till calls for several, operator calls, reads."""

    MERCHANT = "merchant"
    GATEWAY = "gateway"
    OPERATOR = "operator"
    AUDITOR = "auditor"


class CatalogueEntry(NamedTuple):
    """One kind of goods. `gtin` has 14 digits; `grade` is the number on the energy or water label."""

    gtin: str
    category: str
    brand: str
    model: str
    name: str
    grade: int | None
    filed_price_fen: int | None
    serialised: bool
    cellular: bool


class CatalogueChanges(NamedTuple):
    """What became of the rows of an import."""

    imported: int
    updated: int
    unchanged: int


MerchantStatus = Literal["active", "suspended"]


@dataclass(frozen=True, slots=True)
class MerchantState:
    """All that a till call needs to know of a merchant."""

    status: MerchantStatus
    reason: str | None


@dataclass(frozen=True, slots=True)
class Merchant:
    merchant_id: str
    name: str
    uscc: str
    district: str
    state: MerchantStatus
    state_reason: str | None
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Store:
    merchant_id: str
    store_id: str
    name: str
    district: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Client:
    """Who calls: the holder of a live key."""

    key_id: str
    client: str
    role: Role
    merchant_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without the key: it can be named, replaced and revoked, not shown again."""

    key_id: str
    client: str
    role: Role
    merchant_ids: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def is_live(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class Block:
    """An operator's word that one buyer gets nothing, until an instant or until lifted. It names nobody."""

    block_id: str
    reason: str
    created_at: datetime
    until_at: datetime | None
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A published pack. The greatest `publication` is in force."""

    policy: str
    version: int
    publication: int
    published_at: datetime
