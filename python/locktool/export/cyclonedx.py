"""A lock as a software bill of materials: CycloneDX 1.6 in JSON, with the minimum elements of the NTIA.

In: a part of a lock, and what the projects say of themselves. Out: one component for each project and entry, with
supplier, version, package URL, hashes and where it comes from. The licences of packages are in no lock: only those of
projects are named. The time is the caller's, so that the same lock and time give the same bytes.
"""

from collections.abc import Iterable, Mapping
from json import dumps
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct

from locktool.export.arrows import Vertex, arrows, vertex
from locktool.export.package_url import package_url, project_url
from locktool.export.part import ChosenPart
from locktool.lock.graph import LockGraph
from locktool.lock.model import Archive, Distribution, Lock, Package

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
    """What a pyproject.toml says of its project; `license` is an SPDX expression.

    Not `is_read`: there is no such file, or none that can be read as one.
    """

    name: str
    is_read: bool = True
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
    body: dict[str, Any] = {
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
    head = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, dumps(body, sort_keys=True))}",
    }
    return dumps(head | body, indent=2, ensure_ascii=False) + "\n"


class _Bill:
    """The components by their references, and what each depends on."""

    def __init__(self, chosen: ChosenPart, context: BillContext) -> None:
        self._context = context
        self.components: dict[str, dict[str, Any]] = {}
        self.references: dict[Vertex, str] = {}
        graph = LockGraph(chosen.lock)
        roots = chosen.roots(graph)
        found = arrows(graph, roots)
        self._add_projects(chosen.lock, [*map(vertex, roots), *(arrow.target for arrow in found)])
        for number, package in enumerate(chosen.lock.packages):
            if Vertex(None, number) not in self.references:
                self._add(Vertex(None, number), self._component(package))
        members = dict.fromkeys(each.member for each in chosen.lists)
        self.root = Vertex("." if "." in members or len(members) != 1 else next(iter(members)), None)
        if self.root not in self.references:
            self._add(self.root, _project_component(context.project))
        self.targets: dict[str, set[str]] = {reference: set() for reference in self.components}
        for arrow in found:
            self._depend(arrow.source, arrow.target)
        # The rest of the workspace is part of it, whether or not one project requires another.
        required = set().union(*self.targets.values())
        for top in map(vertex, roots):
            if self.references[top] not in required:
                self._depend(self.root, top)

    def _add_projects(self, lock: Lock, vertices: Iterable[Vertex]) -> None:
        """The projects of the workspace among the vertices; one that is an entry too is one component."""
        entries = {package.name: number for number, package in enumerate(lock.packages)}
        members = {member.path: member for member in lock.members}
        for path in dict.fromkeys(each.member for each in vertices if each.member is not None):
            name = members[path].name or path
            facts = self._context.trees.get(name) or ProjectFacts(name=name)
            self._add(Vertex(path, None), _project_component(facts))
            if name in entries:
                self.references[Vertex(None, entries[name])] = self.references[Vertex(path, None)]

    def _add(self, vertex: Vertex, component: dict[str, Any]) -> None:
        reference, number = component["purl"], 2
        while reference in self.components:
            reference, number = f"{component['purl']}-{number}", number + 1
        self.references[vertex] = reference
        self.components[reference] = {"type": component.pop("type"), "bom-ref": reference} | component

    def _depend(self, source: Vertex, target: Vertex) -> None:
        if source != target:
            self.targets[self.references[source]].add(self.references[target])

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
