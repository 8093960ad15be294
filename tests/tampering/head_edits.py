"""Edits of what stands above the packages, of the inputs that a lock records, and of whole entries."""

from __future__ import annotations

import copy
import itertools
from typing import TYPE_CHECKING, Any

from tampering.edit import Edit, EveryInput, LockEdit

if TYPE_CHECKING:
    from collections.abc import Callable

Table = dict[str, Any]


def _setting(key: str, value: object) -> LockEdit:
    def change(lock: Table) -> tuple[str, ...]:
        lock[key] = value
        return (key,)

    return LockEdit(change)


def _removing(key: str) -> LockEdit:
    return LockEdit(lambda lock: (key,) if lock.pop(key, None) is not None else ())


def _replacing(key: str, change_value: Callable[[Any], object]) -> LockEdit:
    def change(lock: Table) -> tuple[str, ...]:
        if key not in lock:
            return ()
        lock[key] = change_value(lock[key])
        return (key,)

    return LockEdit(change)


def _recording(key: str, value: object, *words: str) -> LockEdit:
    """A key of [tool.locktool] that is added or set; it is named by its key unless by other words."""

    def change(lock: Table) -> tuple[str, ...]:
        lock["tool"]["locktool"][key] = value
        return words or (key,)

    return LockEdit(change)


def _without_record(lock: Table) -> tuple[str, ...]:
    del lock["tool"]["locktool"]
    return ("[tool.locktool]",)


def _member_doubled(lock: Table) -> tuple[str, ...]:
    members = lock["tool"]["locktool"]["members"]
    members.append(copy.deepcopy(members[0]))
    return ("member",)


def _entries(change: Callable[[list[Table]], tuple[str, ...]]) -> LockEdit:
    return LockEdit(lambda lock: change(lock["packages"]))


def _emptied(lock: Table) -> tuple[str, ...]:
    names = tuple(entry["name"] for entry in lock["packages"])
    lock["packages"] = []
    return names


