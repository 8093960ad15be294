"""Edits of one `[[packages]]` entry: each key of the standard changed, added, removed, or given what it may not be."""

from __future__ import annotations

import copy
import datetime as dt
from typing import TYPE_CHECKING, Any

from tampering.edit import EntryEdit

if TYPE_CHECKING:
    from collections.abc import Callable

Table = dict[str, Any]

_DATE = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
_INDEX = "http://127.0.0.1:1/simple/"
_FOREIGN = {
    "url": "http://127.0.0.1:1/files/foreign-1.0-py3-none-any.whl",
    "hashes": {"sha256": "2" * 64},
}


def _setting(path: str, value: object, *, only: str | None = None) -> EntryEdit:
    """Set a key such as `vcs.url`, where its table is there; `only` is another key that must be."""
    *steps, key = path.split(".")

    def change(entry: Table) -> bool:
        holder = _holder(entry, steps)
        if holder is None or (only is not None and only not in holder):
            return False
        holder[key] = copy.deepcopy(value)
        return True

    return EntryEdit(change)


def _of_wrong_type(path: str, value: object) -> EntryEdit:
    key = path.rpartition(".")[2]
    return EntryEdit(_setting(path, value, only=key).change, key=key)


def _removing(path: str) -> EntryEdit:
    *steps, key = path.split(".")

    def change(entry: Table) -> bool:
        holder = _holder(entry, steps)
        return holder is not None and holder.pop(key, None) is not None

    return EntryEdit(change)


def _replacing(path: str, change_value: Callable[[Any], object]) -> EntryEdit:
    *steps, key = path.split(".")

    def change(entry: Table) -> bool:
        holder = _holder(entry, steps)
        if holder is None or key not in holder:
            return False
        holder[key] = change_value(holder[key])
        return True

    return EntryEdit(change)


def _holder(entry: Table, steps: list[str]) -> Table | None:
    """The table of a path; of a list of tables the first."""
    found: Any = entry
    for step in steps:
        found = found.get(step)
        if isinstance(found, list):
            found = found[0] if found else None
        if not isinstance(found, dict):
            return None
    holder: Table = found
    return holder


def _of_file(kind: str) -> dict[str, EntryEdit]:
    """Edits of the files of one key: `archive`, `sdist` or `wheels`."""

    def host(url: str) -> str:
        return "http://127.0.0.1:1/" + url.partition("://")[2].partition("/")[2]

    def other_version(address: str) -> str:
        return address.replace("-1.", "-7.").replace("-2.", "-7.")

    def other_package(address: str) -> str:
        folder, slash, name = address.rpartition("/")
        return f"{folder}{slash}foreign-{name.partition('-')[2]}"

    def as_path(file: Table) -> Table:
        return {**{key: value for key, value in file.items() if key != "url"}, "path": "files/" + _name(file)}

    def first(change: Callable[[Table], Table]) -> Callable[[Any], object]:
        return lambda value: [change(value[0]), *value[1:]] if isinstance(value, list) else change(value)

    return {
        "hash changed": _setting(f"{kind}.hashes.sha256", "1" * 64),
        "hash emptied": _setting(f"{kind}.hashes.sha256", ""),
        "hash cut short": _setting(f"{kind}.hashes.sha256", "1" * 63),
        "hash not hexadecimal": _setting(f"{kind}.hashes.sha256", "z" * 64),
        "hash added": _setting(f"{kind}.hashes.md5", "1" * 32),
        "hash of unknown algorithm alone": _setting(f"{kind}.hashes", {"crc": "12345678"}),
        "hash of a weak algorithm alone": _setting(f"{kind}.hashes", {"md5": "1" * 32}),
        "no hash": _setting(f"{kind}.hashes", {}),
        "hashes removed": _removing(f"{kind}.hashes"),
        "size changed": _setting(f"{kind}.size", 17),
        "size removed": _removing(f"{kind}.size"),
        "size negative": _of_wrong_type(f"{kind}.size", -1),
        "upload time changed": _setting(f"{kind}.upload-time", _DATE),
        "host changed": _replacing(f"{kind}.url", host),
        "address of another version": _replacing(f"{kind}.url", other_version),
        "address of another package": _replacing(f"{kind}.url", other_package),
        "address on this machine": _replacing(f"{kind}.url", lambda url: f"file:///{_name({'url': url})}"),
        "address removed": _removing(f"{kind}.url"),
        "address emptied": _setting(f"{kind}.url", "", only="url"),
        "path beside the address": _setting(f"{kind}.path", "files/a-1.0-py3-none-any.whl", only="url"),
        "path in place of the address": _replacing(
            kind, lambda value: first(as_path)(value) if "url" in str(value) else value
        ),
        "name of another version": _replacing(kind, first(lambda file: {**file, "name": other_version(_name(file))})),
        "subdirectory added": _setting(f"{kind}.subdirectory", "elsewhere"),
        "unknown key added": _setting(f"{kind}.mirror", "http://127.0.0.1:1/"),
    }


