"""Every state × every command: what is answered, and that a refusal or a replay changes nothing."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from app.domain.commands import (
    BasketLine,
    Capture,
    Command,
    Expire,
    Hold,
    PriceProtection,
    Target,
    UnitsReturned,
    Void,
)
from app.domain.outcomes import CheckoutStands, Nothing, OrderClosed, Outcome, RefundStands, Refused
from app.domain.rules import Switch
from tests.book.builders import (
    a_buyer,
    a_hold,
    a_line,
    a_refund,
    an_adjustment,
    by_id,
    by_order,
    capture_of,
    void_of,
)
from tests.book.market import bent_market
from tests.book.world import World, consumer_id_of

MARKET = bent_market()
PAUSED = Switch("paused", "test")
SERIAL, LOOSE, UNKNOWN_GOODS = (MARKET.product(category).gtin for category in ("P1", "P3", "X9"))


def basket(serial_no: str = "SN01", price_fen: int = 100_000) -> tuple[BasketLine, ...]:
    """One serialised unit, three loose ones, and a line that earns nothing."""
    return (
        a_line(SERIAL, price_fen, line_no=1, serial_no=serial_no),
        a_line(LOOSE, 100_001, line_no=2, quantity=3),
        a_line(UNKNOWN_GOODS, 5_000, line_no=3, serial_no="SN09"),
    )


def a_world() -> World:
    world = World(MARKET)
    world.run(an_adjustment("plain", 1_000_000))
    return world


# --- how a state is reached; each gives the hold a till would send again ------------------------------------------


def unknown(world: World) -> Hold:
    return a_hold(basket(), order_no="O-1")


def held(world: World) -> Hold:
    hold = unknown(world)
    world.run(hold)
    return hold


def lapsed(world: World) -> Hold:
    hold = held(world)
    world.pass_time(seconds=900)
    return hold


def expired(world: World) -> Hold:
    hold = lapsed(world)
    world.settle()
    return hold


def captured(world: World) -> Hold:
    hold = held(world)
    world.run(capture_of(hold))
    return hold


def captured_first(world: World) -> Hold:
    hold = held(world)
    world.run(capture_of(hold, 1))
    return hold


def partly_back(world: World) -> Hold:
    hold = captured(world)
    world.run(a_refund(by_id(hold), [UnitsReturned(2, 1)]))
    return hold


def refunded(world: World) -> Hold:
    hold = captured(world)
    world.run(a_refund(by_id(hold), [UnitsReturned(1, 1), UnitsReturned(2, 3)]))
    return hold


def voided(world: World) -> Hold:
    hold = held(world)
    world.run(void_of(hold))
    return hold


def declined(world: World) -> Hold:
    hold = a_hold(basket()[2:], order_no="O-1")
    world.run(hold)
    return hold


def closed(world: World) -> Hold:
    hold = unknown(world)
    world.run(void_of(hold))
    return hold


STATES: dict[str, Callable[[World], Hold]] = {
    state.__name__: state
    for state in (
        unknown,
        held,
        lapsed,
        expired,
        captured,
        captured_first,
        partly_back,
        refunded,
        voided,
        declined,
        closed,
    )
}

ACTS: dict[str, Callable[[Hold, Target], Command]] = {
    "hold_same": lambda hold, _: a_hold(hold.lines, order_no=hold.order_no),
    "hold_other": lambda hold, _: a_hold(basket(price_fen=123_400), order_no=hold.order_no),
    "capture_all": lambda _, target: Capture(target),
    "capture_first": lambda _, target: Capture(target, frozenset({1, 3})),
    "capture_second": lambda _, target: Capture(target, frozenset({2})),
    "capture_declined": lambda _, target: Capture(target, frozenset({3})),
    "capture_unknown": lambda _, target: Capture(target, frozenset({1, 9})),
    "void": lambda _, target: Void(target),
    "refund_units": lambda _, target: a_refund(target, [UnitsReturned(1, 1)]),
    "refund_price": lambda _, target: a_refund(target, [PriceProtection(1, 50_000)]),
    "refund_too_much": lambda _, target: a_refund(target, [UnitsReturned(1, 1), UnitsReturned(2, 4)]),
    "refund_declined": lambda _, target: a_refund(target, [UnitsReturned(3, 1)]),
    "refund_unknown": lambda _, target: a_refund(target, [UnitsReturned(9, 1)]),
    "refund_dearer": lambda _, target: a_refund(target, [PriceProtection(1, 100_001)]),
    "expire": lambda hold, _: Expire(hold.buyer.lane, hold.checkout_id),
}

# "again": answered as the first time. "!": a refusal that may pass, to be tried again.
_LIVE = """
                  held              captured            captured_first      partly_back