def _entry_removed(packages: list[Table]) -> tuple[str, ...]:
    removed = packages.pop(len(packages) // 2)
    return (removed["name"],)


def _entry_doubled(packages: list[Table]) -> tuple[str, ...]:
    packages.insert(0, copy.deepcopy(packages[-1]))
    return (packages[0]["name"],)


def _entry_added(packages: list[Table]) -> tuple[str, ...]:
    added = {
        "name": "foreign",
        "version": "1.0",
        "index": "http://127.0.0.1:1/simple/",
        "wheels": [{"url": "http://127.0.0.1:1/foreign-1.0-py3-none-any.whl", "hashes": {"sha256": "2" * 64}}],
        "tool": {"locktool": {"digest": ""}},
    }
    packages.append(added)
    return ("foreign",)


def _exchanged(*keys: str) -> Callable[[list[Table]], tuple[str, ...]]:
    """Exchange keys between the first two entries that differ in them and have them both."""

    def change(packages: list[Table]) -> tuple[str, ...]:
        for place, one in enumerate(packages):
            for other in packages[place + 1 :]:
                if all(key in one and key in other and one[key] != other[key] for key in keys):
                    for key in keys:
                        one[key], other[key] = other[key], one[key]
                    return (one["name"], other["name"])
        return ()

    return change


def _forks_exchanged(*keys: str) -> Callable[[list[Table]], tuple[str, ...]]:
    """Exchange keys between two entries of one name."""

    def change(packages: list[Table]) -> tuple[str, ...]:
        for one, other in itertools.pairwise(packages):
            if one["name"] == other["name"]:
                for key in keys:
                    one[key], other[key] = other[key], one[key]
                return (one["name"],)
        return ()

    return change


def _fork_removed(packages: list[Table]) -> tuple[str, ...]:
    for one, other in itertools.pairwise(packages):
        if one["name"] == other["name"]:
            packages.remove(other)
            one.pop("marker", None)
            return (one["name"],)
    return ()


def _forget(_: object) -> object:
    raise KeyError


def _other(value: object) -> object:
    """A value of the same type that says something else."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return _OTHER_TEXTS.get(value[:1], "foreign")
    if isinstance(value, list):
        return [*value, value[0]] if value and isinstance(value[0], dict) else [*value, "foreign"]
    return value


def _with_unknown_key(value: object) -> object:
    return {**value, "foreign": ["foreign"]} if isinstance(value, dict) else value


# By the first character of what they replace: a specifier, an address, an instant, a span.
_OTHER_TEXTS = {">": ">=3.12", "h": "http://127.0.0.1:1/simple/", "2": "2020-01-01T00:00:00Z", "P": "P9D"}

HEAD_EDITS: dict[str, Edit] = {
    "lock-version: minor": _setting("lock-version", "1.1"),
    "lock-version: major": _setting("lock-version", "2.0"),
    "lock-version: removed": _removing("lock-version"),
    "lock-version: wrong type": _setting("lock-version", 1),
    "environments: set": _setting("environments", ["os_name == 'posix'"]),
    "environments: last removed": _replacing("environments", lambda texts: texts[:-1]),
    "environments: added": _replacing("environments", lambda texts: [*texts, "sys_platform == 'darwin'"]),
    "environments: removed": _removing("environments"),
    "environments: broken": _setting("environments", ["linux"]),
    "extras: added": LockEdit(lambda lock: lock.setdefault("extras", []).append("foreign") or ("extras",)),
    "extras: last removed": _replacing("extras", lambda names: names[:-1]),
    "extras: removed": _removing("extras"),
    "extras: not normalised": _setting("extras", ["Foreign_Extra"]),
    "dependency-groups: added": LockEdit(
        lambda lock: lock.setdefault("dependency-groups", []).append("foreign") or ("dependency-groups",)
    ),
    "dependency-groups: last removed": _replacing("dependency-groups", lambda names: names[:-1]),
    "dependency-groups: removed": _removing("dependency-groups"),
    "default-groups: set": _setting("default-groups", ["foreign"]),
    "default-groups: all": LockEdit(
        lambda lock: (
            ("default-groups",) if lock.update({"default-groups": lock.get("dependency-groups", [])}) is None else ()
        )
    ),
    "default-groups: removed": _removing("default-groups"),
    "requires-python: raised": _setting("requires-python", ">=3.12"),
    "requires-python: lowered": _setting("requires-python", ">=3.8"),
    "requires-python: bounded": _setting("requires-python", ">=3.11,<3.14"),
    "requires-python: removed": _removing("requires-python"),
    "requires-python: broken": _setting("requires-python", "three"),
    "created-by: removed": _removing("created-by"),
    "created-by: wrong type": _setting("created-by", 1),
    "environments: wrong type": _setting("environments", "os_name == 'nt'"),
    "extras: wrong type": _setting("extras", "foreign"),
    "dependency-groups: wrong type": _setting("dependency-groups", [1]),
    "default-groups: wrong type": _setting("default-groups", "foreign"),
    "requires-python: wrong type": _setting("requires-python", 3),
    "packages: wrong type": _setting("packages", {"name": "foreign"}),
    "tool: wrong type": _setting("tool", "foreign"),
    "tool: wrong type of the record": _setting("tool", {"locktool": "foreign"}),
    "unknown key": _setting("mirror", "http://127.0.0.1:1/"),
    "packages: removed": LockEdit(lambda lock: tuple(entry["name"] for entry in lock.pop("packages"))),
    "packages: emptied": LockEdit(_emptied),
    "tool: removed": _removing("tool"),
    "tool: record removed": LockEdit(_without_record),
    "record: key added": _recording("foreign", True),
    "record: command line added": _recording("command-line", {"resolution": "lowest"}, "command line"),
    "record: digest added": _recording("digest", "0123456789abcdef", "what its run wrote"),
    "record: constraint added": _recording("constraints", ["delta<7"]),
    "record: override added": _recording("overrides", ["delta==7"]),
    "record: exclude added": _recording("excludes", ["foreign"]),
    "record: cutoff added": _recording("exclude-newer", "2025-01-01T00:00:00Z"),
    "record: resolution added": _recording("resolution", "lowest"),
    "record: index added": _recording("indexes", [{"url": "http://127.0.0.1:1/simple", "default": True}]),
    "record: source added": _recording("sources", [{"name": "delta", "url": "http://127.0.0.1:1/delta-1.0.tar.gz"}]),
    "record: member doubled": LockEdit(_member_doubled),
    "record: any value removed": EveryInput(_forget),
    "record: any value changed": EveryInput(_other),
    "record: unknown key in any table": EveryInput(_with_unknown_key),
    "entries: one removed": _entries(_entry_removed),
    "entries: one doubled": _entries(_entry_doubled),
    "entries: one added": _entries(_entry_added),
    "entries: names exchanged": _entries(_exchanged("name")),
    "entries: versions exchanged": _entries(_exchanged("version")),
    "entries: files exchanged": _entries(_exchanged("wheels")),
    "entries: markers exchanged": _entries(_exchanged("marker")),
    "entries: edges exchanged": _entries(_exchanged("dependencies")),
    "entries: sdists exchanged": _entries(_exchanged("sdist")),
    "entries: requires-python exchanged": _entries(_exchanged("requires-python")),
    "entries: indexes exchanged": _entries(_exchanged("index")),
    "entries: evidence exchanged": _entries(_exchanged("tool")),
    "entries: archives exchanged": _entries(_exchanged("archive")),
    "entries: directories exchanged": _entries(_exchanged("directory")),
    "entries: repositories exchanged": _entries(_exchanged("vcs")),
    "entries: markers of forks exchanged": _entries(_forks_exchanged("marker")),
    "entries: files of forks exchanged": _entries(_forks_exchanged("wheels")),
    "entries: files and versions of forks exchanged": _entries(_forks_exchanged("wheels", "version")),
    "entries: fork removed": _entries(_fork_removed),
}
