"""A lock as a software bill of materials: CycloneDX 1.6 in JSON, with package URLs and hashes.

The document holds no clock and no serial number, so that the same lock gives the same bytes.
"""

from json import dumps
from typing import Any
from urllib.parse import quote

from locktool.export.graph import edges
from locktool.lock.model import Lock, Package

_ALGORITHMS = {
    "md5": "MD5",
    "sha1": "SHA-1",
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha512": "SHA-512",
    "sha3_256": "SHA3-256",
    "sha3_384": "SHA3-384",
    "sha3_512": "SHA3-512",
    "blake2b": "BLAKE2b-512",
}


def render_cyclonedx(lock: Lock) -> str:
    """The lock as a CycloneDX document; entries of one name in several versions are several components."""
    components = {reference(package): _component(package) for package in lock.packages}
    targets: dict[str, set[str]] = {name: set() for name in components}
    for source, target in edges(lock):
        targets[reference(source)].add(reference(target))
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"tools": {"components": [{"type": "application", "name": "locktool"}]}},
        "components": [components[name] for name in sorted(components)],
        "dependencies": [{"ref": name, "dependsOn": sorted(targets[name])} for name in sorted(targets)],
    }
    return dumps(document, indent=2, ensure_ascii=False) + "\n"


def reference(package: Package) -> str:
    """The package URL (purl) that names the entry."""
    version = f"@{quote(package.version, safe='')}" if package.version else ""
    return f"pkg:pypi/{package.name}{version}"


def _component(package: Package) -> dict[str, Any]:
    component: dict[str, Any] = {"type": "library", "bom-ref": reference(package), "name": package.name}
    if package.version:
        component["version"] = package.version
    component["purl"] = reference(package)
    if package.marker:
        component["properties"] = [{"name": "locktool:marker", "value": package.marker}]
    files = [*package.wheels, *([package.sdist] if package.sdist else [])]
    references = [
        {
            "type": "distribution",
            "url": file.url,
            "hashes": [
                {"alg": _ALGORITHMS[algorithm], "content": digest}
                for algorithm, digest in sorted(file.hashes.items())
                if algorithm in _ALGORITHMS
            ],
        }
        for file in files
        if file.url
    ]
    if references:
        component["externalReferences"] = references
    return component
