"""The basket a till sends: its shape, and its reading into a hold. One body serves quotes and checkouts."""

import hmac
import time
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Final, Literal, TypeVar

import orjson
from pydantic import Field, StringConstraints
from starlette.requests import Request

from app.api.edge.answers import CHINA
from app.api.edge.field_faults import FieldFault
from app.api.edge.fields import Identifier
from app.api.edge.problems import problem_of_faults
from app.api.edge.strict_json import IsoDate, StrictModel
from app.domain.commands import BasketLine, Buyer, Hold
from app.domain.entitlement import TradeIn
from app.domain.ids import RANDOM_BYTES, new_id
from app.domain.lanes import LANE_INDEXES
from app.domain.plain_text import UNFIT
from app.identifiers import (
    IdentifierFault,
    Identity,
    parse_gtin,
    parse_identity,
    parse_imei,
    parse_serial_no,
)
from app.randomness import random_bytes
from app.secrets import Secrets
from app.service.consumers import consumer_key

PRICE_FEN_MAX: Final = 10_000_000_000
QUANTITY_MAX: Final = 100_000
LINE_NO_MAX: Final = 1_000_000

Raw = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Plain = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=rf"^[^{UNFIT}]*$")]
PriceFen = Annotated[int, Field(gt=0, le=PRICE_FEN_MAX)]
LineNo = Annotated[int, Field(ge=1, le=LINE_NO_MAX)]
Quantity = Annotated[int, Field(ge=1, le=QUANTITY_MAX)]

_T = TypeVar("_T")


class ConsumerSent(StrictModel):
    """The buyer's document. `birth_date` only where the number holds none; `name` is never stored."""

    id_type: Literal["resident_id", "hk_macau_permit", "taiwan_permit", "foreign_resident_id", "passport"]
    id_number: Raw
    name: Plain | None = None
    birth_date: IsoDate | None = None


class TradeInSent(StrictModel):
    """The old item given up. `battery` is the old e-bike's."""

    category: Identifier
    battery: Literal["lithium", "lead_acid"] | None = None
    reference: Plain | None = None


class LineSent(StrictModel):
    """`price_fen`: final selling price of ONE unit, after shop and platform discounts, before subsidy and bank
    offers."""

    line_no: LineNo
    gtin: Raw
    serial_no: Raw | None = None
    imei: Raw | None = None
    imei2: Raw | None = None
    price_fen: PriceFen
    quantity: Quantity = 1
    programme: Identifier | None = None
    trade_in: TradeInSent | None = None


class Basket(StrictModel):
    """`merchant_id` is a gateway's, to say for whom it calls."""

    order_no: Identifier
    merchant_id: Identifier | None = None
    store_id: Identifier | None = None
    till_id: Identifier | None = None
    channel: Literal["in_store", "online"] = "in_store"
    consumer: ConsumerSent
    lines: Annotated[list[LineSent], Field(min_length=1, max_length=100)]
    capture: bool = False


class QuoteBasket(Basket):
    order_no: Identifier | None = None  # type: ignore[assignment]


class _Reader:
    """Collects the faults of numbers, so that a till sees all of them at once."""

    def __init__(self) -> None:
        self.faults: list[FieldFault] = []

    def read(self, pointer: str, parse: Callable[[str], _T], raw: str) -> _T | None:
        try:
            return parse(raw)
        except IdentifierFault as fault:
            self.faults.append(FieldFault(pointer, fault.code, fault.message.zh, fault.message.en))
            return None


def hold_of(request: Request, basket: Basket, merchant_id: str) -> Hold:
    """The basket as a command, all its numbers in their one spelling. Problem 422 names every faulty one."""
    secrets: Secrets = request.app.state.secrets
    reader = _Reader()
    sent = basket.consumer
    today = datetime.now(CHINA).date()
    identity = reader.read(
        "/consumer/id_number",
        lambda raw: parse_identity(sent.id_type, raw, sent.birth_date, today),
        sent.id_number,
    )
    lines = tuple(_line(reader, index, line) for index, line in enumerate(basket.lines))
    _refuse_repeated_line_nos(reader, basket)
    if reader.faults or identity is None:
        raise problem_of_faults(reader.faults)
    canonical = identity.canonical()
    key = consumer_key(canonical, identity_keys=secrets.identity_keys, lane_key=secrets.lane_key)
    now_ms = int(time.time() * 1000)
    return Hold(
        new_id("co_", LANE_INDEXES[key.lane], now_ms, random_bytes(RANDOM_BYTES)),
        merchant_id,
        basket.order_no or "quote",
        Buyer(key.lane, key.digests, identity.birth_date),
        lines,
        basket.store_id,
        basket.till_id,
        basket.channel,
        basket.capture,
        _fingerprint(basket, identity, lines, secrets.fingerprint_key),
    )


def _line(reader: _Reader, index: int, line: LineSent) -> BasketLine:
    pointer = f"/lines/{index}/"
    gtin = reader.read(pointer + "gtin", parse_gtin, line.gtin)
    serial_no = None if line.serial_no is None else reader.read(pointer + "serial_no", parse_serial_no, line.serial_no)
    imeis = [
        reader.read(pointer + name, parse_imei, raw)
        for name, raw in (("imei", line.imei), ("imei2", line.imei2))
        if raw is not None
    ]
    trade_in = None
    if line.trade_in is not None:
        trade_in = TradeIn(line.trade_in.category, line.trade_in.battery, line.trade_in.reference)
    return BasketLine(
        line.line_no,
        gtin or "",
        serial_no,
        tuple(dict.fromkeys(imei for imei in imeis if imei is not None)),
        line.price_fen,
        line.quantity,
        line.programme,
        trade_in,
    )


def _refuse_repeated_line_nos(reader: _Reader, basket: Basket) -> None:
    seen: set[int] = set()
    for index, line in enumerate(basket.lines):
        if line.line_no in seen:
            reader.faults.append(
                FieldFault(f"/lines/{index}/line_no", "invalid_field", "行号重复。", "The line number is used twice.")
            )
        seen.add(line.line_no)


def _fingerprint(basket: Basket, identity: Identity, lines: tuple[BasketLine, ...], key: bytes) -> bytes:
    """A keyed hash of all that was meant: the same request re-serialised is the same, a changed one is not."""
    meant = [
        basket.order_no,
        basket.store_id,
        basket.till_id,
        basket.channel,
        identity.canonical().hex(),
        _day(identity.birth_date),
        basket.consumer.name,
        basket.capture,
        lines,
    ]
    return hmac.digest(key, orjson.dumps(meant, default=tuple), "sha256")


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
