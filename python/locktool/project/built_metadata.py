"""Takes from built core metadata the fields that a pyproject.toml left to its build system.

In: the text of a METADATA file and the member it was built for. Out: the fields to put in place. Follows the core
metadata specification: the requirements of an extra carry `extra == "..."` in their marker.
"""

from __future__ import annotations

import re
from email.parser import HeaderParser
from typing import TYPE_CHECKING, Any

from locktool.project.canonical import canonical_name, canonical_requirements, canonical_specifiers

if TYPE_CHECKING:
    from locktool.project.member import ProjectMember

EXTRA = re.compile(r"""\bextra\s*==\s*(['"])(?P<name>[^'"]+)\1""")
ALWAYS, NEVER = "python_version >= '0'", "python_version < '0'"


def fields_of_metadata(text: str, member: ProjectMember) -> dict[str, Any]:
    """The fields of a member that are dynamic, as the metadata gives them; the name too where the file has none."""
    headers = HeaderParser().parsestr(text)
    plain: list[str] = []
    by_extra: dict[str, list[str]] = {canonical_name(str(name)): [] for name in headers.get_all("Provides-Extra", [])}
    for value in headers.get_all("Requires-Dist", []):
        requirement = str(value)
        extras = {canonical_name(match["name"]) for match in EXTRA.finditer(requirement.partition(";")[2])}
        for extra in extras:
            by_extra.setdefault(extra, []).append(under_extra(requirement, extra))
        if not extras:
            plain.append(requirement)
    fields: dict[str, Any] = {"dynamic": ()}
    if "dependencies" in member.dynamic:
        fields["dependencies"] = canonical_requirements(plain)
    if "optional-dependencies" in member.dynamic:
        fields["extras"] = {name: canonical_requirements(texts) for name, texts in sorted(by_extra.items())}
    if "requires-python" in member.dynamic and headers["Requires-Python"]:
        fields["requires_python"] = canonical_specifiers(str(headers["Requires-Python"]))
    if member.name is None and headers["Name"]:
        fields["name"] = canonical_name(str(headers["Name"]))
    return fields


def under_extra(requirement: str, extra: str) -> str:
    """Write what a requirement asks once the extra is chosen and no other is."""
    wish, _, marker = requirement.partition(";")
    condition = EXTRA.sub(lambda match: ALWAYS if canonical_name(match["name"]) == extra else NEVER, marker)
    return f"{wish.rstrip()} ;{condition}"
