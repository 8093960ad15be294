"""`locktool diff`: say what has changed between two locks."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from locktool.cli.arguments import add_output_arguments, add_project_argument, add_script_argument
from locktool.cli.console import Console

if TYPE_CHECKING:
    from locktool.lock.diff import LockDiff
    from locktool.operations.diff import ComparedLocks

DESCRIPTION = """\
Says what has changed between two locks: packages that were added, removed or
moved to another version, commit or origin, and what a review should see:
versions that moved back, packages that come from elsewhere, files that a
version did not have before, hosts that are new, versions that have to be built,
and versions that were yanked as far as the cache of this machine knows.

Each side is a file, a directory with a lock, or a git revision.

exit codes: 0 done, whether or not something has changed, 1 there is no lock, 2
they could not be compared.\
"""
EXAMPLES = """\
examples:
  locktool diff                            the lock since the last commit
  locktool diff HEAD~1                     since the commit before that
  locktool diff main feature               between two branches
  locktool diff old/pylock.toml pylock.toml
  locktool diff origin/main --markdown     for a pull request
  locktool diff v1.0 --json
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("old", metavar="OLD", nargs="?", help="the lock before (default: that of HEAD)")
    parser.add_argument("new", metavar="NEW", nargs="?", help="the lock after (default: the lock of the project)")
    add_project_argument(parser)
    add_script_argument(parser)
    parser.add_argument("--markdown", action="store_true", help="write Markdown")
    add_output_arguments(parser)


def run(arguments: Namespace, console: Console) -> int:
    """Print the changes."""
    from locktool.operations.diff import diff_locks

    compared = diff_locks(arguments.project, arguments.old, arguments.new, script=arguments.script)
    yanked = _yanked(compared.diff)
    for note in compared.notes:
        console.say(f"note: {note}")
    if console.json:
        console.result_json(_as_json(compared, yanked))
    elif arguments.markdown:
        console.result("\n".join(_markdown(compared, yanked)))
    else:
        lines = list(_lines(compared.diff, yanked))
        if lines:
            console.result("\n".join(lines))
        console.say(_summary(compared))
    return 0


def _yanked(diff: "LockDiff") -> list[tuple[str, str, str]]:
    """The versions that are new and were yanked: `(name, version, reason)`."""
    from locktool.api.cache import CacheReader
    from locktool.exceptions import CacheError

    found: list[tuple[str, str, str]] = []
    try:
        cache = CacheReader()
    except CacheError:
        return found
    for change in (*diff.added, *diff.moved):
        fresh = set(change.after) - set(change.before)
        releases = (release for package in cache.packages(change.name) for release in package.releases)
        for release in releases:
            if release.yanked and release.version in fresh:
                reason = next((file.yanked for file in release.files if file.yanked), "")
                found.append((change.name, release.version, reason))
    return sorted(set(found))


def _summary(compared: "ComparedLocks") -> str:
    sides = f"from {compared.before} to {compared.after}"
    if compared.diff:
        counts = ((compared.diff.added, "added"), (compared.diff.removed, "removed"), (compared.diff.moved, "moved"))
        return f"{', '.join(f'{len(changes)} {word}' for changes, word in counts if changes)} {sides}"
    return f"no version has moved {sides}" if compared.differ else f"nothing has changed {sides}"


def _lines(diff: "LockDiff", yanked: "list[tuple[str, str, str]]") -> Iterator[str]:
    from locktool.cli.changes import change_text

    for sign, changes in (("+", diff.added), ("-", diff.removed), ("~", diff.moved)):
        yield from (f"  {sign} {change.name} {change_text(change)}" for change in changes)
    for title, items in _remarks(diff, yanked):
        yield f"{title}:"
        yield from (f"    {item}" for item in items)


def _markdown(compared: "ComparedLocks", yanked: "list[tuple[str, str, str]]") -> Iterator[str]:
    from locktool.cli.changes import side_text

    diff = compared.diff
    yield f"### Lock: {_cell(_summary(compared))}"
    changes = [
        (change, word)
        for changes, word in ((diff.moved, "moved"), (diff.added, "added"), (diff.removed, "removed"))
        for change in changes
    ]
    if changes:
        yield from ("", "| package | | before | after |", "|---|---|---|---|")
    for change, word in changes:
        before, after = (
            _cell(side_text(*side)) if side[0] else ""
            for side in ((change.before, change.origins_before), (change.after, change.origins_after))
        )
        yield f"| {_cell(change.name)} | {word} | {before} | {after} |"
    for title, items in _remarks(diff, yanked):
        yield from ("", f"**{title}**", "")
        yield from (f"- {_cell(item)}" for item in items)


def _remarks(diff: "LockDiff", yanked: "list[tuple[str, str, str]]") -> "Iterator[tuple[str, list[str]]]":
    """What a review should see beside the versions: a title and its lines, for each kind that there is."""
    from locktool.cli.changes import change_text, origins_text
    from locktool.operations.diff import moves_back

    kinds = (
        ("versions that moved back", [f"{each.name} {change_text(each)}" for each in diff.moved if moves_back(each)]),
        (
            "packages that come from elsewhere",
            [f"{each.name}: {text}" for each in diff.moved if (text := origins_text(each))],
        ),
        (
            "files that these versions did not have",
            [
                f"{file.name} {file.version}".rstrip()
                + f": {file.file}"
                + (", with other hashes" if file.replaced else "")
                for file in diff.new_files
            ],
        ),
        ("hosts that are new", list(diff.new_hosts)),
        ("versions that have to be built (no wheel)", [f"{each.name} {each.version}" for each in diff.sdist_only]),
        (
            "versions that were yanked",
            [f"{name} {version}" + (f": {reason}" if reason else "") for name, version, reason in yanked],
        ),
    )
    yield from ((title, items) for title, items in kinds if items)


def _cell(text: str) -> str:
    """A text that Markdown shows as it is."""
    text = " ".join(text.split())
    return "".join(f"\\{character}" if character in "\\`*_[]<>|#&~" else character for character in text)


def _as_json(compared: "ComparedLocks", yanked: "list[tuple[str, str, str]]") -> "dict[str, Any]":
    from locktool.cli.summary import diff_as_json

    diff = compared.diff
    return {
        "before": compared.before,
        "after": compared.after,
        "differ": compared.differ,
        **diff_as_json(diff),
        "new_files": [file._asdict() for file in diff.new_files],
        "new_hosts": list(diff.new_hosts),
        "sdist_only": [each._asdict() for each in diff.sdist_only],
        "yanked": [{"name": name, "version": version, "reason": reason} for name, version, reason in yanked],
    }
