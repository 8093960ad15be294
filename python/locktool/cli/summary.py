"""A lock's outcome in words: what was added, removed or moved, how many packages, how long."""

from __future__ import annotations

from locktool._native import display_path
from locktool.cli.progress import size_text

# What type checkers set; `typing` itself is not loaded: every lock has a summary.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from locktool.cli.console import Console
    from locktool.lock.diff import LockDiff, PackageChange
    from locktool.operations.outcome import CompileOutcome, LockOutcome, RunOutcome

_SHOWN = 60


def lock_summary(outcome: LockOutcome, console: Console) -> list[str]:
    """Lines for a person; a first lock lists its packages only with `-v`."""
    lines = _resolved(outcome, console)
    if outcome.written:
        lines.append(
            f"Wrote {display_path(outcome.location)}" + (f": {_counts(outcome.diff)}" if not outcome.first else "")
        )
    elif outcome.changed:
        lines.append(f"Would write {display_path(outcome.location)}: {_counts(outcome.diff)}")
    else:
        lines.append(f"{display_path(outcome.location)} is up to date")
    return lines


def note_changes(outcome: RunOutcome, console: Console) -> None:
    """Say the notes of a run that changed something; a run that repeats another says them with `-v`."""
    for note in outcome.notes:
        (console.say if outcome.changed else console.detail)(f"note: {note}")


def compile_summary(outcome: CompileOutcome, console: Console) -> list[str]:
    """Lines for a person, as for a lock."""
    state = "Wrote" if outcome.written else "Would write" if outcome.changed else "Unchanged:"
    return (
        [*_resolved(outcome, console), f"{state} {display_path(str(outcome.path))}"]
        if outcome.path
        else _resolved(outcome, console)
    )


def _resolved(outcome: RunOutcome, console: Console) -> list[str]:
    count = _count(outcome.packages, "package")
    took = console.style(f"in {_seconds(outcome.seconds)}", "dim")
    everything = not outcome.first or console.verbosity > 0
    lines = [f"Resolved {count} {took}"]
    if console.verbosity > 0:
        read = outcome.counters
        pages, requests = _count(read.pages, "page"), _count(read.requests, "request")
        lines.append(f"Read {pages} and {read.metadata} metadata, {size_text(read.bytes)} in {requests}")
    return [*lines, *(diff_lines(outcome.diff, console) if everything else ())]


def diff_lines(diff: LockDiff, console: Console) -> list[str]:
    """One line for each change: `+` added, `-` removed, `~` moved from which version to which."""
    from locktool.cli.changes import change_text

    kinds = ((diff.added, "+", "green"), (diff.removed, "-", "red"), (diff.moved, "~", "yellow"))
    lines = [
        console.style(f"  {sign} {change.name} {change_text(change)}", style)
        for changes, sign, style in kinds
        for change in changes
    ]
    if len(lines) > _SHOWN and console.verbosity <= 0:
        rest = len(lines) - _SHOWN
        lines = [*lines[:_SHOWN], f"  ... and {rest} more (-v lists all)"]
    return lines


def lock_as_json(outcome: LockOutcome) -> dict[str, Any]:
    """The outcome as a JSON document."""
    return {"path": outcome.location, **_run_as_json(outcome)}


def compile_as_json(outcome: CompileOutcome) -> dict[str, Any]:
    """The outcome as a JSON document; `text` where no file was asked for."""
    path_or_text = {"path": str(outcome.path.absolute())} if outcome.path else {"path": None, "text": outcome.text}
    return {**path_or_text, **_run_as_json(outcome)}


def _run_as_json(outcome: RunOutcome) -> dict[str, Any]:
    counters = outcome.counters
    return {
        "changed": outcome.changed,
        "written": outcome.written,
        "packages": outcome.packages,
        "seconds": round(outcome.seconds, 3),
        **diff_as_json(outcome.diff),
        "warnings": list(outcome.warnings),
        "notes": list(outcome.notes),
        "counters": {name: getattr(counters, name) for name in counters._fields},
    }


def diff_as_json(diff: LockDiff) -> dict[str, Any]:
    """The changes as JSON: `{"added": [{"name", "to"}], "removed": [{"name", "from"}], "moved": [...]}`.

    `from_origins` and `to_origins` stand beside them where they differ, or are not those of an index.
    """
    return {kind: [_change(change) for change in getattr(diff, kind)] for kind in ("added", "removed", "moved")}


def _change(change: PackageChange) -> dict[str, Any]:
    found: dict[str, Any] = {"name": change.name}
    if change.before:
        found["from"] = list(change.before)
    if change.after:
        found["to"] = list(change.after)
    for key, origins in (("from_origins", change.origins_before), ("to_origins", change.origins_after)):
        if origins and (change.other_origin or any(origin.kind != "index" for origin in origins)):
            found[key] = [
                {name: value for name, value in origin._asdict().items() if value is not None} for origin in origins
            ]
    return found


def _counts(diff: LockDiff) -> str:
    counts = [(diff.added, "added"), (diff.removed, "removed"), (diff.moved, "moved")]
    return ", ".join(f"{len(changes)} {word}" for changes, word in counts if changes) or "no version moved"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
