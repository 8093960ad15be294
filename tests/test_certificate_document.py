"""The document of the certificate names every code and key of the core, and no code that the core does not give.

Both sides are read as text: the codes stand first in a call or tuple of the core's sources, the keys are the fields of
the structs that a lock is read into.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CORE = Path(__file__).parents[1] / "rust" / "locktool-core" / "src"
DOCUMENT = (CORE / "certify" / "certificate.md").read_text(encoding="utf-8")

# Where reasons against a lock, and errors of one that cannot be read, are made.
SOURCES = [
    CORE / "certify.rs",
    *sorted((CORE / "certify").glob("*.rs")),
    CORE / "pipeline" / "check.rs",
    CORE / "lock" / "read.rs",
]
STRUCTS = {
    "lock.rs": [
        "LockedDocument",
        "LockedPackage",
        "LockedDependency",
        "LockedDirectory",
        "LockedFile",
        "PackageEvidence",
    ],
    "lock/build_requirements.rs": ["BuildRequirements"],
    "lock/repository.rs": ["LockedRepository"],
    "manifest/record.rs": ["ManifestRecord", "IndexRecord", "MemberRecord"],
    "manifest/source.rs": ["SourceRecord"],
    "manifest/conflict.rs": ["ConflictItem"],
    "manifest/changes.rs": ["ChangedParent"],
}
_FIELD = re.compile(r"((?:^ +#\[.*\]\n)*)^ +pub (\w+):", re.MULTILINE)
_RENAMED = re.compile(r'rename = "([^"]+)"')
_SETTING = re.compile(r'^    \w+: .+? = "([^"]+)"', re.MULTILINE)
_WORD = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


def fields(path: str, name: str) -> set[str]:
    """The keys of a struct, as they stand in a lock."""
    text = (CORE / path).read_text(encoding="utf-8")
    found = re.search(rf"^pub struct {name} \{{\n(.*?)^\}}", text, re.MULTILINE | re.DOTALL)
    assert found is not None, name
    keys = set()
    for attributes, field in _FIELD.findall(found[1]):
        if "flatten" not in attributes and "serde(skip)" not in attributes:
            renamed = _RENAMED.search(attributes)
            keys.add(renamed[1] if renamed else field.replace("_", "-"))
    return keys


def settings() -> set[str]:
    """The keys of the settings, which one macro declares."""
    text = (CORE / "manifest" / "settings.rs").read_text(encoding="utf-8")
    return set(_SETTING.findall(text.rpartition("settings! {")[2]))


KEYS = settings().union(*(fields(path, name) for path, names in STRUCTS.items() for name in names))


def codes() -> set[str]:
    """The codes of the core: what stands first in a call or tuple and is no key."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    return set(re.findall(r'\(\s*"([a-z]+(?:-[a-z0-9]+)*)",', text)) - KEYS


def named() -> set[str]:
    """Every word that the document has in backticks."""
    return {word for span in re.findall(r"`([^`\n]+)`", DOCUMENT) for word in _WORD.findall(span)}


def rules() -> set[str]:
    """The codes in the first column of the tables of rules."""
    tables = re.findall(r"^\| code \| refused \|\n\|[-|]+\|\n((?:\|.*\n)+)", DOCUMENT, re.MULTILINE)
    cells = [row.split("|")[1] for table in tables for row in table.splitlines()]
    return {code for cell in cells for code in re.findall(r"`([^`]+)`", cell)}


def test_the_sources_are_read_as_they_are_written() -> None:
    assert {"orphan", "marker-changed", "file-missing", "lock-conflicted"} <= codes()
    assert {"type", "commit-id", "requires-python", "exclude-newer-package", "digest", "build", "member"} <= KEYS


def test_every_code_is_named() -> None:
    assert codes() - named() == set()


def test_every_rule_is_one_of_the_core() -> None:
    assert rules() - codes() == set()


def test_every_reason_has_a_rule() -> None:
    errors = {code for code in codes() if code.startswith("lock-")}
    assert codes() - errors - rules() == set()


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_key_is_named(key: str) -> None:
    assert key in named()
