"""A lock as a software bill of materials: CycloneDX 1.6 in JSON, with the minimum elements of the NTIA.

In: a part of a lock, and what the projects say of themselves. Out: one component for each project and entry, with
supplier, version, package URL, hashes and where it comes from. The licences of packages are in no lock: only those of
projects are named. The time is the caller's, so that the same lock and time give the same bytes.
"""

from collections.abc import Mapping
from json import dumps
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct

from locktool.export.arrows import Vertex, arrows
from locktool.export.package_url import package_url, project_url
from locktool.export.part import ChosenPart
from locktool.lock.graph import LockGraph
from locktool.lock.model import Archive, Distribution, Package

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


class ProjectFacts(Struct, frozen=True, kw_only=True):
    """What a pyproject.toml says of its project; `license` is an SPDX expression."""

    name: str
    version: str | None = None
    license: str | None = None
    authors: tuple[str, ...] = ()


class BillContext(Struct, frozen=True, kw_only=True):
    """What a lock does not hold: the project, the trees on disk by name, the time, and the public index."""

    project: ProjectFacts
    trees: Mapping[str, ProjectFacts]
    timestamp: str
    public_index: str
    tool_version: str


def render_cyclonedx(chosen: ChosenPart, context: BillContext) -> str:
    """The part as a CycloneDX document; entries of one name in several versions are several components."""
    bill = _Bill(chosen, context)
    project = bill.components.pop(bill.references[bill.root])
    document: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": context.timestamp,
            "tools": {"components": [{"type": "application", "name": "locktool", "version": context.tool_version}]},
            "authors": [{"name": name} for name in context.project.authors or (context.project.name,)],
            "component": project | {"type": "application"},
        },
        "components": [bill.components[reference] for reference in sorted(bill.components)],
        "dependencies": [
            {"ref": reference, "dependsOn": sorted(targets)} for reference, targets in sorted(bill.targets.items())
        ],
    }
    serial = uuid5(NAMESPACE_URL, dumps(document, sort_keys=True))
    document = {"$schema": document.pop("$schema"), "bomFormat": document.pop("bomFormat")} | {
        "specVersion": document.pop("specVersion"),
        "serialNumber": f"urn:uuid:{serial}",
        **document,
    }
    return dumps(document, indent=2, ensure_ascii=False) + "\n"


class _Bill:
    """The components by their references, and what each depends on."""

    def __init__(self, chosen: ChosenPart, context: BillContext) -> None:
        self._context = context
        self._graph = LockGraph(chosen.lock)
        self.components: dict[str, dict[str, Any]] = {}
        self.references: dict[Vertex, str] = {}
        members = {each.member: each.name for each in chosen.lists if each.member is not None}
        paths = {name: path for path, name in members.items() if name}
        for path, name in members.items():
            facts = context.trees.get(name or "") or ProjectFacts(name=name or str(path))
            self._add(Vertex(path, None), _project_component(facts))
        for number, package in enumerate(chosen.lock.packages):
            if package.name in paths:
                self.references[Vertex(None, number)] = self.references[Vertex(paths[package.name], None)]
            else:
                self._add(Vertex(None, number), self._component(package))
        self.root = Vertex("." if "." in members or len(members) != 1 else next(iter(members)), None)
        if self.root not in self.references:
            self._add(self.root, _project_component(context.project))
        self.targets: dict[str, set[str]] = {reference: set() for reference in self.components}
        for arrow in arrows(self._graph, chosen.roots(self._graph)):
            self._depend(self._reference(arrow.source), self._reference(arrow.target))
        # The rest of the workspace is part of it, whether or not one project requires another.
        required = set().union(*self.targets.values())
        for vertex in [*(Vertex(path, None) for path in members), *self._tops(chosen)]:
            if self.references[vertex] not in required:
                self._depend(self.references[self.root], self.references[vertex])

    def _tops(self, chosen: ChosenPart) -> list[Vertex]:
        """In a foreign lock, the entries that nothing requires."""
        return [] if chosen.lists else [Vertex(None, node.entry) for node in chosen.roots(self._graph)]

    def _add(self, vertex: Vertex, component: dict[str, Any]) -> None:
        reference, number = component["purl"], 2
        while reference in self.components:
            reference, number = f"{component['purl']}-{number}", number + 1
        self.references[vertex] = reference
        self.components[reference] = {"type": component.pop("type"), "bom-ref": reference} | component

    def _reference(self, vertex: Vertex) -> str | None:
        return self.references.get(vertex)

    def _depend(self, source: str | None, target: str | None) -> None:
        if source is not None and target is not None and source != target:
            self.targets[source].add(target)

    def _component(self, package: Package) -> dict[str, Any]:
        facts = self._context.trees.get(package.name) if package.directory is not None else None
        version = package.version or (facts.version if facts else None)
        component: dict[str, Any] = {"type": "library", "supplier": _supplier(package, facts), "name": package.name}
        if version:
            component["version"] = version
        hashes = _hashes(package.archive) if package.archive else []
        if hashes:
            component["hashes"] = hashes
        if facts and facts.license:
            component["licenses"] = [{"expression": facts.license}]
        component["purl"] = package_url(package, version, self._context.public_index)
        references = _external_references(package)
        if references:
            component["externalReferences"] = references
        if package.marker:
            component["properties"] = [{"name": "locktool:marker", "value": package.marker}]
        return component


def _project_component(facts: ProjectFacts) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "supplier": {"name": ", ".join(facts.authors) or facts.name},
        "name": facts.name,
    }
    if facts.version:
        component["version"] = facts.version
    if facts.license:
        component["licenses"] = [{"expression": facts.license}]
    return component | {"purl": project_url(facts.name, facts.version)}


def _supplier(package: Package, facts: ProjectFacts | None) -> dict[str, Any]:
    """Who distributes the entry: the host of its index, repository or file, or the authors of a tree on disk."""
    vcs, archive = package.vcs, package.archive
    address = (vcs and vcs.url) or (archive and archive.url) or package.index
    host = urlsplit(address).netloc.rpartition("@")[2] if address and "://" in address else ""
    if not host:
        return {"name": (facts and ", ".join(facts.authors)) or package.name}
    return {"name": host} | ({"url": [package.index]} if address == package.index else {})


def _external_references(package: Package) -> list[dict[str, Any]]:
    references: list[dict[str, Any]] = []
    if package.vcs is not None and package.vcs.url:
        references.append({"type": "vcs", "url": package.vcs.url, "comment": f"commit {package.vcs.commit_id}"})
    for file in package.files():
        if file.url:
            reference: dict[str, Any] = {"type": "distribution", "url": file.url}
            hashes = _hashes(file)
            references.append(reference | ({"hashes": hashes} if hashes else {}))
    return references


def _hashes(file: Distribution | Archive) -> list[dict[str, str]]:
    return [
        {"alg": _ALGORITHMS[algorithm], "content": digest}
        for algorithm, digest in sorted(file.hashes.items())
        if algorithm in _ALGORITHMS
    ]