def _name(file: Table) -> str:
    return str(file.get("url", file.get("path"))).rpartition("/")[2]


def _change_wheels(change: Callable[[list[Table]], list[Table]]) -> EntryEdit:
    return _replacing("wheels", change)


def _wheel_tagged(tags: str) -> Callable[[list[Table]], list[Table]]:
    def change(wheels: list[Table]) -> list[Table]:
        url = wheels[0]["url"]
        return [{**wheels[0], "url": "-".join([*url.split("-")[:-3], f"{tags}.whl"])}]

    return change


def _moved(source: str, target: str) -> EntryEdit:
    """The file of one key under another, and its key removed."""

    def change(entry: Table) -> bool:
        if source not in entry or target in entry:
            return False
        value = entry.pop(source)
        file = value[0] if isinstance(value, list) else value
        entry[target] = [file] if target == "wheels" else file
        return True

    return EntryEdit(change)


def _from(origin: Table, *, beside: bool = False) -> EntryEdit:
    """The entry from somewhere else, or with a second origin."""

    def change(entry: Table) -> bool:
        if not beside:
            for key in ("vcs", "directory", "archive", "index", "sdist", "wheels"):
                entry.pop(key, None)
        entry.update(copy.deepcopy(origin))
        return True

    return EntryEdit(change)


def _from_registry(entry: Table) -> bool:
    """A wheel of an index in the place of a member, directory, repository or archive."""
    if "index" in entry:
        return False
    for key in ("vcs", "directory", "archive"):
        entry.pop(key, None)
    file = {**_FOREIGN, "url": f"http://127.0.0.1:1/{entry['name'].replace('-', '_')}-1.0-py3-none-any.whl"}
    entry.update({"version": "1.0", "index": _INDEX, "wheels": [file]})
    if "tool" not in entry:
        requires = [edge["name"] for edge in entry.get("dependencies", [])]
        entry["tool"] = {"locktool": {"digest": "", "requires": requires}}
    return True


def _of_dependencies(change: Callable[[list[Table]], object]) -> EntryEdit:
    return _replacing("dependencies", change)


def _requirement_and_edge_removed(entry: Table) -> bool:
    requires = entry.get("tool", {}).get("locktool", {}).get("requires", [])
    edges = entry.get("dependencies", [])
    if not edges or not any(text == edges[-1]["name"] for text in requires):
        return False
    requires.remove(edges.pop()["name"])
    return True


def _replace_requirement(change: Callable[[str], str]) -> EntryEdit:
    edit = _replacing("tool.locktool.requires", lambda texts: [change(texts[0]), *texts[1:]])
    return EntryEdit(edit.change, names_edges=True)


