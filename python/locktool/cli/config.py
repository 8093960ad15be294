"""`locktool config`: which settings hold, where each comes from, and which there are."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from locktool.cli.arguments import add_output_arguments, add_project_argument
from locktool.cli.console import Console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from locktool.operations.config import ShownSetting

DESCRIPTION = """\
  show    the settings that hold, each with the file, line or variable that it
          comes from
  schema  the JSON Schema of [tool.locktool] and locktool.toml, or with --user
          of the settings of a user

A setting of a project is the first of: an option of the command, locktool.toml
beside pyproject.toml, [tool.locktool], [tool.uv]. A setting of a machine is the
first of: an option, a variable (LOCKTOOL_CACHE_DIR), the file of its user,
pip's configuration.

exit codes: 0 done, 2 a file cannot be read or is wrong.\
"""
EXAMPLES = """\
examples:
  locktool config show
  locktool config show --json
  locktool config schema > locktool.schema.json
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=("show", "schema"), help="what to do")
    parser.add_argument("--user", action="store_true", help="for schema: that of the settings of a user")
    add_project_argument(parser)
    add_output_arguments(parser)


def run(arguments: Namespace, console: Console) -> int:
    """Show the settings, or their schema."""
    if arguments.action == "schema":
        console.result(_schema(user=arguments.user))
        return 0
    from locktool.operations.config import configuration

    found = configuration(arguments.project)
    if console.json:
        console.result_json(found.as_json())
        return 0
    columns = console.results.columns()
    blocks = [_block("project", found.project, columns), _block("machine", found.machine, columns)]
    blocks.append("\n".join(("indexes, in the order in which they are asked", *(f"  {url}" for url in found.indexes))))
    console.result("\n\n".join(blocks))
    console.detail(f"settings of the user: {found.user_file}")
    return 0


def _block(title: str, settings: "Sequence[ShownSetting]", columns: int) -> str:
    """A title, and a line for each setting; where it does not fit, its place stands on a second one."""
    from json import dumps

    indent = 2 + max((len(setting.key) for setting in settings), default=0) + 2
    rows = []
    for setting in settings:
        value = _text(dumps(setting.value, ensure_ascii=False), columns - indent)
        fits = indent + len(value) + 2 + len(setting.origin) <= columns
        rows.append((setting.key, value, setting.origin, fits))
    width = max((len(value) for _, value, _, fits in rows if fits), default=0)
    # The places stand below each other as far as the longest of them allows.
    width = min(width, columns - indent - 2 - max((len(origin) for _, _, origin, fits in rows if fits), default=0))
    lines = [title]
    for key, value, origin, fits in rows:
        start = f"  {key.ljust(indent - 4)}  {value}"
        lines += [f"{start.ljust(indent + width)}  {origin}"] if fits else [start, f"{' ' * indent}{origin}"]
    return "\n".join(lines if rows else [title, "  nothing is set"])


def _text(value: str, longest: int) -> str:
    """A value on one line; `-v` is not for more of it, `--json` is."""
    longest = max(min(longest, 60), 20)
    return "-" if value == "null" else value if len(value) <= longest else f"{value[: longest - 1]}…"


def _schema(*, user: bool) -> str:
    from json import dumps, loads

    from locktool._native import settings_schema
    from locktool.configuration.machine import machine_schema

    return dumps(machine_schema() if user else loads(settings_schema()), indent=2, ensure_ascii=False)