hold_same         held again        captured again      captured again      partially_refunded again
hold_other        order_no_reused   order_no_reused     order_no_reused     order_no_reused
capture_all       captured          captured again      checkout_captured   partially_refunded again
capture_first     captured          checkout_captured   captured again      checkout_captured
capture_second    captured          checkout_captured   checkout_captured   checkout_captured
capture_declined  invalid_field     checkout_captured   checkout_captured   checkout_captured
capture_unknown   line_not_found    line_not_found      line_not_found      line_not_found
void              voided            checkout_captured   checkout_captured   checkout_refunded
refund_units      checkout_held     refund              refund              refund
refund_price      checkout_held     refund              refund              refund
refund_too_much   checkout_held     refund_exceeds_capture  refund_exceeds_capture  refund_exceeds_capture
refund_declined   checkout_held     refund_exceeds_capture  refund_exceeds_capture  refund_exceeds_capture
refund_unknown    checkout_held     line_not_found      line_not_found      line_not_found
refund_dearer     checkout_held     invalid_field       invalid_field       invalid_field
expire            nothing           nothing             nothing             nothing
"""
_OVER = """
                  lapsed            expired             refunded            voided
hold_same         expired again     expired again       refunded again      voided again
hold_other        order_no_reused   order_no_reused     order_no_reused     order_no_reused
capture_all       captured          captured            refunded again      checkout_voided
capture_first     captured          captured            checkout_captured   checkout_voided
capture_second    captured          captured            checkout_captured   checkout_voided
capture_declined  invalid_field     invalid_field       checkout_captured   checkout_voided
capture_unknown   line_not_found    line_not_found      line_not_found      checkout_voided
void              expired again     expired again       checkout_refunded   voided again
refund_units      checkout_expired  checkout_expired    refund_exceeds_capture  checkout_voided
refund_price      checkout_expired  checkout_expired    refund_exceeds_capture  checkout_voided
refund_too_much   checkout_expired  checkout_expired    refund_exceeds_capture  checkout_voided
refund_declined   checkout_expired  checkout_expired    refund_exceeds_capture  checkout_voided
refund_unknown    checkout_expired  checkout_expired    refund_exceeds_capture  checkout_voided
refund_dearer     checkout_expired  checkout_expired    refund_exceeds_capture  checkout_voided
expire            nothing           nothing             nothing             nothing
"""
_NEVER_HELD = """
                  unknown           declined            closed
