"""The arguments that several commands share, each with one meaning everywhere."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

PRERELEASES = ("disallow", "allow", "if-necessary", "explicit", "if-necessary-or-explicit")


def add_output_arguments(parser: ArgumentParser) -> None:
    """`-q`, `-v` and `--json`."""
    group = parser.add_argument_group("output")
    group.add_argument("-q", "--quiet", action="count", default=0, help="print nothing but errors")
    group.add_argument("-v", "--verbose", action="count", default=0, help="print more; repeat for more still")
    group.add_argument("--json", action="store_true", help="print the outcome as JSON on stdout")


def add_project_argument(parser: ArgumentParser) -> None:
    """`--project`."""
    parser.add_argument(
        "--project",
        metavar="DIR",
        type=Path,
        default=Path(),
        help="the directory of the project's pyproject.toml (this one if not given)",
    )


def add_upgrade_arguments(parser: ArgumentParser, existing: str) -> None:
    """`--upgrade` and `--upgrade-package`."""
    group = parser.add_argument_group(
        "what may move", f"Without these, the versions of {existing} stay where they can."
    )
    group.add_argument("-U", "--upgrade", action="store_true", help="move every package to the best version")
    group.add_argument(
        "-P",
        "--upgrade-package",
        metavar="NAME",
        action="append",
        default=[],
        help="move this package, and others only where they must follow (repeatable)",
    )


def add_index_arguments(parser: ArgumentParser) -> None:
    """Where packages come from, and the cache."""
    group = parser.add_argument_group("indexes and cache")
    group.add_argument("-i", "--index-url", metavar="URL", help="the index to ask instead of the configured one")
    group.add_argument(
        "--extra-index-url", metavar="URL", action="append", default=[], help="an index asked before it (repeatable)"
    )
    group.add_argument(
        "-f",
        "--find-links",
        metavar="PLACE",
        action="append",
        default=[],
        help="a directory or page that lists distributions (repeatable)",
    )
    group.add_argument("--offline", action="store_true", help="use only what the cache holds")
    group.add_argument("--refresh", action="store_true", help="ask the index again, whatever the cache holds")
    group.add_argument(
        "--refresh-package",
        metavar="NAME",
        action="append",
        default=[],
        help="as --refresh, for one package (repeatable)",
    )
    add_cache_arguments(group)


def add_cache_arguments(parser: Any) -> None:  # noqa: ANN401 - a parser or a group; argparse has no public type for both
    """`--cache-dir` and `--no-cache`."""
    parser.add_argument(
        "--cache-dir", metavar="DIR", type=Path, help="the cache (default: LOCKTOOL_CACHE_DIR, or the platform's)"
    )
    parser.add_argument("--no-cache", action="store_true", help="neither read nor write a cache")


def add_resolution_arguments(parser: ArgumentParser) -> None:
    """What counts as the best answer."""
    group = parser.add_argument_group(
        "choice of versions", "For a lasting choice set the same keys in [tool.locktool] of pyproject.toml."
    )
    group.add_argument(
        "--resolution",
        choices=("highest", "lowest", "lowest-direct"),
        help="which end of the allowed versions to prefer",
    )
    group.add_argument(
        "--prerelease",
        choices=PRERELEASES,
        help="when a pre-release may be chosen",
    )
    group.add_argument(
        "--prerelease-package",
        metavar="NAME=RULE",
        type=setting_of_package(*PRERELEASES),
        action="append",
        default=[],
        help="as --prerelease, for one package (repeatable)",
    )
    group.add_argument(
        "--fork-strategy",
        choices=("requires-python", "fewest"),
        help="where a version needs a newer Python: split by Python, or the newest version that serves every Python",
    )
    group.add_argument(
        "--exclude-newer",
        metavar="WHEN",
        help="ignore files uploaded later: a date, an RFC 3339 time, or a span such as '7 days'; a file without an "
        "upload time is ignored too",
    )
    group.add_argument(
        "--exclude-newer-package",
        metavar="NAME=WHEN",
        type=setting_of_package(),
        action="append",
        default=[],
        help="as --exclude-newer, for one package; NAME=false lifts it (repeatable)",
    )
    group.add_argument(
        "--no-quality-pass",
        action="store_true",
        help="accept the first solution, without the look for picks that are needlessly old",
    )
    group.add_argument(
        "--no-build-package",
        metavar="NAME",
        action="append",
        default=[],
        help="never build this package's metadata (repeatable)",
    )
    group.add_argument(
        "--no-binary-package",
        metavar="NAME",
        action="append",
        default=[],
        help="never use wheels of this package (repeatable)",
    )


def setting_of_package(*choices: str) -> Callable[[str], tuple[str, str]]:
    """What reads `NAME=VALUE`, with a value among the choices where there are any."""

    def read(text: str) -> tuple[str, str]:
        name, separator, value = text.partition("=")
        if not (name and separator and value):
            raise ArgumentTypeError(f"{text!r} is not NAME=VALUE")
        if choices and value not in choices:
            raise ArgumentTypeError(f"{value!r} is none of {', '.join(choices)}")
        return name, value

    return read


def selection(*, every: bool, names: list[str]) -> bool | list[str]:
    """All, none, or these: the form of the options `upgrade` and `refresh`."""
    return True if every else (names or False)


def shared_options(arguments: Namespace) -> dict[str, Any]:
    """The keywords of `RunOptions` that index, cache, upgrade and resolution arguments give."""
    return {
        "index_url": arguments.index_url,
        "extra_index_urls": tuple(arguments.extra_index_url),
        "find_links": tuple(arguments.find_links),
        "offline": arguments.offline,
        "refresh": selection(every=arguments.refresh, names=arguments.refresh_package),
        "upgrade": selection(every=arguments.upgrade, names=arguments.upgrade_package),
        "cache_dir": arguments.cache_dir,
        "cache": not arguments.no_cache,
        "resolution": arguments.resolution,
        "prerelease": arguments.prerelease,
        "prerelease_package": dict(arguments.prerelease_package),
        "fork_strategy": arguments.fork_strategy,
        "exclude_newer": arguments.exclude_newer,
        "exclude_newer_package": dict(arguments.exclude_newer_package),
        "quality_pass": not arguments.no_quality_pass,
        "no_build": tuple(arguments.no_build_package),
        "no_binary": tuple(arguments.no_binary_package),
    }
