"""What the values of options may be. argparse names the option in the error.

Each function takes a text and gives the value, or raises ArgumentTypeError.
"""

import re
from argparse import ArgumentTypeError
from pathlib import Path

_VERSIONS = re.compile("[=<>!~]")
NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


def name(text: str) -> str:
    """The name of a package, an extra or a dependency group."""
    if NAME.fullmatch(text) is None:
        raise ArgumentTypeError(f"{text!r} is not a name: it has ASCII letters, digits, '-', '_' and '.' alone")
    return text


def output_file(text: str) -> Path | None:
    """A file to write; None for `-`, the standard output."""
    if not text:
        raise ArgumentTypeError("it is empty; name a file, or - for the standard output")
    return None if text == "-" else Path(text)


def name_and_versions(text: str) -> tuple[str, str | None]:
    """A package, and versions of it if some are meant: `NAME`, `NAME==VERSION`, `NAME>=VERSION`."""
    found = _VERSIONS.search(text)
    package, versions = (text[: found.start()], text[found.start() :]) if found else (text, "")
    package = package.strip()
    if NAME.fullmatch(package) is None:
        raise ArgumentTypeError(f"{text!r} is neither NAME nor NAME with versions, such as 'NAME==1.2' or 'NAME>=1.2'")
    if not versions:
        return package, None
    from locktool._native import SpecifierSet
    from locktool.exceptions import InvalidSpecifier

    try:
        return package, str(SpecifierSet(versions))
    except InvalidSpecifier as error:
        raise ArgumentTypeError(f"{text!r} has an invalid version: {error.reason}") from None


def python_name(text: str) -> str:
    """The name of a Python that need not be on this machine."""
    from locktool._native import python_name as parts_of_name
    from locktool.exceptions import InvalidVersion

    try:
        parts_of_name(text)
    except InvalidVersion:
        message = f"{text!r} is not a version of Python, such as 3.12, 3.14t or pypy3.11"
        raise ArgumentTypeError(message) from None
    return text


def python_versions(text: str) -> str:
    """The Pythons that a project supports."""
    from locktool._native import SpecifierSet
    from locktool.exceptions import InvalidSpecifier

    try:
        SpecifierSet(text)
    except InvalidSpecifier as error:
        better = f"; for this and newer ones write '>={text}'" if _is_version(text) else ""
        raise ArgumentTypeError(
            f"{text!r} is not a range of Pythons, such as '>=3.11': {error.reason}{better}"
        ) from None
    return text


def _is_version(text: str) -> bool:
    from locktool._native import Version
    from locktool.exceptions import InvalidVersion

    try:
        Version(text.strip())
    except InvalidVersion:
        return False
    return True
