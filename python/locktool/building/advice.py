"""What to write where a source cannot be built: a `dependency-metadata` block, filled from what its files say.

In: the unpacked tree. Out: a suggestion. The files are PKG-INFO and the requires.txt of setuptools, which may say less
than the build would; where they say nothing, the nearest release does that states it. Whoever takes the block looks at
it.
"""

from __future__ import annotations

import re

from locktool._native import Requirement, normalize_name
from locktool.exceptions import LocktoolError
from locktool.record import Record

# What type checkers set; `typing` itself is not loaded: it takes longer than what a build does here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from locktool.building.environment import Stated

LARGEST_BYTES = 1 << 20
# Compiled when they are asked for, since most builds ask for one of them.
_SECTION = r"\[(?P<extra>[^:\]]*)(?::(?P<marker>.*))?\]"
_FIELD = r"(?m)^(Name|Version):[ \t]*(\S+)"
_SDIST = r"(?P<name>.+)-(?P<version>[^-]+)\.(?:tar\.\w+|tgz|zip)"


class Named(Record):
    """The package of a source, as far as its files say it."""

    package: str | None = None
    version: str | None = None


def named(tree: Path, subject: str) -> Named:
    """The package of a tree: what its PKG-INFO says, else the name of its archive."""
    for path in _information(tree):
        fields = package_fields(_text(path))
        if "Name" in fields:
            return Named(package=normalize_name(fields["Name"]), version=fields.get("Version"))
    stem = re.fullmatch(_SDIST, subject)
    if stem is None:
        return Named()
    try:
        return Named(package=normalize_name(stem["name"]), version=stem["version"])
    except LocktoolError:
        return Named()


def package_fields(metadata: str) -> dict[str, str]:
    """The name and the version that core metadata state, as far as they do.

    Every build asks; to read the fields as those of a mail would load all that mails have.
    """
    return dict(reversed(re.findall(_FIELD, metadata.partition("\n\n")[0])))


def ways_out(tree: Path, subject: str, nearest: Callable[[str, str], Stated | None]) -> str:
    """What can be done about a build that failed, with a block that is ready to be taken.

    `nearest` finds the nearest release of a package and version that states what it requires.
    """
    of = named(tree, subject)
    begin = "require a version that has a wheel, or give the machine what the build needs; or state its metadata"
    if of.package is None:
        return f"{begin} under [[tool.locktool.dependency-metadata]]"
    found, said = _requirements(tree), "as its files have it"
    if found is None:
        stated = nearest(of.package, of.version) if of.version else None
        found = stated.requirements if stated else None
        said = f"as {of.package} {stated.version} states it" if stated else "once you know what it requires"
    import json

    lines = ["[[tool.locktool.dependency-metadata]]", f"name = {json.dumps(of.package)}"]
    lines += [f"version = {json.dumps(of.version)}"] if of.version else []
    lines.append(f"requires-dist = {json.dumps(found or [])}")
    block = "\n".join(f"  {line}" for line in lines)
    return f"{begin}, {said}:\n{block}"


def _requirements(tree: Path) -> list[str] | None:
    """What the files of a tree say that its package requires; None where none says anything."""
    for path in tree.glob("*.egg-info/requires.txt"):
        return sorted(set(_required(_text(path))))
    from email.parser import HeaderParser

    for path in _information(tree):
        stated = HeaderParser().parsestr(_text(path)).get_all("Requires-Dist")
        if stated:
            return sorted({text for one in stated if (text := _canonical(str(one)))})
    return None


def _required(text: str) -> Iterator[str]:
    """The requirements of a requires.txt, whose sections are extras and markers."""
    condition = ""
    for line in map(str.strip, text.splitlines()):
        section = re.fullmatch(_SECTION, line)
        if section:
            parts = [section["marker"] or "", f"extra == '{section['extra']}'" if section["extra"] else ""]
            condition = " and ".join(f"({part})" for part in parts if part)
        elif line and not line.startswith("#"):
            written = _canonical(f"{line} ; {condition}" if condition else line)
            if written:
                yield written


def _canonical(text: str) -> str | None:
    """A requirement in its canonical form; None for what is none."""
    try:
        return str(Requirement(text))
    except LocktoolError:
        return None


def _information(tree: Path) -> list[Path]:
    return [path for path in (tree / "PKG-INFO", *sorted(tree.glob("*.egg-info/PKG-INFO"))) if path.is_file()]


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(LARGEST_BYTES).decode("utf-8", "replace")
