"""What must stay true after every command, asked of the world's rows. Counters are held against the ledger and
against a history worked out anew from the checkouts."""

from collections import Counter
from dataclasses import dataclass, field

from app.domain.checkout import Checkout, Line, Status
from tests.book.history import SPENT, History, history_of
from tests.book.terms import Terms
from tests.book.world import World

MOVES = {
    (None, "declined"),
    (None, "held"),
    (None, "captured"),
    ("held", "captured"),
    ("held", "voided"),
    ("held", "expired"),
    ("expired", "captured"),
    ("captured", "partially_refunded"),
    ("captured", "refunded"),
    ("partially_refunded", "refunded"),
}
"""`None` is not yet made. One command after another: a checkout held and captured by one command was never held."""

Row = tuple[int, int, int]


@dataclass
class Laws:
    """Follows a world; the ledger's totals are carried on from one look to the next."""

    world: World
    terms: dict[str, Terms]
    entries_seen: int = 0
    acts_seen: set[str] = field(default_factory=set)
    accounts: Counter[tuple[str, str]] = field(default_factory=Counter)
    quotas: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    seen: dict[str, Checkout] = field(default_factory=dict)

    def check(self) -> History:
        """Raises AssertionError. The world must be settled."""
        history = history_of(self.world, self.terms)
        self._ledger_balances()
        self._pools_add_up(history)
        self._quotas_are_what_was_used(history)
        self._moves_are_legal()
        for checkout_id, checkout in self.world.checkouts.items():
            if self.seen.get(checkout_id) is not checkout:
                self._sums_are_right(checkout)
        self.seen = dict(self.world.checkouts)
        self._one_subsidy_an_item(history)
        self._numbers_name_their_checkouts()
        return history

    def _ledger_balances(self) -> None:
        columns: dict[str, Row] = {}
        for entry in self.world.entries[self.entries_seen :]:
            money, fen, units = columns.get(entry.act_id, (0, 0, 0))
            columns[entry.act_id] = (money + entry.amount_fen, fen + entry.quota_fen, units + entry.quota_units)
            self.accounts[entry.pool, entry.account] += entry.amount_fen
            if entry.checkout_id is not None:
                self._count(entry.checkout_id, entry.line_no, entry.account, entry.quota_fen, entry.quota_units)
        assert {act: column for act, column in columns.items() if column != (0, 0, 0)} == {}
        assert not self.acts_seen & set(columns), "an act was done twice"
        self.acts_seen |= set(columns)
        self.entries_seen = len(self.world.entries)

    def _count(self, checkout_id: str, line_no: int | None, account: str, fen: int, units: int) -> None:
        checkout = self.world.checkouts[checkout_id]
        line = next(line for line in checkout.lines if line.line_no == line_no)
        for name in line.quotas:
            counter = self.quotas.setdefault((checkout.consumer_id, name), Counter())
            counter[f"{account} fen"] += fen
            counter[f"{account} units"] += units

    def _pools_add_up(self, history: History) -> None:
        for pool in self.world.market.pools:
            money = self.world.money(pool)
            assert money.available_fen + money.held_fen + money.spent_fen == money.budget_fen
            assert all(m.available_fen >= 0 for (_, code), m in self.world.stripes.items() if code == pool)
            ledger = [self.accounts[pool, account] for account in ("funder", "available", "held", "spent")]
            assert ledger == [-money.budget_fen, money.available_fen, money.held_fen, money.spent_fen]
            assert money.held_fen + money.spent_fen == history.taken_fen[pool]

    def _quotas_are_what_was_used(self, history: History) -> None:
        for key, quota in self.world.quotas.items():
            ledger = self.quotas.get(key, Counter())
            assert (quota.held_fen, quota.used_fen) == (ledger["held fen"], ledger["spent fen"]), key
            assert (quota.held_units, quota.used_units) == (ledger["held units"], ledger["spent units"]), key
            assert min(quota.held_fen, quota.used_fen, quota.held_units, quota.used_units) >= 0
            assert quota.cap_fen is None or quota.held_fen + quota.used_fen <= quota.cap_fen
            assert quota.cap_units is None or quota.held_units + quota.used_units <= quota.cap_units
            assert quota.held_fen + quota.used_fen == history.fen[key], key
            assert quota.held_units + quota.used_units == history.units[key], key
        assert {key for key, fen in history.fen.items() if fen} <= set(self.world.quotas)

    def _moves_are_legal(self) -> None:
        for checkout_id, checkout in self.world.checkouts.items():
            before = self.seen.get(checkout_id)
            was, now = None if before is None else str(before.status), str(checkout.status)
            assert was == now or (was, now) in MOVES, f"{checkout_id} went from {was} to {now}"

    def _sums_are_right(self, checkout: Checkout) -> None:
        lines = checkout.lines
        assert checkout.total_fen == sum(line.price_fen * line.quantity for line in lines)
        assert checkout.subsidy_fen == sum(line.subsidy_fen for line in lines)
        assert checkout.refunded_fen == sum(line.refunded_fen for line in lines)
        assert checkout.status in SPENT or checkout.refunded_fen == 0
        carrying = [line for line in lines if line.subsidy_fen]
        assert bool(carrying) is (checkout.status is not Status.DECLINED)
        for line in lines:
            assert 0 <= line.refunded_fen <= line.subsidy_fen <= line.entitled_fen <= line.price_fen * line.quantity
            assert bool(line.subsidy_fen) is (line.outcome in {"granted", "reduced"})
            if line.outcome == "declined":
                assert line.reason is not None
                assert line.quotas == ()
        all_back = all(line.refunded_units == line.quantity for line in carrying)
        if checkout.status in SPENT and checkout.refunded_fen:
            assert (checkout.status is Status.REFUNDED) is all_back
        for line in carrying:
            self._refunds_of_the_line_are_exact(checkout, line)

    def _refunds_of_the_line_are_exact(self, checkout: Checkout, line: Line) -> None:
        """floor(S·k/q) in whatever order; and what the buyer got back is all he paid but for what he keeps.

        At a price that earns nothing all units have left the programme.
        """
        parts = [
            part
            for made in self.world.refunds.values()
            if made.checkout_id == checkout.checkout_id
            for part in made.lines
            if part.line_no == line.line_no
        ]
        units = sum(part.quantity or 0 for part in parts)
        prices_fen = [part.new_price_fen for part in parts if part.new_price_fen is not None]
        price_fen = min(prices_fen, default=line.price_fen)
        subsidy_fen = min([line.subsidy_fen, *(self._earned(line, price_fen) for price_fen in prices_fen)])
        kept_fen = subsidy_fen - subsidy_fen * units // line.quantity
        assert line.refunded_units == (units if subsidy_fen else line.quantity)
        assert sum(part.subsidy_returned_fen for part in parts) == line.refunded_fen == line.subsidy_fen - kept_fen
        paid_fen = line.price_fen * line.quantity - line.subsidy_fen
        keeps_fen = price_fen * (line.quantity - units) - kept_fen
        assert sum(part.consumer_refund_fen for part in parts) == paid_fen - keeps_fen
        assert all(part.subsidy_returned_fen >= 0 and part.consumer_refund_fen >= 0 for part in parts)

    def _earned(self, line: Line, price_fen: int) -> int:
        battery = line.trade_in.battery if line.trade_in else None
        product = next(p for p in self.world.market.products if p.gtin == line.gtin)
        unit_fen = self.terms[str(line.category)].unit_fen(price_fen, product.grade, battery)
        assert unit_fen is not None
        return unit_fen * line.quantity

    def _one_subsidy_an_item(self, history: History) -> None:
        carriers = {item: carriers for item, carriers in history.carriers.items() if carriers}
        assert {item: c for item, c in carriers.items() if len(c) > 1} == {}
        claims = {i: (c.checkout_id, c.line_no) for i, c in self.world.items.items() if c.checkout_id is not None}
        assert claims == {item: carrier for item, (carrier,) in carriers.items()}

    def _numbers_name_their_checkouts(self) -> None:
        named = {n.checkout_id: key for key, n in self.world.orders.items() if n.state == "taken"}
        held = {c.checkout_id: (c.merchant_id, c.order_no) for c in self.world.checkouts.values()}
        granted = {c.checkout_id for c in self.world.checkouts.values() if c.status is not Status.DECLINED}
        assert set(named) == granted
        assert all(held[checkout_id] == key for checkout_id, key in named.items() if checkout_id)
