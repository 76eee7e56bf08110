"""Tens of thousands of random commands on the book, each followed by a look at everything that must stay true.

A failure names the seed of its stream. LIJIAN_TEST_SEED starts elsewhere.
"""

import os
from copy import deepcopy

import pytest

from app.domain.checkout import Checkout, Status
from app.domain.commands import Capture, Command, Hold
from app.domain.lanes import LANE_VALUES
from app.domain.outcomes import CheckoutStands, Nothing, Outcome, Refused
from tests.book import terms
from tests.book.laws import Laws
from tests.book.market import Market, bent_market, shipped_market
from tests.book.oracle import Oracle, is_within, verdict_on
from tests.book.streams import Event, Stream, take
from tests.book.terms import Terms
from tests.book.world import World

SEED = int(os.environ.get("LIJIAN_TEST_SEED", "20251101"))
STREAMS = 80
STEPS = 280

BENT = bent_market()
SHIPPED = shipped_market()


def run_stream(market: Market, kinds: dict[str, Terms], seed: int) -> None:
    world, stream = World(market), Stream(market, seed)
    laws = Laws(world, kinds)
    for opening in stream.opening():
        world.run(opening, home_lane=stream.rng.choice(LANE_VALUES[:3]))
    for number in range(STEPS):
        step = stream.next(world)
        try:
            if isinstance(step, Event):
                take(world, step)
                world.settle()
            else:
                obey(world, kinds, step, home_lane=stream.rng.choice(LANE_VALUES[:3]))
            laws.check()
        except BaseException as failure:
            failure.add_note(f"seed {seed}, step {number}: {step}")
            raise


def obey(world: World, kinds: dict[str, Terms], command: Command, home_lane: int) -> None:
    """Run one command, and hold its outcome against the oracle's."""
    oracle, before = Oracle(world, kinds), world.image()
    known = dict(world.checkouts)
    (outcome,) = world.run(command, home_lane=home_lane)
    if isinstance(outcome, Refused | Nothing) or getattr(outcome, "replayed", False):
        assert world.image() == before
    if isinstance(command, Hold) and command.checkout_id not in known:
        check_hold(world, kinds, oracle, command, outcome)
    if isinstance(command, Capture):
        check_late_capture(world, kinds, oracle, command, outcome, known)


def check_hold(world: World, kinds: dict[str, Terms], oracle: Oracle, hold: Hold, outcome: Outcome) -> None:
    if not isinstance(outcome, CheckoutStands) or outcome.replayed:
        return
    assert [verdict_on(line) for line in outcome.checkout.lines] == oracle.hold(hold)
    check_within_caps(oracle, kinds, outcome.checkout, world.version)


def check_within_caps(oracle: Oracle, kinds: dict[str, Terms], checkout: Checkout, version: int) -> None:
    """What was granted is within the caps of the day."""
    for line in checkout.lines:
        if line.subsidy_fen:
            for name in kinds[str(line.category)].quota_names(checkout.created_at):
                assert is_within(oracle.history, checkout.consumer_id, name, version)


def check_late_capture(
    world: World,
    kinds: dict[str, Terms],
    oracle: Oracle,
    capture: Capture,
    outcome: Outcome,
    known: dict[str, Checkout],
) -> None:
    target = capture.target
    named = world.orders.get(target.order) if target.order else None
    before = known.get(str(named.checkout_id if named else target.checkout_id))
    if before is None or before.status is not Status.EXPIRED:
        return
    lines = [
        line
        for line in before.lines
        if line.subsidy_fen and (capture.line_nos is None or line.line_no in capture.line_nos)
    ]
    if isinstance(outcome, Refused) and outcome.code != "hold_expired":
        assert outcome.code in {"line_not_found", "invalid_field", "not_found"}
    else:
        assert isinstance(outcome, CheckoutStands) is oracle.fits_still(before, lines)


@pytest.mark.parametrize("number", range(STREAMS // 2))
def test_a_pack_made_to_bend_every_rule_keeps_all_that_must_stay_true(number: int):
    run_stream(BENT, terms.BENT, SEED + number)


@pytest.mark.parametrize("number", range(STREAMS // 2))
def test_the_shipped_pack_keeps_all_that_must_stay_true(number: int):
    run_stream(SHIPPED, terms.SHIPPED, SEED + number)


def test_at_least_twenty_thousand_commands_are_run():
    assert STREAMS * STEPS >= 20_000 * 1.05


@pytest.mark.parametrize("number", range(6))
def test_the_same_rows_commands_and_instant_give_the_same_outcomes(number: int):
    """Whether one by one or in one batch, and however often."""
    world, stream = World(BENT), Stream(BENT, SEED + number)
    world.run(*stream.opening())
    for _ in range(12):
        world.settle()
        one_by_one, twin = deepcopy(world), deepcopy(world)
        commands: list[Command] = []
        outcomes: list[Outcome] = []
        while not isinstance(step := stream.next(one_by_one), Event) and len(commands) < 25:
            commands.append(step)
            outcomes += one_by_one.run(step)

        assert world.run(*commands) == twin.run(*commands) == outcomes
        assert world.image() == twin.image() == one_by_one.image()
        if isinstance(step, Event):
            take(world, step)
