"""What the book holds, and the few moves every act is made of."""

from datetime import datetime
from typing import Literal

from app.domain.book.rows import (
    FREE_ITEM,
    Adjustment,
    Consumer,
    ItemClaim,
    Missing,
    OrderNumber,
    Pool,
    Product,
    Quota,
    RefundNumber,
)
from app.domain.checkout import Checkout, Line, RefundMade
from app.domain.commands import Buyer, Target
from app.domain.ledger import Account, Act, Journal
from app.domain.outcomes import Refused
from app.domain.policy.model import Category, Policy, QuotaRule
from app.domain.rules import Rules

UNSEEN_ORDER = OrderNumber("free")


class BookState:
    """Rows by key. The store fills them before the acts and writes what changed after them."""

    def __init__(self, rules: Rules, instant: datetime) -> None:
        self.rules = rules
        self.instant = instant
        self.today = rules.policy.local_date(instant)
        self._quota_rules: dict[str, tuple[QuotaRule, ...]] = {}
        self.products: dict[str, Product] = {}
        self.consumers: dict[tuple[int, bytes], Consumer] = {}
        self.quotas: dict[tuple[str, str], Quota] = {}
        self.quotas_changed: dict[tuple[str, str], int] = {}
        self.orders: dict[tuple[str, str], OrderNumber] = {}
        self.refund_numbers: dict[tuple[str, str], RefundNumber] = {}
        self.adjustments: dict[str, Adjustment | None] = {}
        self.checkouts: dict[str, Checkout] = {}
        self.touched: set[str] = set()
        self.refunds: dict[str, RefundMade] = {}
        self.items: dict[str, ItemClaim] = {}
        self.pools: dict[str, Pool] = {}
        self.journal = Journal()
        self.checkouts_made: list[str] = []
        self.refunds_made: list[str] = []
        self.refunds_restored: list[str] = []

    # --- finding ---------------------------------------------------------------------------------------------

    def find(self, target: Target) -> Checkout | None:
        """The checkout a till means, if it ever held anything and is the caller's own."""
        checkout_id = target.checkout_id
        order = target.order
        if order is not None:
            number = self.orders.get(order, UNSEEN_ORDER)
            checkout_id = number.checkout_id if number.state == "taken" else None
        checkout = self.checkouts.get(checkout_id) if checkout_id is not None else None
        if checkout is None or checkout.merchant_id != target.merchant_id:
            return None
        return checkout

    def never_held(self, target: Target) -> Refused:
        """The refusal for what never held anything: its hold may yet come, unless a void has closed the number."""
        order = target.order
        if order is not None and self.orders.get(order, UNSEEN_ORDER).state == "closed":
            return Refused("checkout_voided")
        return Refused("not_found", retryable=True)

    def policy_of(self, checkout: Checkout) -> Policy:
        return self.rules.of(checkout.policy, checkout.policy_version)

    def is_due(self, refund_made: RefundMade) -> bool:
        """Whether a deferred restoration of quota has come due."""
        return (
            refund_made.restore_at is not None
            and refund_made.restored_at is None
            and refund_made.restore_at <= self.instant
        )

    def quota_rules(self, category: Category) -> tuple[QuotaRule, ...]:
        """The limits a line of this category counts against today, under the policy in force."""
        rules = self._quota_rules.get(category.code)
        if rules is None:
            rules = self._quota_rules[category.code] = self.rules.policy.quotas(category, self.today)
        return rules

    # --- consumer quotas -------------------------------------------------------------------------------------

    def quota(self, consumer_id: str, name: str) -> Quota:
        """The quota to read. Every quota row of a consumer in the book was read under the consumer's lock."""
        return self.quotas.get((consumer_id, name)) or Quota()

    def move_quotas(
        self,
        checkout_lane: int,
        consumer_id: str,
        names: tuple[str, ...],
        *,
        held_fen: int = 0,
        used_fen: int = 0,
        held_units: int = 0,
        used_units: int = 0,
    ) -> list[Quota]:
        moved = []
        for name in names:
            key = (consumer_id, name)
            quota = self.quotas.get(key)
            if quota is None:
                quota = self.quotas[key] = Quota()
            self.quotas_changed[key] = checkout_lane
            quota.held_fen += held_fen
            quota.used_fen += used_fen
            quota.held_units += held_units
            quota.used_units += used_units
            moved.append(quota)
        return moved

    # --- serial numbers and IMEIs ----------------------------------------------------------------------------

    def is_free(self, item: str) -> bool:
        """Whether nothing live carries the item. Raises Missing when its holder may have lapsed and was not read."""
        claim = self.items[item]
        if claim.checkout_id is None:
            return True
        if claim.checkout_id in self.touched or claim.held_until is None or claim.held_until > self.instant:
            return False
        assert claim.lane is not None
        raise Missing(checkouts=((claim.lane, claim.checkout_id),))

    def claim_items(self, lane: int, checkout_id: str, line: Line) -> None:
        for item in line.items:
            self.items[item] = ItemClaim(lane, checkout_id, line.line_no)

    def free_items(self, checkout_id: str, line: Line) -> None:
        for item in line.items:
            if self.items[item].checkout_id == checkout_id:
                self.items[item] = FREE_ITEM

    # --- the pool, together with the ledger ------------------------------------------------------------------

    def transfer(
        self,
        act: Act,
        line: Line,
        debit: Literal["available", "held", "spent"],
        credit: Literal["available", "held", "spent"],
        *,
        amount_fen: int,
        quota_fen: int,
        quota_units: int,
    ) -> None:
        """Move a line's money on its pool's home stripe and enter it in the ledger."""
        assert line.pool is not None
        moves = {"available": 0, "held": 0, "spent": 0}
        moves[debit] -= amount_fen
        moves[credit] += amount_fen
        self.pools[line.pool].home.move(
            available_fen=moves["available"], held_fen=moves["held"], spent_fen=moves["spent"]
        )
        self.enter(
            act,
            debit,
            credit,
            pool=line.pool,
            line_no=line.line_no,
            amount_fen=amount_fen,
            quota_fen=quota_fen,
            quota_units=quota_units,
        )

    def enter(
        self,
        act: Act,
        debit: Account,
        credit: Account,
        *,
        pool: str,
        line_no: int | None,
        amount_fen: int,
        quota_fen: int,
        quota_units: int,
    ) -> None:
        self.journal.transfer(
            act,
            debit,
            credit,
            pool=pool,
            line_no=line_no,
            amount_fen=amount_fen,
            quota_fen=quota_fen,
            quota_units=quota_units,
        )

    def act_on(self, checkout: Checkout, kind: str, amount_fen: int, detail: dict[str, object] | None = None) -> Act:
        """Record an act on a checkout; its id makes a second one of the same kind impossible."""
        act = Act(
            checkout.lane,
            f"{checkout.checkout_id}:{kind}",
            kind,
            checkout.checkout_id,
            None,
            checkout.merchant_id,
            None,
            amount_fen,
            self.instant,
            detail,
        )
        self.journal.record(act)
        return act

    def consumer(self, buyer: Buyer) -> Consumer:
        return self.consumers[buyer.lane, buyer.digest]
