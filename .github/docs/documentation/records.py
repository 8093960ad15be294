"""The pages of what outlives a run: the tables in the lock, the certificate, the records of the cache, exit codes.

Each is taken from where the fact is kept: the text of the certificate, the Structs of a cache record, and the help of
the commands.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from textwrap import dedent

from documentation.commands import plain
from locktool.cli.commands import COMMANDS
from locktool.cli.parser import parser_of

_REPOSITORY = Path(__file__).parents[3]
_CERTIFICATE = _REPOSITORY / "rust" / "locktool-core" / "src" / "certify" / "certificate.md"
_CACHE_RECORD = _REPOSITORY / "python" / "locktool" / "operations" / "cache_record.py"


def certificate_page() -> str:
    """The text of the certificate, as the core has it beside its code."""
    return _CERTIFICATE.read_text(encoding="utf-8")


def lock_tables_page() -> str:
    """What locktool writes beside the keys of the standard, with a lock that shows it."""
    text = _CERTIFICATE.read_text(encoding="utf-8")
    sections = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    recorded = [section for section in sections if section.startswith("## What is recorded")]
    tables = "".join(recorded).replace("](#", "](../internals/certificate.md#")
    return f"""\
# Lock tables

The lock is a `pylock.toml` as the [standard](https://packaging.python.org/en/latest/specifications/pylock-toml/) describes it. Two tables
of it are locktool's own, and installers skip them: `[tool.locktool]` records what was asked, and `[packages.tool.locktool]` what
the package itself requires. With both, `locktool check` derives the rest again. A lock without them installs as well; it cannot be proved.

<!-- session -->
```toml title="pyproject.toml"
[project]
name = "demo"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["httpcore"]

[tool.locktool]
constraints = ["h11<1"]
```

```console
$ locktool -q lock
$ cat pylock.toml
```

The terms of the tables below, such as member, tree and entry, are those of [the certificate](../internals/certificate.md#terms).

{tables.rstrip()}
"""


def cache_page() -> str:
    """The layout of a cache record, from the Structs that decode it."""
    source = _CACHE_RECORD.read_text(encoding="utf-8")
    tree = ast.parse(source)
    introduction = (ast.get_docstring(tree) or "").split("\n\n")
    parts = [
        _struct(node, source)
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name in {"Head", "Body", "Group"}
    ]
    schema = re.search(r"^SCHEMA = (\d+)$", source, flags=re.MULTILINE)
    number = schema[1] if schema else ""
    return f"""\
# Cache records

The cache is a convenience: whatever is wrong with a record makes it a miss, and a run without a cache asks the index again. It
lies where `locktool cache dir` says; `locktool cache prune` bounds it. Nothing in it has credentials.

A record is one MessagePack file for each package and index. Its schema number is {number}; a record of another number is a miss.

```text
{dedent(introduction[1])}
```

{" ".join(introduction[2].split())}

{"".join(parts).rstrip()}
"""


def _struct(node: ast.ClassDef, source: str) -> str:
    lines = source.splitlines()
    rows, remark = [], ""
    for field in node.body:
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            above = [line.strip() for line in _comments_above(lines, field.lineno)]
            behind = lines[field.lineno - 1].partition("#")[2].strip()
            remark = " ".join([*above, behind]).strip()
            rows.append(f"| `{field.target.id.replace('_', '-')}` | `{ast.unparse(field.annotation)}` | {remark} |\n")
    text = " ".join((ast.get_docstring(node) or "").split())
    return f"## {node.name}\n\n{text}\n\n| field | type | cells |\n|---|---|---|\n{''.join(rows)}\n"


def _comments_above(lines: list[str], number: int) -> list[str]:
    found: list[str] = []
    for line in reversed(lines[: number - 1]):
        if not line.strip().startswith("#"):
            break
        found.insert(0, line.strip().removeprefix("#"))
    return found


def exit_codes_page() -> str:
    """What the exit codes of each command mean, from their help."""
    rows = []
    for name in COMMANDS:
        parser = parser_of(name)
        text = " ".join(f"{parser.description} {parser.epilog}".split()).partition("exit codes: ")[2]
        text = text.partition(" examples: ")[0]
        rows.append(f"| [`{name}`](commands/{name}.md) | {plain(text.rstrip('.'))} |\n")
    return f"""\
# Exit codes

| code | meaning |
|---|---|
| 0 | Done, or yes. |
| 1 | No: a lock is not up to date, or no versions fit. |
| 2 | It could not be found out: bad usage, unreadable files, no network. |
| 130 | Interrupted by Ctrl-C; nothing was written. |
| 143 | Terminated by SIGTERM; nothing was written. |

A script can therefore tell a stale lock from a broken machine: only 1 is about the lock. [Error codes](error-codes.md) say more.

| command | codes |
|---|---|
{"".join(rows)}"""
