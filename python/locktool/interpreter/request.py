"""What a person asks of a Python: a version, an implementation, a kind of build, or a set of specifiers.

`3.12`, `3.13t`, `pypy3.10`, `cp312`, `pypy`, `>=3.11,<3.13`, `pypy>=3.9` are requests of this kind; whatever else a
text is, a path or a name, is left to the finder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from locktool._native import SpecifierSet

if TYPE_CHECKING:
    from locktool.interpreter.facts import Interpreter

_IMPLEMENTATIONS = {
    "": "",
    "python": "cpython",
    "cpython": "cpython",
    "cp": "cpython",
    "pypy": "pypy",
    "pp": "pypy",
    "graalpy": "graalpy",
}
_NAME = r"(?P<name>cpython|python|graalpy|pypy|cp|pp)?[-@]?"
_VERSION = re.compile(_NAME + r"(?P<version>\d+(?:\.\d+){0,2})(?P<threads>t)?", re.IGNORECASE)
_UNDOTTED = re.compile(r"(?P<name>cp|pp)(?P<major>\d)(?P<minor>\d+)(?P<threads>t)?", re.IGNORECASE)
_SPECIFIERS = re.compile(_NAME + r"(?P<specifiers>[<>=!~].*)", re.IGNORECASE)
_IMPLEMENTATION = re.compile(r"(?P<name>cpython|pypy|graalpy)", re.IGNORECASE)
_FILE_NAME = re.compile(r"(?:python|pypy|graalpy|graalpy-)?(?P<version>\d+(?:\.\d+){0,2})(?![\d.])", re.IGNORECASE)
_WHOLE = 3


@dataclass(frozen=True, slots=True)
class Request:
    """The conditions that an interpreter has to meet; an empty one is none."""

    text: str
    implementation: str = ""
    """`sys.implementation.name`."""
    version: tuple[int, ...] = ()
    """The leading numbers."""
    free_threaded: bool = False
    """Whether the build without the global lock is asked for; specifiers and implementations admit both."""
    specifiers: SpecifierSet | None = None

    @classmethod
    def parse(cls, text: str) -> Request | None:
        """Read a request; None for a text that is a path or a name. Raises InvalidSpecifier."""
        text = text.strip()
        version: tuple[int, ...]
        if found := _UNDOTTED.fullmatch(text):
            version = (int(found["major"]), int(found["minor"]))
        elif found := _VERSION.fullmatch(text):
            version = tuple(int(number) for number in found["version"].split("."))
        elif found := _SPECIFIERS.fullmatch(text):
            specifiers = SpecifierSet(found["specifiers"])
            return cls(text, _IMPLEMENTATIONS[(found["name"] or "").lower()], specifiers=specifiers)
        elif found := _IMPLEMENTATION.fullmatch(text):
            return cls(text, _IMPLEMENTATIONS[found["name"].lower()])
        else:
            return None
        return cls(text, _IMPLEMENTATIONS[(found["name"] or "").lower()], version, bool(found["threads"]))

    def admits(self, interpreter: Interpreter) -> bool:
        """Whether an interpreter meets the request. A plain version means the regular build."""
        if self.implementation not in {"", interpreter.implementation}:
            return False
        if self.version:
            numbers = tuple(int(number) for number in interpreter.version.split("."))
            return numbers[: len(self.version)] == self.version and interpreter.free_threaded == self.free_threaded
        # A build from a working tree calls itself `3.14.0a1+`.
        full = interpreter.marker_environment["python_full_version"].rstrip("+")
        return self.specifiers is None or self.specifiers.contains(full, prereleases=True)

    def may_be(self, file_name: str) -> bool:
        """Whether a file or directory of this name can be what is asked for, as far as the name says a version."""
        found = _FILE_NAME.match(file_name)
        if found is None:
            return True
        numbers = tuple(int(number) for number in found["version"].split("."))
        if self.version:
            return all(one == other for one, other in zip(numbers, self.version, strict=False))
        return self.specifiers is None or len(numbers) < _WHOLE or self.specifiers.contains(found["version"])
