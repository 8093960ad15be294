"""Every page of the site, and what each should say today.

A page under `pages/` is written by a person, or by a function of this package (GENERATED). Of both the console examples
are run, and their outputs are written into the page. README.md is one of the pages in that.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from documentation import commands, error_codes, json_shapes, pictures, python_api, records, settings
from documentation.sessions import Sessions
from locktool.cli.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DIRECTORY = Path(__file__).parents[1]
PAGES = DIRECTORY / "pages"
README = "../../../README.md"

GENERATED: dict[str, Callable[[], str]] = {
    "reference/commands.md": commands.overview_page,
    **{f"reference/commands/{name}.md": (lambda name=name: commands.command_page(name)) for name in COMMANDS},  # type: ignore[misc]
    "reference/settings.md": settings.page,
    "reference/exit-codes.md": records.exit_codes_page,
    "reference/error-codes.md": error_codes.page,
    "reference/json.md": json_shapes.page,
    **{
        f"reference/schemas/{name}.json": (lambda name=name: json_shapes.schema(name))  # type: ignore[misc]
        for name in (*COMMANDS, json_shapes.ERROR)
    },
    "reference/lock-tables.md": records.lock_tables_page,
    "reference/cache-records.md": records.cache_page,
    "reference/python-api.md": python_api.page,
    "internals/certificate.md": records.certificate_page,
}

PICTURES = {f"assets/{name}.svg": name for name in pictures.PICTURES}


def written_pages() -> list[str]:
    """The pages that exist, by their paths from `pages/`, and README.md."""
    return [README, *sorted(path.relative_to(PAGES).as_posix() for path in PAGES.rglob("*.md"))]


def read(name: str) -> str:
    """The text of a page as it is; empty for one that does not exist yet."""
    path = PAGES / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


def expected(name: str, sessions: Sessions) -> str:
    """What a page should say: what the code says of it, with the outputs of its examples."""
    if name in PICTURES:
        return pictures.picture(PICTURES[name], sessions)
    if name not in GENERATED:
        return sessions.fill(read(name))
    text = GENERATED[name]()
    if not name.endswith(".md"):
        return text
    # The outputs that the page has are kept where they differ in nothing but times.
    return sessions.fill(text, read(name))


def outdated() -> dict[str, str]:
    """The pages that do not say what they should, each with what that is."""
    with Sessions() as sessions:
        names = sorted({*written_pages(), *GENERATED, *PICTURES})
        found = {name: expected(name, sessions) for name in names}
    return {name: text for name, text in found.items() if text != read(name)}


def write(changed: dict[str, str]) -> None:
    """Write pages."""
    for name, text in changed.items():
        path = PAGES / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def navigation() -> list[str]:
    """The pages that the navigation of the site names."""
    configuration = tomllib.loads((DIRECTORY / "zensical.toml").read_text(encoding="utf-8"))
    return list(_targets(configuration["project"]["nav"]))


def _targets(entries: list[Any]) -> Iterator[str]:
    for entry in entries:
        for target in entry.values():
            if isinstance(target, str):
                yield target
            else:
                yield from _targets(target)
