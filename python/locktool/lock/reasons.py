"""Why a lock is stale or unsound, in words: each reason in one line, and below what to do about it.

The extension finds the reasons (see `certify`) and phrases each; here they are grouped, so that the same advice
stands once, and cut to a number that a person reads.
"""

from collections.abc import Sequence
from typing import Protocol

SHOWN = 12


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
        groups.setdefault(reason.suggestion or None, []).append(reason.message)
    lines: list[str] = []
    for suggestion, messages in groups.items():
        lines += messages
        if suggestion:
            lines.append(f"  -> {suggestion}")
    if len(reasons) > shown:
        lines.append(f"... and {len(reasons) - shown} more (`--json` lists all)")
    return lines