hold_same         held              declined            checkout_voided
hold_other        held              held                checkout_voided
capture_all       not_found!        not_found!          checkout_voided
capture_first     not_found!        not_found!          checkout_voided
capture_second    not_found!        not_found!          checkout_voided
capture_declined  not_found!        not_found!          checkout_voided
capture_unknown   not_found!        not_found!          checkout_voided
void              closed            closed              closed again
refund_units      not_found!        not_found!          checkout_voided
refund_price      not_found!        not_found!          checkout_voided
refund_too_much   not_found!        not_found!          checkout_voided
refund_declined   not_found!        not_found!          checkout_voided
refund_unknown    not_found!        not_found!          checkout_voided
refund_dearer     not_found!        not_found!          checkout_voided
expire            nothing           nothing             nothing
"""
# By our own id a number that holds nothing is not known at all.
_BY_ID_INSTEAD = {
    ("unknown", "void"): "not_found",
    ("declined", "void"): "declined again",
    ("closed", "void"): "not_found",
} | {("closed", act): "not_found!" for act in ACTS if act.startswith(("capture", "refund"))}


def _cells(*tables: str) -> dict[tuple[str, str], str]:
    cells: dict[tuple[str, str], str] = {}
    for table in tables:
        head, *rows = table.strip("\n").splitlines()
        states = head.split()
        for row in rows:
            act, *expected = (part.strip() for part in row.split("  ") if part.strip())
            cells |= {(state, act): cell for state, cell in zip(states, expected, strict=True)}
    return cells


CELLS = _cells(_LIVE, _OVER, _NEVER_HELD)


def test_the_table_has_every_cell():
    assert set(CELLS) == {(state, act) for state in STATES for act in ACTS}


def in_words(outcome: Outcome) -> str:
    match outcome:
        case Refused(code, retryable):
            return f"{code}!" if retryable else code
        case CheckoutStands(checkout, replayed):
            return f"{checkout.status} again" if replayed else str(checkout.status)
        case OrderClosed(_, replayed):
            return "closed again" if replayed else "closed"
        case RefundStands(_, replayed):
            return "refund again" if replayed else "refund"
        case Nothing():
            return "nothing"
    raise AssertionError(outcome)


@pytest.mark.parametrize(("state", "act"), sorted(CELLS))
@pytest.mark.parametrize("named", [by_order, by_id])
def test_a_command_in_a_state(state: str, act: str, named: Callable[[Hold], Target]):
    world = a_world()
    hold = STATES[state](world)
    world.settle()
    before = world.image()

    (outcome,) = world.run(ACTS[act](hold, named(hold)))

    expected = CELLS[state, act]
    if named is by_id:
        expected = _BY_ID_INSTEAD.get((state, act), expected)
    assert in_words(outcome) == expected
    changes = not (isinstance(outcome, Refused | Nothing) or getattr(outcome, "replayed", False))
    assert (world.image() != before) is changes


@pytest.mark.parametrize("state", [state for state in STATES if state != "unknown"])
def test_another_merchants_checkout_is_not_found(state: str):
    world = a_world()
    hold = STATES[state](world)
    world.settle()
    before = world.image()
    theirs = Target("M002", checkout_id=hold.checkout_id)

    for command in (Capture(theirs), Void(theirs), a_refund(theirs, [UnitsReturned(1, 1)])):
        (outcome,) = world.run(command)
        assert isinstance(outcome, Refused)
        assert outcome.code == "not_found"

    assert world.image() == before


def test_the_same_refund_again_is_answered_as_the_first():
    world = a_world()
    hold = captured(world)
    command = a_refund(by_order(hold), [UnitsReturned(2, 1)])
    (first,) = world.run(command)
    before = world.image()

    (again,) = world.run(command._replace(refund_id="re_00another"))

    assert isinstance(first, RefundStands)
    assert again == first._replace(replayed=True)
    assert world.image() == before


def test_a_refund_number_serves_one_refund_of_one_checkout():
    world = a_world()
    hold = captured(world)
    world.run(a_refund(by_order(hold), [UnitsReturned(2, 1)], refund_no="R"))
    other = a_hold(basket(serial_no="SN02"), buyer=a_buyer(2))
    world.run(other, capture_of(other))
    before = world.image()

    for command in (
        a_refund(by_order(hold), [UnitsReturned(2, 2)], refund_no="R"),
        a_refund(by_order(other), [UnitsReturned(2, 1)], refund_no="R"),
    ):
        assert world.run(command) == [Refused("refund_no_reused")]

    assert world.image() == before


def test_an_adjustment_number_serves_one_adjustment():
    world = a_world()
    world.run(an_adjustment("plain", 5, "A"))
    before = world.image()

    (again,) = world.run(an_adjustment("plain", 5, "A"))
    assert getattr(again, "replayed", None) is True
    assert world.run(an_adjustment("plain", 6, "A")) == [Refused("adjustment_no_reused")]
    assert world.run(an_adjustment("plain", -1_000_006)) == [Refused("adjustment_exceeds_available")]

    assert world.image() == before


# --- late capture: all or nothing ---------------------------------------------------------------------------------


def cap_gone(world: World) -> None:
    """A fen too little is left for both lines, enough for each."""
    world.run(a_hold([a_line(LOOSE, 386_200, quantity=15), a_line(LOOSE, 85_920, line_no=2)], capture=True))
    assert world.quotas[consumer_id_of(a_buyer().digest), "cap:all"].left_fen(500_000) == 43_309


def count_gone(world: World) -> None:
    """A third unit of the count's three would not fit beside these."""
    other = MARKET.product("P2").gtin
    world.run(a_hold([a_line(other, 1_000, quantity=3)], capture=True))


