"""What is wrong with a pack: every fault at once, each with its place."""

from typing import NamedTuple


class PackFault(NamedTuple):
    """`key` is the place, as `categories[3].amount.rates_bps` (counted from 0); empty for the file as a
    whole.
    """

    key: str
    reason: str


class PackRefused(ValueError):
    """The pack cannot be put in force; nothing of it was taken over."""

    def __init__(self, faults: tuple[PackFault, ...]) -> None:
        super().__init__("; ".join(f"{key}: {reason}" if key else reason for key, reason in faults))
        self.faults = faults
