"""Writes what wheels say of the crates in them: their licences, and a software bill of materials (PEP 770).

Run it after a change of Cargo.lock. In: the crates that the extension links on any platform, and the licence files of
their sources. Out: rust/THIRD-PARTY-LICENSES.txt and rust/crates.cyclonedx.json, which are the same for the same crates
(maturin's own bill of materials has a time, a random number and paths in it). Of a crate that offers several licences,
the text of MIT is taken where it is one of them.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

REPOSITORY = Path(__file__).parents[1]
LICENCES = REPOSITORY / "rust" / "THIRD-PARTY-LICENSES.txt"
MATERIALS = REPOSITORY / "rust" / "crates.cyclonedx.json"

_LICENCE_FILES = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|UNLICENSE)", re.IGNORECASE)
_RULE = "=" * 80
_HEAD = """\
Licences of the Rust crates that are compiled into locktool

"""


class Crate(NamedTuple):
    """A crate that is linked: its licence expression (SPDX), and the texts that its source has."""

    name: str
    version: str
    licence: str
    texts: tuple[str, ...]


def linked_crates() -> list[Crate]:
    """The crates of others that the extension links on any platform, by name and version."""
    tree = _cargo("tree", "--package", "locktool-python", "--edges", "normal", "--target", "all", "--prefix", "none")
    linked = {tuple(line.split()[:2]) for line in tree.splitlines() if line}
    packages: list[dict[str, Any]] = json.loads(_cargo("metadata", "--format-version", "1"))["packages"]
    crates = [
        Crate(package["name"], package["version"], package["license"] or "", tuple(_texts(package)))
        for package in packages
        if package["source"] and (package["name"], f"v{package['version']}") in linked
    ]
    return sorted(crates)


def _cargo(*arguments: str) -> str:
    words = ["cargo", *arguments, "--locked"]
    return subprocess.run(words, cwd=REPOSITORY, capture_output=True, encoding="utf-8", check=True).stdout


def _texts(package: dict[str, Any]) -> list[str]:
    """The licence texts of a crate: that of MIT alone where it is offered beside others."""
    directory = Path(package["manifest_path"]).parent
    files = sorted(path for path in directory.iterdir() if path.is_file() and _LICENCE_FILES.match(path.name))
    offered = re.split(r"\s+OR\s+|/", package["license"] or "")
    mit = [path for path in files if "mit" in path.name.lower()]
    chosen = mit if "MIT" in offered and mit else files
    return [path.read_text(encoding="utf-8", errors="replace").strip() for path in chosen]


def licence_document(crates: list[Crate]) -> str:
    """The list of crates, and each text once with the crates that it is of."""
    parts = [_HEAD + "\n".join(f"{crate.name} {crate.version}: {crate.licence}" for crate in crates)]
    owners: dict[str, list[Crate]] = {}
    for crate in crates:
        for text in crate.texts:
            owners.setdefault(" ".join(text.split()), []).append(crate)
    shown: set[str] = set()
    for crate in crates:
        for text in crate.texts:
            key = " ".join(text.split())
            if key not in shown:
                shown.add(key)
                names = ", ".join(f"{each.name} {each.version}" for each in owners[key])
                parts.append(f"{_RULE}\n{names}\n{_RULE}\n\n{text}")
    lines = "\n\n".join(parts).splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def bill_of_materials(crates: list[Crate]) -> str:
    """The crates as a CycloneDX document."""
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "library", "name": "locktool", "bom-ref": "locktool"}},
        "components": [
            {
                "type": "library",
                "bom-ref": f"pkg:cargo/{crate.name}@{crate.version}",
                "name": crate.name,
                "version": crate.version,
                "licenses": [{"expression": crate.licence.replace("/", " OR ")}],
                "purl": f"pkg:cargo/{crate.name}@{crate.version}",
            }
            for crate in crates
        ],
    }
    return json.dumps(document, indent=1) + "\n"


def main() -> int:
    """Write both files; with `--check`, say whether they have the crates of today."""
    crates = linked_crates()
    if sys.argv[1:] != ["--check"]:
        LICENCES.write_text(licence_document(crates), encoding="utf-8")
        MATERIALS.write_text(bill_of_materials(crates), encoding="utf-8")
        return 0
    listed = LICENCES.read_text(encoding="utf-8").split(_RULE)[0].splitlines() if LICENCES.exists() else []
    materials = MATERIALS.read_text(encoding="utf-8") if MATERIALS.exists() else ""
    wanted = [f"{crate.name} {crate.version}: {crate.licence}" for crate in crates]
    if wanted != [line for line in listed[2:] if line] or materials != bill_of_materials(crates):
        print(f"the crates have changed: run {Path(__file__).relative_to(REPOSITORY)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
