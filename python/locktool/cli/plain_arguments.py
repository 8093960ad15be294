"""Reads the arguments of `locktool lock` as far as they are plain, without argparse.

That takes 7 ms with what it loads (CPython 3.11, 2026-11-27), a fifth of a small lock.

In: the words of a command line. Out: what argparse would make of them; None for anything that it may have to explain.
"""

from __future__ import annotations

import os

# What type checkers set; `typing` itself is not loaded: the shortest runs lock.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_QUIET = ("-q", "--quiet")
# Options and their attributes: those without a value, those with one, those that collect several.
_SWITCHES = {
    "-U": "upgrade",
    "--upgrade": "upgrade",
    "--dry-run": "dry_run",
    "--offline": "offline",
    "--refresh": "refresh",
    "--no-cache": "no_cache",
}
_VALUES = {"--project": "project", "-i": "index_url", "--index-url": "index_url", "--cache-dir": "cache_dir"}
_LISTS = {
    "-P": "upgrade_package",
    "--upgrade-package": "upgrade_package",
    "--extra-index-url": "extra_index_url",
    "-f": "find_links",
    "--find-links": "find_links",
}


class PlainArguments:
    """The arguments of `locktool lock` as argparse would give them."""

    command = "lock"
    verbose = 0
    json = False
    script = None
    trace = None
    dry_run = False
    upgrade = False
    index_url: str | None = None
    no_index = False
    offline = False
    refresh = False
    refresh_package: Sequence[str] = ()
    cache_dir: str | None = None
    no_cache = False

    def __init__(self) -> None:
        self.project = "."
        self.quiet = 0
        self.upgrade_package: list[str] = []
        self.extra_index_url: list[str] = []
        self.find_links: list[str] = []
        self.choices: dict[str, Any] = {}


def plain_arguments(words: Sequence[str]) -> PlainArguments | None:
    """The arguments of a `locktool lock` in the directory of a project; None for what argparse has to read."""
    if not words or words[0] != "lock":
        return None
    arguments, rest = PlainArguments(), list(words[1:])
    is_named = False
    while rest:
        word = rest.pop(0)
        if word in _QUIET:
            arguments.quiet += 1
        elif word in _SWITCHES:
            setattr(arguments, _SWITCHES[word], True)
        elif (word in _VALUES or word in _LISTS) and rest and rest[0] and not rest[0].startswith("-"):
            is_named = is_named or word == "--project"
            if word in _VALUES:
                setattr(arguments, _VALUES[word], rest.pop(0))
            else:
                getattr(arguments, _LISTS[word]).append(rest.pop(0))
        else:
            return None
    # Without a name the project may be one above.
    return arguments if is_named or os.path.isfile("pyproject.toml") else None