def serial_no_gone(world: World) -> None:
    world.run(a_hold(basket()[:1], buyer=a_buyer(2)))


def fund_gone(world: World) -> None:
    left_fen = world.money("plain").available_fen
    world.run(an_adjustment("plain", 43_309 - left_fen))


GONE = (cap_gone, count_gone, serial_no_gone, fund_gone)


@pytest.mark.parametrize("gone", GONE)
def test_a_late_capture_is_refused_whole_when_anything_is_gone(gone: Callable[[World], None]):
    world = a_world()
    hold = expired(world)
    gone(world)
    before = world.image()

    assert world.run(capture_of(hold)) == [Refused("hold_expired", retryable=True)]
    assert world.image() == before


@pytest.mark.parametrize("gone", GONE)
def test_a_late_capture_of_the_lines_that_still_fit_goes_through(gone: Callable[[World], None]):
    world = a_world()
    hold = expired(world)
    gone(world)

    (outcome,) = world.run(capture_of(hold, 2))

    assert isinstance(outcome, CheckoutStands)
    assert (outcome.checkout.status, outcome.checkout.subsidy_fen) == ("captured", 23_310)


def test_a_late_capture_keeps_its_amounts_though_the_policy_changed_and_the_programme_is_paused():
    world = a_world()
    hold = expired(world)
    world.version = 2
    world.switches["plain"] = PAUSED

    (outcome,) = world.run(capture_of(hold))

    assert isinstance(outcome, CheckoutStands)
    assert (outcome.checkout.status, outcome.checkout.subsidy_fen) == ("captured", 43_310)
    assert outcome.checkout.policy_version == 1


def test_a_late_capture_counts_its_lines_together():
    world = a_world()
    other = MARKET.product("P2").gtin
    hold = a_hold([basket()[0], a_line(other, 10_000, line_no=2, quantity=2)])
    world.run(hold)
    world.pass_time(seconds=900)
    world.run(a_hold([a_line(other, 10_000)], capture=True))

    assert world.run(capture_of(hold)) == [Refused("hold_expired", retryable=True)]
    (outcome,) = world.run(capture_of(hold, 2))
    assert isinstance(outcome, CheckoutStands)
    assert outcome.checkout.status == "captured"


def test_a_late_capture_in_the_new_year_takes_the_quota_of_the_old():
    world = a_world()
    world.instant = datetime(2026, 12, 31, 15, tzinfo=UTC)
    hold = a_hold([a_line(MARKET.product("P2").gtin, 10_000, quantity=3)])
    world.run(hold)
    world.pass_time(minutes=20)
    world.run(a_hold([a_line(MARKET.product("P2").gtin, 10_000)], capture=True))
    world.pass_time(hours=1)

    assert world.run(capture_of(hold)) == [Refused("hold_expired", retryable=True)]
    (anew,) = world.run(a_hold(hold.lines))
    assert isinstance(anew, CheckoutStands)
    assert anew.checkout.status == "held"
