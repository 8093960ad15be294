"""`locktool python`: list, find or describe the Pythons of this machine."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from locktool.cli.arguments import add_output_arguments
from locktool.cli.console import Console
from locktool.cli.table import table_lines

if TYPE_CHECKING:
    from locktool.interpreter.facts import Interpreter

DESCRIPTION = """\
Asks the Pythons of this machine what they are: version, platform, C library,
wheel tags. They are run isolated, and their answers are remembered.

  list    the Pythons of this machine, or those that REQUEST admits
  find    print the path of the first one that REQUEST admits
  show    say what is known of it

REQUEST is a version (3.12, 3.13t without the global lock), an implementation
(pypy, pypy3.10), specifiers ('>=3.11,<3.13'), a path, the directory of an
environment, or the name of a pyenv version or a program. Without one, find and
show take the activated environment, what .python-version asks for, or the
Python that runs locktool. Looked at in this order: the activated environment,
the running Python, PATH, pyenv, the Windows registry, the Windows launcher.

exit codes: 0 found, 1 none fits, 2 it could not be found out.\
"""
EXAMPLES = """\
examples:
  locktool python list
  locktool python list '>=3.11,<3.13'
  locktool python find 3.13t
  locktool python show .venv --json
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=("list", "find", "show"), help="what to do")
    parser.add_argument("request", nargs="?", metavar="REQUEST", help="which Python (default: all, or the nearest)")
    parser.add_argument("--cache-dir", metavar="DIR", help="the cache (default: LOCKTOOL_CACHE_DIR, or the platform's)")
    parser.add_argument("--no-cache", action="store_true", help="ask every Python again")
    add_output_arguments(parser)


def run(arguments: Namespace, console: Console) -> int:
    """Do the one thing that is asked for."""
    from pathlib import Path

    from locktool.exceptions import LocktoolError
    from locktool.operations.python import find_python, list_pythons, probe_cache

    cache_dir = Path(arguments.cache_dir) if arguments.cache_dir else None
    records = probe_cache(cache_dir, cache=not arguments.no_cache)
    if arguments.action == "list":
        return _print_list(list_pythons(arguments.request, records), arguments.request, console)
    try:
        found = find_python(arguments.request, records=records)
    except LocktoolError as error:
        if error.code != "no-interpreter":
            raise
        console.report(error)
        return 1
    if console.json:
        console.result_json(found.as_json() if arguments.action == "show" else _summary(found))
    elif arguments.action == "find":
        console.result(found.executable)
    else:
        console.result("\n".join(table_lines(_rows(found))))
    return 0


def _print_list(found: list["Interpreter"], request: str | None, console: Console) -> int:
    """Print a line for each, and how many there are; 1 where there is none."""
    if console.json:
        console.result_json([_summary(each) for each in found])
    elif found:
        console.result("\n".join(table_lines([(each.name, each.architecture, each.executable) for each in found])))
    count = len(found)
    console.say(f"{count} Python{'' if count == 1 else 's'}{f' for {request}' if request else ''} on this machine")
    return 0 if found else 1


def _summary(found: "Interpreter") -> dict[str, Any]:
    """What tells one Python from another."""
    return {
        "executable": found.executable,
        "version": found.marker_environment["python_full_version"],
        "implementation": found.implementation,
        "architecture": found.architecture,
        "free_threaded": found.free_threaded,
        "debug": found.debug,
        "pointer_size": found.pointer_size,
        "virtual": found.is_virtual,
        "prefix": found.prefix,
        "base_prefix": found.base_prefix,
    }


def _rows(found: "Interpreter") -> list[tuple[str, str]]:
    """What people want to know of one Python, in words."""
    tags = found.tags()
    libc = found.libc
    system = f"{found.system} on {found.architecture}"
    if libc is not None:
        system += f", {libc['name']} {libc['version'][0]}.{libc['version'][1]}"
    macos = found.macos
    if macos is not None:
        system += f", version {macos['version'][0]}.{macos['version'][1]}"
        system += f", compiled for {macos['deployment_target'] or 'any'}"
    rows = [
        ("python", found.name),
        ("path", found.executable),
        ("environment", f"virtual, of {found.base_prefix}" if found.is_virtual else found.prefix),
        ("system", system),
        ("platform", found.platform),
        ("best tag", tags[0]),
        ("tags", f"{len(tags)}; --json lists them"),
        ("installs to", found.paths.get("purelib", "-")),
    ]
    if found.externally_managed:
        rows.append(("managed", "by the system: installers refuse to install into it (PEP 668)"))
    return rows
