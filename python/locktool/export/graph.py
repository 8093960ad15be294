"""A lock as a dependency graph: Mermaid or Graphviz text, one node per entry, one arrow per edge."""

from locktool.lock.model import Lock, Package, PackageReference


def render_mermaid(lock: Lock) -> str:
    """The graph as a Mermaid flowchart."""
    numbers = {id(package): number for number, package in enumerate(lock.packages)}
    lines = ["flowchart LR"]
    lines += [f'  n{number}["{label(package)}"]' for number, package in enumerate(lock.packages)]
    lines += [f"  n{numbers[id(source)]} --> n{numbers[id(target)]}" for source, target in edges(lock)]
    return "\n".join(lines) + "\n"


def render_graphviz(lock: Lock) -> str:
    """The graph in the DOT language."""
    lines = ["digraph lock {", "  rankdir=LR;", "  node [shape=box];"]
    lines += [f"  {_quoted(label(package))};" for package in lock.packages]
    lines += [f"  {_quoted(label(source))} -> {_quoted(label(target))};" for source, target in edges(lock)]
    return "\n".join([*lines, "}"]) + "\n"


def label(package: Package) -> str:
    """`name version`, or the name alone for a directory."""
    return f"{package.name} {package.version}" if package.version else package.name


def edges(lock: Lock) -> list[tuple[Package, Package]]:
    """Each edge with the entries it leads to; an edge without a version leads to every entry of its name."""
    by_name: dict[str, list[Package]] = {}
    for package in lock.packages:
        by_name.setdefault(package.name, []).append(package)
    return [
        (package, target)
        for package in lock.packages
        for dependency in package.dependencies
        for target in by_name.get(dependency.name, ())
        if _leads_to(dependency, target)
    ]


def _leads_to(dependency: PackageReference, package: Package) -> bool:
    return dependency.version is None or dependency.version == package.version


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
