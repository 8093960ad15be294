"""One changed package in words: its versions, short commits where there are none, and where it comes from."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from locktool.lock.diff import PackageChange
    from locktool.lock.origin import Origin

_SHORT_COMMIT = 7


def change_text(change: "PackageChange") -> str:
    """What stands behind the name: `1.0 -> 2.0`, `f951849 -> 02584e4`, `2.3.1 (index -> url)`, `02584e4 (git)`."""
    before = _side(change.before, change.origins_before)
    after = _side(change.after, change.origins_after)
    if not (before and after):
        text, origins = (before, change.origins_before) if before else (after, change.origins_after)
        return " ".join((text, *_kinds(origins)))
    text = before if before == after else f"{before} -> {after}"
    moves = _origin_moves(change)
    return f"{text} ({moves})" if moves else text


def side_text(versions: "tuple[str, ...]", origins: "tuple[Origin, ...]") -> str:
    """One side of a change by itself: `2.3.1 (url)`, `02584e4 (git)`, `1.0`."""
    return " ".join((_side(versions, origins), *_kinds(origins)))


def short_commit(commit: str) -> str:
    """As much of the id of a commit as tells it from others."""
    return commit[:_SHORT_COMMIT]


def origins_text(change: "PackageChange") -> str | None:
    """Where a package came from and comes from, in full; None where at most the commit of a repository is another."""
    if not change.other_origin or not _origin_moves(change):
        return None
    return " -> ".join(", ".join(map(str, side)) for side in (change.origins_before, change.origins_after))


def _side(versions: "tuple[str, ...]", origins: "tuple[Origin, ...]") -> str:
    commits = [short_commit(origin.commit) for origin in origins if origin.commit]
    known = [version for version in versions if version]
    named = [*known, *commits] if "" in versions or commits else known
    return ", ".join(named or ["(directory)"] * bool(versions))


def _kinds(origins: "tuple[Origin, ...]") -> list[str]:
    return [f"({_word(origin)})" for origin in origins if origin.kind in ("git", "archive")]


def _origin_moves(change: "PackageChange") -> str:
    """How the origin differs, where the sides do not say it: by kind, else by address, revision or subdirectory."""
    if not change.other_origin:
        return ""
    for describe in (_word, _address, _revision, _subdirectory):
        before, after = (
            ", ".join(dict.fromkeys(map(describe, side))) for side in (change.origins_before, change.origins_after)
        )
        if before != after:
            return f"{before} -> {after}"
    return ""


def _word(origin: "Origin") -> str:
    if origin.kind != "archive":
        return origin.kind
    return "url" if "://" in (origin.address or "") else "file"


def _address(origin: "Origin") -> str:
    return origin.address or "-"


def _revision(origin: "Origin") -> str:
    revision = origin.revision or "default branch"
    return revision.replace("refs/heads/", "branch ").replace("refs/tags/", "tag ")


def _subdirectory(origin: "Origin") -> str:
    return origin.subdirectory or "."
