"""Writes a Lock as text that changes as little as its content does.

In: the Lock and the text of the file it replaces. Out: the layout of the extension, in which every
block (the header, each `[[packages]]` table) whose meaning is unchanged keeps its bytes, and every other
block keeps its comments.
"""

from typing import Any

from msgspec import msgpack, to_builtins

from locktool._native import is_newer_toml, lock_blocks, lock_to_toml, toml_to_messagepack
from locktool.exceptions import DocumentError
from locktool.lock.comments import carry_comments
from locktool.lock.model import Lock

_ABOUT = (
    "# Made by locktool from the project's own requirements: edit those, not this file.",
    "# `locktool lock` brings it up to date; `locktool check` proves that it is.",
)
_WITHOUT_DEPENDENCIES = (
    "# It rests on overrides or excludes, so an installer must not resolve it again:",
    "# `pip install --no-deps -r pylock.toml`.",
)


def render_lock(lock: Lock, previous: str | None = None) -> str:
    """The text of the lock, as close to `previous` as its content allows."""
    document = _document(lock)
    text = "\n".join([*_header_comment(lock), "", lock_to_toml(document)])
    # What readers of TOML 1.0 refuse is not kept.
    if previous is None or previous == text or is_newer_toml(previous):
        return text
    if "\r\n" not in previous:
        return _keep_blocks(text, msgpack.decode(document), previous)
    # The file was checked out with the line ends of Windows; it stays that way.
    return _keep_blocks(text, msgpack.decode(document), previous.replace("\r\n", "\n")).replace("\n", "\r\n")


def _document(lock: Lock) -> bytes:
    if lock.packages:
        return msgpack.encode(lock)
    # An empty list is a plain key, and in TOML those stand before the tables.
    document: dict[str, Any] = to_builtins(lock)
    return msgpack.encode({key: document[key] for key in sorted(document, key="tool".__eq__)})


def _header_comment(lock: Lock) -> tuple[str, ...]:
    # Where published requirements are replaced or dropped, only the lock knows what belongs together.
    rewritten = any(lock.inputs.get(key) for key in ("overrides", "excludes"))
    return (*_ABOUT, *_WITHOUT_DEPENDENCIES) if rewritten else _ABOUT


def _keep_blocks(text: str, document: dict[str, Any], previous: str) -> str:
    try:
        old = _decode(previous)
    except DocumentError:
        return text
    if old == document:
        return previous
    old_blocks, blocks = _split(previous), _split(text)
    old_packages, packages = old.pop("packages", []), document["packages"]
    # Entries that stand in one inline list have no blocks to keep, and neither has anything that is no lock.
    if not isinstance(old_packages, list) or len(old_blocks) != len(old_packages) + 1:
        return text
    # An empty list of packages is a key of the header.
    header = {key: value for key, value in document.items() if key != "packages"}
    header_is_same = old == header and bool(old_packages) == bool(packages)
    kept = [old_blocks[0] if header_is_same else _carry(old_blocks[0], blocks[0])]
    matches = _match(old_packages, packages)
    for number, (package, block) in enumerate(zip(packages, blocks[1:], strict=True)):
        match = matches.get(number)
        if match is None:
            kept.append(block)
        elif old_packages[match] == package:
            kept.append(old_blocks[match + 1])
        else:
            kept.append(_carry(old_blocks[match + 1], block))
    result = _join(kept)
    # Comments are moved by the shape of lines, so the result is read back before it counts.
    return result if _means(result, document) else text


def _decode(text: str) -> dict[str, Any]:
    # Untyped, so that a key which no record knows counts as a difference.
    document: dict[str, Any] = msgpack.decode(toml_to_messagepack(text.encode()))
    return document


def _means(text: str, document: dict[str, Any]) -> bool:
    try:
        return _decode(text) == document
    except DocumentError:
        return False


def _split(text: str) -> list[str]:
    # A block reaches to the next one: whatever stands between two belongs to the first.
    starts = [start for start, _ in lock_blocks(text)]
    return [text[start:end] for start, end in zip([0, *starts[1:]], [*starts[1:], len(text)], strict=True)]


def _join(blocks: list[str]) -> str:
    # What was the last block of a file may come to stand in the middle, and the other way round.
    spaced = [block if block.endswith("\n\n") else block.rstrip("\n") + "\n\n" for block in blocks[:-1]]
    return "".join([*spaced, blocks[-1].rstrip("\n") + "\n"])


def _carry(old: str, new: str) -> str:
    return carry_comments(old, new, without=(*_ABOUT, *_WITHOUT_DEPENDENCIES)) if "#" in old else new


def _match(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> dict[int, int]:
    """For each entry its counterpart in the old lock: the equal one, else one of its version, else of its name."""
    free: dict[str, list[int]] = {}
    for number, package in enumerate(old):
        free.setdefault(package.get("name", ""), []).append(number)
    matches: dict[int, int] = {}
    for is_counterpart in (
        lambda package, other: package == other,
        lambda package, other: package.get("version") == other.get("version"),
        lambda *_: True,
    ):
        for number, package in enumerate(new):
            if number in matches:
                continue
            candidates = free.get(package["name"], [])
            found = next((candidate for candidate in candidates if is_counterpart(package, old[candidate])), None)
            if found is not None:
                matches[number] = found
                candidates.remove(found)
    return matches
