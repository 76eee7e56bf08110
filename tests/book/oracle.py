"""What a hold or a late capture ought to get, from the terms in words and the history of all that went before."""

from typing import NamedTuple

from app.domain.book.rows import Product
from app.domain.checkout import Checkout, Line, items_of
from app.domain.commands import BasketLine, Hold
from tests.book.history import History, history_of
from tests.book.terms import Terms, cap_fen, count_units, refuses
from tests.book.world import World, consumer_id_of


class Verdict(NamedTuple):
    outcome: str
    subsidy_fen: int
    entitled_fen: int
    reason: str | None
    limited_by: str | None
    category: str | None


class Oracle:
    """Foretells from the world as it was before the command."""

    def __init__(self, world: World, terms: dict[str, Terms]) -> None:
        self.world = world
        self.terms = terms
        self.history: History = history_of(world, terms)

    def left_fen(self, pool: str) -> int:
        budget_fen = sum(a.amount_fen for a in self.world.adjustments.values() if a is not None and a.pool == pool)
        return budget_fen - self.history.taken_fen[pool]

    # --- holds -------------------------------------------------------------------------------------------------

    def hold(self, hold: Hold) -> list[Verdict]:
        """Decided in the order of the basket, given in the order of line numbers."""
        verdicts: dict[int, Verdict] = {}
        for line in hold.lines:
            verdict = self._line(hold, line)
            if verdict.category is not None and verdict.subsidy_fen:
                kind = self.terms[verdict.category]
                names = kind.quota_names(self.world.instant)
                consumer_id = consumer_id_of(hold.buyer.digest)
                self.history.count(consumer_id, kind.programme, names, verdict.subsidy_fen, line.quantity)
                self.history.carry(items_of(line.gtin, line.serial_no, line.imeis), (hold.checkout_id, line.line_no))
            verdicts[line.line_no] = verdict
        return [verdicts[line_no] for line_no in sorted(verdicts)]

    def _line(self, hold: Hold, line: BasketLine) -> Verdict:
        product = next((p for p in self.world.market.products if p.gtin == line.gtin), None)
        if product is None:
            return declined("product_not_in_catalogue", None)
        code: str | None = product.category
        choices: list[Verdict] = []
        while code is not None and code in self.terms and code not in {choice.category for choice in choices}:
            kind = self.terms[code]
            choices.append(self._under(hold, line, product, code, kind))
            code = kind.or_else
        choices = [c for c in choices if line.programme in {None, self.terms[str(c.category)].programme}]
        if not choices:
            return declined("category_not_in_policy", product.category)
        return max(choices, key=lambda choice: choice.subsidy_fen)

    def _under(self, hold: Hold, line: BasketLine, product: Product, code: str, kind: Terms) -> Verdict:
        battery = line.trade_in.battery if line.trade_in else None
        unit_fen = kind.unit_fen(line.price_fen, product.grade, battery)
        reason = self._refusal(hold, line, product, kind, unit_fen)
        if reason is not None:
            return declined(reason, code)
        assert unit_fen is not None
        limited = "item_cap" if kind.is_capped(line.price_fen, product.grade, battery) else None
        verdict = Verdict("granted", unit_fen * line.quantity, unit_fen * line.quantity, None, limited, code)
        return self._within_limits(hold, line, kind, verdict)

    def _refusal(self, hold: Hold, line: BasketLine, product: Product, kind: Terms, unit_fen: int | None) -> str | None:
        switch = self.world.switches.get(kind.programme)
        taken = [i for i in items_of(line.gtin, line.serial_no, line.imeis) if self.history.carriers.get(i)]
        return next(
            (
                reason
                for reason, holds in (
                    ("programme_paused", switch is not None and switch.state == "paused"),
                    ("consumer_not_eligible", not kind.is_old_enough(hold.buyer.birth_date, self.world.instant)),
                    (
                        "trade_in_required",
                        kind.needs_old and (line.trade_in is None or line.trade_in.category != kind.needs_old),
                    ),
                    ("price_above_ceiling", kind.ceiling_fen and line.price_fen > kind.ceiling_fen),
                    ("category_not_in_policy", unit_fen is None),
                    ("zero_subsidy", unit_fen == 0),
                    ("price_above_filed_price", product.filed_price_fen and line.price_fen > product.filed_price_fen),
                    ("serial_no_required", product.serialised and not line.serial_no),
                    ("imei_required", product.cellular and not line.imeis),
                    ("imei_already_subsidised", taken and taken[0].startswith("imei")),
                    ("serial_no_already_subsidised", bool(taken)),
                )
                if holds
            ),
            None,
        )

    def _within_limits(self, hold: Hold, line: BasketLine, kind: Terms, verdict: Verdict) -> Verdict:
        consumer_id = consumer_id_of(hold.buyer.digest)
        names = kind.quota_names(self.world.instant)
        for name in names:
            units = count_units(name, self.world.version)
            if units is not None and self.history.units[consumer_id, name] + line.quantity > units:
                return short(verdict, 0, "category_limit_reached", "category_limit")
        for name in names:
            cap = cap_fen(name, self.world.version)
            left_fen = verdict.subsidy_fen if cap is None else max(0, cap - self.history.fen[consumer_id, name])
            if left_fen < verdict.subsidy_fen:
                granted_fen = 0 if refuses(kind.programme) else left_fen
                verdict = short(verdict, granted_fen, "consumer_cap_reached", "consumer_cap")
        left_fen = self.left_fen(kind.programme)
        if left_fen < verdict.subsidy_fen:
            granted_fen = 0 if refuses(kind.programme) else left_fen
            verdict = short(verdict, granted_fen, "fund_exhausted", "pool")
        return verdict

    # --- late captures -----------------------------------------------------------------------------------------

    def fits_still(self, checkout: Checkout, lines: list[Line]) -> bool:
        """Whether all that was held can be had again, under the caps it was held under."""
        for line in lines:
            kind = self.terms[str(line.category)]
            names = kind.quota_names(checkout.created_at)
            self.history.count(checkout.consumer_id, kind.programme, names, line.subsidy_fen, line.quantity)
            self.history.carry(items_of(line.gtin, line.serial_no, line.imeis), (checkout.checkout_id, line.line_no))
        every_name = {n for line in lines for n in self.terms[str(line.category)].quota_names(checkout.created_at)}
        within_caps = all(
            is_within(self.history, checkout.consumer_id, name, checkout.policy_version) for name in every_name
        )
        mine = [item for line in lines for item in line.items]
        alone = all(len(self.history.carriers[item]) == 1 for item in mine)
        funded = all(self.left_fen(str(line.pool)) >= 0 for line in lines)
        return within_caps and alone and funded


def is_within(history: History, consumer_id: str, name: str, version: int) -> bool:
    cap, units = cap_fen(name, version), count_units(name, version)
    return (cap is None or history.fen[consumer_id, name] <= cap) and (
        units is None or history.units[consumer_id, name] <= units
    )


def declined(reason: str, category: str | None) -> Verdict:
    return Verdict("declined", 0, 0, reason, None, category)


def short(verdict: Verdict, granted_fen: int, reason: str, limited_by: str) -> Verdict:
    outcome = "reduced" if granted_fen else "declined"
    return verdict._replace(outcome=outcome, subsidy_fen=granted_fen, reason=reason, limited_by=limited_by)


def verdict_on(line: Line) -> Verdict:
    """What the book decided, in the oracle's words."""
    return Verdict(
        str(line.outcome),
        line.subsidy_fen,
        line.entitled_fen,
        None if line.reason is None else str(line.reason),
        None if line.limited_by is None else str(line.limited_by),
        line.category,
    )