ENTRY_EDITS: dict[str, EntryEdit] = {
    f"{kind}: {name}": edit for kind in ("archive", "sdist", "wheels") for name, edit in _of_file(kind).items()
}
ENTRY_EDITS |= {
    "archive: hash that the requirement gives changed": EntryEdit(
        lambda entry: entry["name"] == "hashed" and not entry["archive"].update(hashes={"sha256": "1" * 64})
    ),
    "wheels: first removed": _change_wheels(lambda wheels: wheels[1:] or wheels),
    "wheels: all removed": EntryEdit(lambda entry: "sdist" not in entry and entry.pop("wheels", None) is not None),
    "wheels: all removed beside an sdist": EntryEdit(
        lambda entry: "sdist" in entry and entry.pop("wheels", None) is not None
    ),
    "wheels: emptied beside an sdist": EntryEdit(
        lambda entry: {"sdist", "wheels"} <= entry.keys() and not entry.update(wheels=[])
    ),
    "wheels: doubled": _change_wheels(lambda wheels: [*wheels, wheels[0]]),
    "wheels: reversed": _change_wheels(lambda wheels: wheels[::-1]),
    "wheels: of another package added": _change_wheels(lambda wheels: [*wheels, copy.deepcopy(_FOREIGN)]),
    "wheels: for another Python": _change_wheels(_wheel_tagged("cp38-cp38-manylinux_2_17_x86_64")),
    "wheels: for Python 2": _change_wheels(_wheel_tagged("py2-none-any")),
    "wheels: for another platform": _change_wheels(_wheel_tagged("cp311-abi3-macosx_11_0_arm64")),
    "wheels: as sdist": _moved("wheels", "sdist"),
    "wheels: as archive": _moved("wheels", "archive"),
    "wheels: beside a direct origin": EntryEdit(
        lambda entry: "index" not in entry and not entry.update(wheels=[copy.deepcopy(_FOREIGN)])
    ),
    "wheels: upload time removed": _removing("wheels.upload-time"),
    "sdist: upload time removed": _removing("sdist.upload-time"),
    "sdist: removed": _removing("sdist"),
    "sdist: as wheel": _moved("sdist", "wheels"),
    "sdist: of another package added": _setting("sdist", {**_FOREIGN, "url": "http://127.0.0.1:1/foreign-1.0.tar.gz"}),
    "archive: removed": _removing("archive"),
    "archive: address beside the path": _setting("archive.url", _FOREIGN["url"], only="path"),
    "archive: path changed": _setting("archive.path", "elsewhere/a-1.0-py3-none-any.whl", only="path"),
    "archive: path out of the project": _replacing("archive.path", lambda path: f"../{path}"),
    "archive: as wheel": _moved("archive", "wheels"),
    "origin: of an index": EntryEdit(_from_registry),
    "origin: a directory": _from({"directory": {"path": "trees/foreign"}}),
    "origin: an editable directory": _from({"directory": {"path": ".", "editable": True}}),
    "origin: an archive": _from({"archive": copy.deepcopy(_FOREIGN)}),
    "origin: a repository": _from({"vcs": {"type": "git", "url": "http://127.0.0.1:1/a", "commit-id": "3" * 40}}),
    "origin: a directory too": _from({"directory": {"path": "trees/foreign"}}, beside=True),
    "origin: an archive too": _from({"archive": copy.deepcopy(_FOREIGN)}, beside=True),
    "origin: a repository too": _from(
        {"vcs": {"type": "git", "url": "http://127.0.0.1:1/a", "commit-id": "3" * 40}}, beside=True
    ),
    "vcs: removed": _removing("vcs"),
    "vcs: type changed": _setting("vcs.type", "hg"),
    "vcs: type removed": _removing("vcs.type"),
    "vcs: host changed": _replacing("vcs.url", lambda _: "http://127.0.0.1:1/repository"),
    "vcs: address removed": _removing("vcs.url"),
    "vcs: path beside the address": _setting("vcs.path", "repository"),
    "vcs: path in place of the address": _replacing(
        "vcs", lambda vcs: {**{key: value for key, value in vcs.items() if key != "url"}, "path": "../repository"}
    ),
    "vcs: revision changed": _setting("vcs.requested-revision", "refs/heads/other"),
    "vcs: revision removed": _removing("vcs.requested-revision"),
    "vcs: commit changed": _setting("vcs.commit-id", "3" * 40),
    "vcs: commit of a full one asked for": EntryEdit(
        lambda entry: entry["name"] == "exact" and not entry["vcs"].update({"commit-id": "3" * 40})
    ),
    "vcs: commit cut short": _replacing("vcs.commit-id", lambda commit: commit[:7]),
    "vcs: commit removed": _removing("vcs.commit-id"),
    "vcs: subdirectory changed": _setting("vcs.subdirectory", "elsewhere"),
    "vcs: subdirectory removed": _removing("vcs.subdirectory"),
    "vcs: unknown key added": _setting("vcs.depth", 1),
    "directory: removed": _removing("directory"),
    "directory: path changed": _setting("directory.path", "trees/foreign"),
    "directory: path out of the project": _replacing("directory.path", lambda path: f"../{path}"),
    "directory: path removed": _removing("directory.path"),
    "directory: editable turned": _replacing(
        "directory", lambda directory: {**directory, "editable": not directory.get("editable", False)}
    ),
    "directory: editable removed": _removing("directory.editable"),
    "directory: subdirectory added": _setting("directory.subdirectory", "elsewhere"),
    "directory: unknown key added": _setting("directory.virtual", True),
    "index: changed": _setting("index", _INDEX, only="index"),
    "index: without the path": _replacing("index", lambda index: index.replace("simple/", "other/")),
    "index: removed": _removing("index"),
    "index: emptied": _setting("index", "", only="index"),
    "index: beside a direct origin": EntryEdit(lambda entry: "index" not in entry and not entry.update(index=_INDEX)),
    "name: changed": _replacing("name", lambda name: f"{name}-foreign"),
    "name: not normalised": _replacing("name", lambda name: name.upper()),
    "name: no name": _setting("name", "-"),
    "name: removed": _removing("name"),
    "version: changed": _setting("version", "7.0", only="version"),
    "version: local": _replacing("version", lambda version: f"{version}+local"),
    "version: removed": _removing("version"),
    "version: no version": _setting("version", "one", only="version"),
    "version: added to a source tree": EntryEdit(
        lambda entry: bool({"vcs", "directory"} & entry.keys()) and not entry.update(version="1.0")
    ),
    "marker: changed": _setting("marker", "platform_machine == 'arm64'"),
    "marker: narrowed": EntryEdit(
        lambda entry: (
            not entry.update(
                marker=f"({entry['marker']}) and os_name == 'posix'" if "marker" in entry else "os_name == 'posix'"
            )
        )
    ),
    "marker: widened": _replacing("marker", lambda marker: f"({marker}) or sys_platform == 'darwin'"),
    "marker: narrowed by a version": _setting("marker", "python_full_version < '3.12.7'"),
    "marker: removed": _removing("marker"),
    "marker: never": _setting("marker", "python_version < '3'"),
    "marker: broken": _setting("marker", "sys_platform = 'linux'"),
    "marker: of an extra": _setting("marker", "'foreign' in extras"),
    "requires-python: lowered": _setting("requires-python", ">=3.7", only="requires-python"),
    "requires-python: removed": _removing("requires-python"),
    "requires-python: raised": _setting("requires-python", ">=3.13"),
    "requires-python: of no Python": _setting("requires-python", "<3"),
    "requires-python: of none of the project": _setting("requires-python", ">=3.8,<3.11"),
    "requires-python: broken": _setting("requires-python", "three"),
    "dependencies: last removed": _of_dependencies(lambda edges: edges[:-1]),
    "dependencies: removed": _removing("dependencies"),
    "dependencies: added": EntryEdit(
        lambda entry: not entry.setdefault("dependencies", []).append({"name": "foreign"})
    ),
    "dependencies: doubled": _of_dependencies(lambda edges: [*edges, edges[0]]),
    "dependencies: renamed": _of_dependencies(lambda edges: [{"name": "foreign"}, *edges[1:]]),
    "dependencies: other version": _of_dependencies(lambda edges: [{**edges[0], "version": "7.0"}, *edges[1:]]),
    "dependencies: marker added": _of_dependencies(
        lambda edges: [{**edges[0], "marker": "os_name == 'nt'"}, *edges[1:]]
    ),
    "dependencies: index added": _of_dependencies(lambda edges: [{**edges[0], "index": _INDEX}, *edges[1:]]),
    "dependencies: without a name": _of_dependencies(lambda edges: [{"version": "1.0"}, *edges[1:]]),
    "attestation-identities: added": _setting(
        "attestation-identities", [{"kind": "GitHub", "repository": "foreign/foreign"}]
    ),
    "unknown key added": _setting("mirror", "http://127.0.0.1:1/"),
    "tool: removed": _removing("tool"),
    "tool: evidence removed": _removing("tool.locktool"),
    "tool: digest changed": _setting("tool.locktool.digest", "0123456789abcdef"),
    "tool: digest removed": _removing("tool.locktool.digest"),
    "tool: requirements removed": _removing("tool.locktool.requires"),
    "tool: requirement added": EntryEdit(
        lambda entry: "tool" in entry and not entry["tool"]["locktool"].setdefault("requires", []).append("foreign")
    ),
    "tool: requirement of another version": _replace_requirement(lambda text: f"{text.partition('>')[0]}>=7"),
    "tool: requirement with an address": _replace_requirement(
        lambda text: f"{text.partition('>')[0]} @ http://127.0.0.1:1/foreign-1.0-py3-none-any.whl"
    ),
    "tool: requirement with a marker": _replace_requirement(
        lambda text: f"{text.partition(';')[0]}; sys_platform == 'darwin'"
    ),
    "tool: requirement broken": _replace_requirement(lambda text: f"{text} <<"),
    "tool: requirement and edge removed": EntryEdit(_requirement_and_edge_removed, names_edges=True),
}
ENTRY_EDITS |= {
    f"{path.split('.', maxsplit=1)[0]}: wrong type of {path}": _of_wrong_type(path, value)
    for path, value in {
        "name": 1,
        "version": 1,
        "marker": True,
        "requires-python": 3,
        "dependencies": "delta",
        "index": ["http://127.0.0.1:1/"],
        "dependencies.name": 1,
        "dependencies.version": 1,
        "sdist": "a-1.0.tar.gz",
        "sdist.url": 1,
        "sdist.hashes": "1",
        "wheels": {"url": "http://127.0.0.1:1/"},
        "wheels.url": 1,
        "wheels.size": "17",
        "wheels.hashes": ["1" * 64],
        "wheels.upload-time": 17,
        "vcs": "git",
        "vcs.type": 1,
        "vcs.url": 1,
        "vcs.requested-revision": 1,
        "vcs.commit-id": 1,
        "vcs.subdirectory": 1,
        "directory": "trees/plain",
        "directory.path": 1,
        "directory.editable": "yes",
        "archive": "a-1.0.tar.gz",
        "archive.url": 1,
        "archive.path": 1,
        "archive.size": "17",
        "archive.hashes": {"sha256": 1},
        "tool": "foreign",
        "tool.locktool": "foreign",
        "tool.locktool.digest": 1,
        "tool.locktool.requires": "foreign",
    }.items()
}
