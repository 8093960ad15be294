"""`locktool cache`: show, empty or shrink the cache."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace

from locktool.cli.arguments import add_output_arguments
from locktool.cli.console import Console
from locktool.cli.values import name

DESCRIPTION = """\
The cache has one record for each package and index, and what the Pythons of
this machine said of themselves. Nothing in it is needed: a run without it asks
again.

  dir     print the directory
  info    say what is in it
  clean   empty it, or forget the packages that are named
  prune   remove left-overs of interrupted runs and earlier versions, and what
          was not used for longest above a size

exit codes: 0 done, 2 the cache cannot be read or written.\
"""
EXAMPLES = """\
examples:
  locktool cache dir
  locktool cache info --json
  locktool cache clean numpy
  locktool cache prune --maximum-size 500MB
"""

_UNITS = {"kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30, "b": 1, "": 1}


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=("dir", "info", "clean", "prune"), help="what to do")
    parser.add_argument(
        "packages", nargs="*", default=[], metavar="NAME", type=name, help="for clean: only these packages"
    )
    parser.add_argument(
        "--maximum-size",
        metavar="SIZE",
        type=parse_size,
        help="for prune: keep at most this much, such as 500MB (1GiB)",
    )
    parser.add_argument("--cache-dir", metavar="DIR", help="the cache (default: LOCKTOOL_CACHE_DIR, or the platform's)")
    add_output_arguments(parser)


def parse_size(text: str) -> int:
    """Read `500MB` as a number of bytes. Raises what argparse reports."""
    number = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    unit = _UNITS.get(text[len(number) :].lower())
    if unit is None:
        message = f"{text!r} is no size: write a number with B, kB, MB, GB, KiB, MiB or GiB"
        raise ArgumentTypeError(message)
    return int(float(number) * unit)


def run(arguments: Namespace, console: Console) -> int:
    """Do the one thing that is asked for."""
    from pathlib import Path

    from locktool.cli.progress import size_text
    from locktool.operations.cache import cache_content, cache_directory, clean_cache, prune_cache

    directory = cache_directory(Path(arguments.cache_dir) if arguments.cache_dir else None)
    if arguments.packages and arguments.action != "clean":
        from locktool.exceptions import LocktoolError

        message = f"`locktool cache {arguments.action}` takes no package names"
        raise LocktoolError("contradicting-options", message)
    if arguments.action == "dir":
        if console.json:
            console.result_json({"directory": str(directory)})
        else:
            console.result(str(directory))
        return 0
    if arguments.action == "info":
        content = cache_content(directory)
        if console.json:
            console.result_json(content._asdict() | {"directory": str(directory)})
        else:
            console.result(
                f"{directory}: {content.records} packages, {content.leftovers} left-overs, {size_text(content.size)}"
            )
        return 0
    removed = (
        clean_cache(directory, arguments.packages)
        if arguments.action == "clean"
        else prune_cache(directory, arguments.maximum_size)
    )
    if console.json:
        console.result_json(removed._asdict())
    console.say(f"Removed {removed.files} file{'' if removed.files == 1 else 's'}, {size_text(removed.size)}")
    return 0
