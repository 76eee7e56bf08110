"""What is wrong with a pack: every fault at once, each with its place, in Chinese and English."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from app.domain.policy.model import Text


class PackFault(NamedTuple):
    """`key` is the place, as `categories[A04].amount.rates_bps`; empty for the file as a whole.

    An entry of a list is named by its code. One without a sound code, or with a code that another entry of the list
    has too, is named by its number, counted from 1: `pools[age_friendly].shares[2].share_bps`.
    """

    key: str
    reason: Text


class PackRefused(ValueError):
    """The pack cannot be put in force; nothing of it was taken over."""

    def __init__(self, faults: tuple[PackFault, ...]) -> None:
        super().__init__("; ".join(f"{key}: {reason.en}" if key else reason.en for key, reason in faults))
        self.faults = faults


def entry_names(codes: Sequence[str]) -> list[str]:
    """What the keys of faults call the entries of a list with these codes; an empty code is none."""
    times = Counter(codes)
    return [code if code and times[code] == 1 else str(number) for number, code in enumerate(codes, 1)]
