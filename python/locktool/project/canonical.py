"""Canonical texts of names, requirements, specifiers and markers, so that equal wishes are equal strings.

In: what a person wrote. Out: the text that goes into the Manifest. Grammar: the dependency-specifiers and names
specifications, parsed by the Rust core.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from locktool.exceptions import InvalidName

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
SEPARATORS = re.compile(r"[-_.]+")
CANONICAL_NAME = re.compile(r"[a-z0-9-]+")


def value_classes() -> Any:  # noqa: ANN401 - one of two modules
    """Load the classes of the Rust core, or those of `packaging` where the extension is not built."""
    try:
        from locktool import _native
    except ImportError:
        return _packaging_classes()
    return _native if hasattr(_native, "Requirement") else _packaging_classes()


def _packaging_classes() -> Any:  # noqa: ANN401 - a module stands in
    from types import SimpleNamespace

    from packaging.markers import Marker
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

    return SimpleNamespace(Requirement=Requirement, SpecifierSet=SpecifierSet, Marker=Marker)


def canonical_name(text: str) -> str:
    """Normalise a package, extra or group name; raises InvalidName."""
    if not NAME.fullmatch(text):
        reason = "a name is letters, digits and single -, _ or . between them"
        raise InvalidName("invalid-name", f"{text!r} is not a valid name: {reason}", text=text, reason=reason)
    return SEPARATORS.sub("-", text).lower()


def canonical_requirement(text: str) -> str:
    """Write a requirement in its one canonical form; raises InvalidRequirement."""
    requirement = value_classes().Requirement(text)
    extras = sorted({canonical_name(extra) for extra in requirement.extras})
    canonical = canonical_name(requirement.name) + (f"[{','.join(extras)}]" if extras else "")
    if requirement.url:
        canonical += f" @ {requirement.url}"
    else:
        canonical += str(requirement.specifier)
    if requirement.marker is not None and (marker := str(requirement.marker)):
        canonical += f" ; {marker}" if requirement.url else f"; {marker}"
    return canonical


def canonical_requirements(texts: Iterable[str]) -> tuple[str, ...]:
    """Write requirements canonically, sorted and without repetitions, since their order carries no meaning."""
    return tuple(sorted({canonical_requirement(text) for text in texts}))


def canonical_specifiers(text: str) -> str:
    """Write a set of version specifiers in its one canonical form; raises InvalidSpecifier."""
    return str(value_classes().SpecifierSet(text))


def canonical_marker(text: str) -> str:
    """Write a marker in its one canonical form, empty where it is always true; raises InvalidMarker."""
    return str(value_classes().Marker(text))


def name_of_requirement(canonical: str) -> str:
    """Take the package name off a canonical requirement."""
    match = CANONICAL_NAME.match(canonical)
    return match[0] if match else canonical
