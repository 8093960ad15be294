"""A lock as requirements.txt: exact pins with hashes, markers, and comments saying who requires each.

In: a Lock whose markers hold no extras or groups, and where its direct requirements come from. Out: text that
`pip install --no-deps --require-hashes -r` takes. Format: pip's requirements file format.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from msgspec import Struct

from locktool.lock.graph import LockGraph
from locktool.lock.model import Lock, Package, Vcs

_ALGORITHMS = ("sha256", "sha512", "sha384")
_CONTINUED = " \\\n    "
# pip splits the value of an option into words as a shell does, and a line at its options, comments and marker.
_NO_WORD_OF_AN_OPTION = re.compile(r"[\s'\"\\#;]")
_NO_PATH_OF_A_LINE = re.compile(r"\s[-#;]")
# As pip-tools and uv write them.
_WIDTH_OF_PINS = 24
_LEFT_OUT = "# The following packages were excluded from the output:"


class RequirementsStyle(Struct, frozen=True, kw_only=True):
    """What to write beside the pins.

    `header` is a comment without its signs, `options` are lines of pip options such as `--index-url`. `annotate` says
    who requires a package, on one line each or, `in_one_line`, on one for all; `annotate_index` which index serves it.
    The packages `left_out` are named in a comment at the end, and have no pin. With `extras` a pin has the extras that
    are asked for.
    """

    hashes: bool = True
    annotate: bool = True
    in_one_line: bool = False
    annotate_index: bool = False
    left_out: frozenset[str] = frozenset()
    extras: bool = False
    header: str = ""
    options: tuple[str, ...] = ()


def render_requirements(lock: Lock, style: RequirementsStyle, direct: Mapping[str, Sequence[str]]) -> str:
    """Write the lock, one entry after the other by name.

    `direct` says for each name that is required directly where that stands: `{"flask": ["-r requirements.in"]}`.
    """
    lines = [f"# {line}".rstrip() for line in style.header.splitlines()]
    lines += style.options
    requirers = _requirers(lock, direct)
    extras = _asked_extras(lock) if style.extras else {}
    packages = sorted(lock.packages, key=lambda package: package.name)
    for package in packages:
        if package.name in style.left_out:
            continue
        text = pin(package, extras.get(package.name, ()))
        if package.marker:
            # A URL may hold a semicolon, so a space has to stand before the one of the marker.
            text += f" ; {package.marker}"
        if style.hashes:
            text += "".join(f"{_CONTINUED}--hash={digest}" for digest in _hashes(package))
        comments = _comments(package, style, requirers.get(package.name, ()))
        if style.in_one_line and comments and not style.hashes:
            text, comments = f"{text:<{_WIDTH_OF_PINS}}  {comments[0]}", comments[1:]
        lines += [text, *(f"    {comment}" for comment in comments)]
    left_out = [package.name for package in packages if package.name in style.left_out]
    lines += ["", _LEFT_OUT, *(f"# {name}" for name in dict.fromkeys(left_out))] if left_out else []
    return "".join(line + "\n" for line in lines)


def pin(package: Package, extras: Iterable[str] = ()) -> str:
    """The entry as one requirement without marker: `name[extra]==version`, `name @ address` or a path."""
    asked = f"[{','.join(sorted(extras))}]" if extras else ""
    if package.directory is not None:
        if package.directory.editable:
            return f"-e {_local(package.directory.path, _NO_WORD_OF_AN_OPTION)}{asked}"
        return f"{_local(package.directory.path, _NO_PATH_OF_A_LINE)}{asked}"
    if package.archive is not None:
        if package.archive.url is None:
            return f"{_local(package.archive.path or '', _NO_PATH_OF_A_LINE)}{asked}"
        return f"{package.name}{asked} @ {package.archive.url}{_fragment(package.archive.subdirectory)}"
    if package.vcs is not None:
        return f"{package.name}{asked} @ {_vcs_address(package.vcs)}"
    return f"{package.name}{asked}=={package.version}"


def _local(path: str, unreadable: re.Pattern[str]) -> str:
    """A path as installers read it in the place of a requirement: as it is, or escaped behind `file:`."""
    path = path if path.startswith((".", "/")) else f"./{path}"
    if unreadable.search(path) is None:
        return path
    return f"{'file://' if path.startswith('/') else 'file:'}{quote(path)}"


def _asked_extras(lock: Lock) -> dict[str, set[str]]:
    """The extras of each package that anything asks for."""
    found: dict[str, set[str]] = {}
    for name, extra in ((node.requirer.name, node.requirer.extra) for node in LockGraph(lock).nodes):
        if name is not None and extra is not None:
            found.setdefault(name, set()).add(extra)
    return found


def _hashes(package: Package) -> list[str]:
    # One for each file: the first kind that it has of those that pip accepts.
    chosen = (
        next((f"{algorithm}:{file.hashes[algorithm]}" for algorithm in _ALGORITHMS if algorithm in file.hashes), None)
        for file in package.files()
    )
    return sorted({digest for digest in chosen if digest})


def _vcs_address(vcs: Vcs) -> str:
    return f"{vcs.type}+{vcs.url or vcs.path}@{vcs.commit_id}{_fragment(vcs.subdirectory)}"


def _fragment(subdirectory: str | None) -> str:
    return f"#subdirectory={quote(subdirectory)}" if subdirectory else ""


def _requirers(lock: Lock, direct: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    requirers: dict[str, set[str]] = {}
    for package in lock.packages:
        for dependency in package.dependencies:
            requirers.setdefault(dependency.name, set()).add(package.name)
    # Packages first, then files: a file starts with a sign or has a space in its name.
    return {
        name: [*sorted(requirers.get(name, ())), *direct.get(name, ())] for name in requirers.keys() | direct.keys()
    }


def _comments(package: Package, style: RequirementsStyle, requirers: Iterable[str]) -> list[str]:
    """What stands below a pin: who requires it, and where it is from."""
    lines = list(dict.fromkeys(requirers)) if style.annotate else []
    if style.in_one_line and lines:
        comments = [f"# via {', '.join(lines)}"]
    elif len(lines) > 1:
        comments = ["# via", *(f"#   {line}" for line in lines)]
    else:
        comments = [f"# via {line}" for line in lines]
    return [*comments, f"# from {package.index}"] if style.annotate_index and package.index else comments
