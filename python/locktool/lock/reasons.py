"""Why a lock is stale or unsound, in words: each reason in one line, and below what to do about it.

The extension finds the reasons (see `certify`) and phrases each; here they are grouped, so that the same advice
stands once, and cut to a number that a person reads.
"""

import re
from collections.abc import Sequence
from typing import Protocol

SHOWN = 12
_BETWEEN_TICKS = re.compile(r"`([^`@;,]+,[^`@;]+)(;[^`]*)?`")


class Reason(Protocol):
    """The record `locktool._native.StaleReason`, by its attributes."""

    @property
    def code(self) -> str:
        """A stable identifier for programs."""

    @property
    def message(self) -> str:
        """What is wrong, and of which package."""

    @property
    def package(self) -> str | None:
        """The normalised name it is about, if it is about one."""

    @property
    def suggestion(self) -> str | None:
        """What to do, as a phrase in the imperative."""


def render_reasons(reasons: Sequence[Reason], *, shown: int = SHOWN) -> list[str]:
    """Lines for a person: the reasons, grouped by the advice that follows them."""
    groups: dict[str | None, list[str]] = {}
    for reason in reasons[:shown]:
        groups.setdefault(reason.suggestion or None, []).append(_BETWEEN_TICKS.sub(_in_reading_order, reason.message))
    lines: list[str] = []
    for suggestion, messages in groups.items():
        lines += messages
        if suggestion:
            lines.append(f"  -> {suggestion}")
    if len(reasons) > shown:
        lines.append(f"... and {len(reasons) - shown} more (`--json` lists all)")
    return lines


def _in_reading_order(found: re.Match[str]) -> str:
    """A requirement as people write it, lower bounds first; the canonical form has the signs in their own order."""
    from locktool._native import Requirement
    from locktool.exceptions import InvalidRequirement
    from locktool.lock.graph import without_condition

    try:
        requirement = Requirement(found[1])
    except InvalidRequirement:
        return found[0]
    return f"`{without_condition(requirement)}{found[2] or ''}`"
