"""The page of settings: what the code declares of each key, joined with `settings.toml`.

Names, other spellings, roles and types come from the core, flags from the parsers. A key that lacks a text, or a text
whose key is gone, is an error.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locktool._native import setting_keys, settings_schema
from locktool.cli.arguments import Choice
from locktool.cli.commands import COMMANDS
from locktool.cli.parser import parser_of
from locktool.configuration.machine import KEYS

if TYPE_CHECKING:
    from locktool._native import SettingKey

_TEXTS = Path(__file__).parents[1] / "settings.toml"
_TABLES = {"": "tool", "index": "index", "sources": "sources"}


def page() -> str:
    """The page."""
    texts = tomllib.loads(_TEXTS.read_text(encoding="utf-8"))
    keys = {table: [key for key in setting_keys() if key.table == table] for table in _TABLES}
    _compare(texts, keys)
    schema = json.loads(settings_schema())["properties"]
    schemas = {"": schema, "index": _item(schema["index"]), "sources": _item(schema["sources"]["additionalProperties"])}
    parts = {
        table: "\n".join(_entry(key, texts[_TABLES[table]][key.name], schemas[table][key.name]) for key in found)
        for table, found in keys.items()
    }
    machine = "".join(
        f"| `{key.name}` | `{key.variable}` | {key.description} | `{key.name} = {key.example}` |\n" for key in KEYS
    )
    return f"""\
# Settings

{_INTRODUCTION}
## Keys of the table

{parts[""]}
## Keys of an index

Each `[[tool.locktool.index]]` is one index.

{parts["index"]}
## Keys of a source

A source in `[tool.locktool.sources]` has one of `workspace`, `path`, `url`, `git` and `index`, which says where the
package comes from; the other keys say more about it, or where it holds. A directory, repository or archive that is required is read with
its own sources. Beside an archive nothing can be locked: a path or a workspace among its sources is refused, unless the project
gives that package an address itself, where it requires it or in a constraint.

{parts["sources"]}
## Settings of a machine

These change no lock. They stand in the file that `locktool config show --json` names as `user_file`, which
`LOCKTOOL_CONFIG_FILE` moves; a variable comes before the file, and an option before both. Where none of them says anything,
pip's configuration holds. A setting of a project is refused in this file.

| key | variable | meaning | example |
|---|---|---|---|
{machine}"""


_INTRODUCTION = """\
Settings of a project change its lock. They stand in `locktool.toml` beside `pyproject.toml`, without a head, or in
`[tool.locktool]`; a key that neither has is looked for in `[tool.uv]`, whose keys that change its outcome and are not supported
are named in a warning. A misspelt key is an error. `locktool config show` names each value that holds and the line that says so, and
`locktool config schema` prints a JSON Schema, with which an editor completes and checks `locktool.toml`.

A **recorded** setting is written to the lock and compared by `locktool check`: a lock that was made under another value is stale.
A **machine-only** one concerns the machine alone and makes no lock stale. An option of the command line that has the name of a key takes
its place for one run, and what it said is recorded apart, so that `check` does not miss it in the project.

The keys `package`, `sources`, `build-inputs` and `dependency-groups` are each member's own. The others are those of the
root of the workspace.
"""


def _item(schema: dict[str, Any]) -> dict[str, Any]:
    """The keys of a table that may also stand in a list."""
    properties: dict[str, Any] = schema["oneOf"][0]["properties"]
    return properties


def _compare(texts: dict[str, Any], keys: dict[str, list[SettingKey]]) -> None:
    """Raise ValueError where the keys of the code and those that have a text are not the same."""
    for table, found in keys.items():
        described = set(texts[_TABLES[table]])
        declared = {key.name for key in found}
        if described != declared:
            message = f"settings.toml, [{_TABLES[table]}]: {sorted(described ^ declared)} stand on one side alone"
            raise ValueError(message)
    others = {key.table for key in setting_keys()} - set(_TABLES)
    if others:
        message = f"the page of settings knows nothing of the tables {sorted(others)}"
        raise ValueError(message)


def _entry(key: SettingKey, text: dict[str, str], schema: dict[str, Any]) -> str:
    """What the page says of one key."""
    anchor = f"{key.table}-{key.name}" if key.table else key.name
    lines = [f"**Type**: {type_words(schema)}"]
    if text["default"]:
        lines.append(f"**Default**: {text['default']}")
    if key.other_spellings:
        lines.append("**Also spelt**: " + ", ".join(f"`{name}`" for name in key.other_spellings))
    if not key.table and (flags := _flags(key.name)):
        lines.append(f"**For one run**: {flags}")
    lines.append(f"**{key.role.capitalize()}**" + (f": {key.reason}" if key.reason else ""))
    facts = "  \n".join(lines)
    return f"""\
### {key.name} {{ #{anchor} }}

{key.description.strip()} {text["text"]}

{facts}

```toml
{text["example"].strip()}
```
"""


def type_words(schema: dict[str, Any]) -> str:
    """A JSON Schema in words: `true` or `false`, a list of strings, one of the words it may be."""
    if "enum" in schema:
        return ", ".join(f"`{word}`" for word in schema["enum"])
    if "const" in schema:
        return f"`{json.dumps(schema['const']).strip(chr(34))}`"
    if "oneOf" in schema:
        return " or ".join(type_words(one) for one in schema["oneOf"])
    kind = schema["type"]
    if isinstance(kind, list):
        return " or ".join(type_words({"type": one}) for one in kind)
    return _words_of_type(kind, schema)


def _words_of_type(kind: str, schema: dict[str, Any]) -> str:
    if kind == "array":
        return f"list of {_plural(schema['items'])}"
    if kind == "object":
        more = schema.get("additionalProperties")
        return (
            f"table of names to {type_words(more)}"
            if isinstance(more, dict) and not more.get("properties")
            else "table"
        )
    return {"string": "string", "boolean": "`true` or `false`"}[kind]


def _plural(schema: dict[str, Any]) -> str:
    words = type_words(schema)
    plurals = {"string": "strings", "table": "tables", "string or table": "strings or tables"}
    return plurals.get(words) or (words.replace("list of", "lists of", 1) if words.startswith("list of") else words)


def _flags(key: str) -> str:
    """The options that stand in for a key, each with the commands that have it."""
    commands: dict[str, list[str]] = {}
    for command in COMMANDS:
        for action in parser_of(command)._actions:
            if isinstance(action, Choice) and action.key == key:
                flag = max(action.option_strings, key=len)
                commands.setdefault(flag, []).append(f"`{command}`")
    return "; ".join(f"`{flag}` of {', '.join(names)}" for flag, names in commands.items())
