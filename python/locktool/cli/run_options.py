"""What the arguments that commands share mean for a run: keywords of `RunOptions`."""

from __future__ import annotations

from locktool._native import Requirement, normalize_name
from locktool.exceptions import InvalidName, ProjectError

# What type checkers set; `typing` itself is not loaded: every lock has options.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from typing import Any

    from locktool.cli.plain_arguments import PlainArguments


def selection(*, every: bool, names: Sequence[str]) -> bool | list[str]:
    """All, none, or these: the form of the options `upgrade` and `refresh`."""
    return True if every else (list(names) or False)


def bounds_of_upgrades(words: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """The packages that are to move, and how far: `NAME` is one without bounds, `NAME<2` one within them.

    Raises InvalidRequirement, and ProjectError where more is said than versions.
    """
    names, limits = [], []
    for word in words:
        if _is_name(word):
            names.append(word)
            continue
        requirement = Requirement(word)
        if requirement.url or requirement.marker or requirement.extras:
            raise ProjectError("invalid-upgrade", f"{word!r}: --upgrade-package takes a name and versions, no more")
        names.append(requirement.name)
        limits += [str(requirement)] if len(requirement.specifier) else []
    return names, tuple(limits)


def _is_name(word: str) -> bool:
    try:
        normalize_name(word)
    except InvalidName:
        return False
    return True


def shared_options(arguments: Namespace | PlainArguments) -> dict[str, Any]:
    """The keywords of `RunOptions` that index, cache, upgrade and resolution arguments give.

    Raises InvalidRequirement and ProjectError for an upgrade that is none.
    """
    upgrades, limits = bounds_of_upgrades(arguments.upgrade_package)
    return {
        "index_url": arguments.index_url,
        "extra_index_urls": tuple(arguments.extra_index_url),
        "find_links": tuple(arguments.find_links),
        "no_index": arguments.no_index,
        "offline": arguments.offline,
        "refresh": selection(every=arguments.refresh, names=arguments.refresh_package),
        "upgrade": selection(every=arguments.upgrade, names=upgrades),
        "limit": limits,
        "cache_dir": arguments.cache_dir,
        "cache": not arguments.no_cache,
        "choices": arguments.choices,
    }
