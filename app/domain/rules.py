"""The rules in force at one instant: the policy, its version and the switches an operator has thrown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.domain.policy.model import Policy


@dataclass(frozen=True, slots=True)
class Switch:
    """An operator's word on one programme; it overrides what the pack says."""

    state: Literal["open", "paused"]
    reason: str | None


@dataclass(frozen=True, slots=True)
class Rules:
    """`published` holds every published version, so that an old checkout is always read under its own rules."""

    policy: Policy
    version: int
    switches: Mapping[str, Switch]
    published: Mapping[tuple[str, int], Policy]

    def of(self, policy: str, version: int) -> Policy:
        return self.published[policy, version]
