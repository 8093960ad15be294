"""Canonical texts of names, versions, requirements, specifiers and markers, so that equal wishes are equal strings.

In: what a person wrote. Out: the text that goes into the Manifest. Grammar: the dependency-specifiers and names
specifications, parsed by the Rust core. An address that holds a password is refused, since the text reaches the lock.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from locktool._native import Marker, Requirement, SpecifierSet, Version
from locktool.exceptions import InvalidName, InvalidRequirement

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
SEPARATORS = re.compile(r"[-_.]+")
CANONICAL_NAME = re.compile(r"[a-z0-9-]+")


def canonical_name(text: str) -> str:
    """Normalise a package, extra or group name; raises InvalidName."""
    if not NAME.fullmatch(text):
        reason = "a name is letters and digits, with single -, _ or . between them"
        raise InvalidName("invalid-name", f"{text!r} is not a valid name: {reason}", text=text, reason=reason)
    return SEPARATORS.sub("-", text).lower()


def canonical_requirement(text: str) -> str:
    """Write a requirement in its one canonical form; raises InvalidRequirement."""
    requirement = Requirement(text)
    if requirement.url is not None:
        refuse_credentials(requirement.url)
    return str(requirement)


def canonical_requirements(texts: Iterable[str]) -> tuple[str, ...]:
    """Write requirements canonically, sorted and without repetitions, since their order carries no meaning."""
    return tuple(sorted({canonical_requirement(text) for text in texts}))


def canonical_version(text: str) -> str:
    """Write a version in its normal form; raises InvalidVersion."""
    return str(Version(text))


def canonical_specifiers(text: str) -> str:
    """Write a set of version specifiers in its one canonical form; raises InvalidSpecifier."""
    return str(SpecifierSet(text))


def canonical_marker(text: str) -> str:
    """Write a marker in its one canonical form, empty where it is always true; raises InvalidMarker."""
    marker = Marker(text)
    return "" if marker.is_true() else str(marker)


def under_condition(requirement: str, condition: str) -> str:
    """Write a canonical requirement so that it holds only where the condition does too."""
    marker = Requirement(requirement).marker
    if marker is None:
        return canonical_requirement(f"{requirement} ; {condition}")
    wish = requirement.rpartition(";")[0]
    return canonical_requirement(f"{wish} ; ({marker}) and ({condition})")


def name_of_requirement(canonical: str) -> str:
    """Take the package name off a canonical requirement."""
    match = CANONICAL_NAME.match(canonical)
    return match[0] if match else canonical


def refuse_credentials(url: str) -> str:
    """Return an address that holds no credentials; raises InvalidRequirement, which does not show them, for others."""
    from locktool.project.address import split_credentials

    address = split_credentials(url)
    if address.username is not None:
        reason = "a lock must not hold credentials; take them out of the address and put them into a netrc file"
        raise InvalidRequirement("credentials-in-address", f"{address.url}: {reason}", text=address.url, reason=reason)
    return url
