"""Translates the entries of Poetry's dependency tables into requirements, and into sources where they name one.

In: a name and its entry, a text, a table or a list of tables. Out: for each alternative one requirement (PEP 508) and
its source of [tool.locktool.sources].
"""

from __future__ import annotations

from typing import Any, NamedTuple

from locktool._native import normalize_name, poetry_python_marker, poetry_specifiers, requirement_text
from locktool.exceptions import LocktoolError, ProjectError

# Which keys of an entry are read; what else there is cannot be said in [project].
READ_KEYS = frozenset(
    {"version", "extras", "python", "platform", "markers", "optional", "git", "branch", "tag", "rev", "subdirectory"}
    | {"path", "file", "develop", "url", "source", "allow-prereleases"}
)


class Translated(NamedTuple):
    """One requirement; `source` has the keys of [tool.locktool.sources]."""

    requirement: str
    source: dict[str, Any] | None = None
    prereleases: bool = False


def translate(name: str, entry: Any) -> list[Translated]:  # noqa: ANN401 - a TOML value
    """The requirements of an entry. Raises ProjectError, with the name, for what cannot be translated."""
    entries = entry if isinstance(entry, list) else [entry]
    try:
        return [_translated(name, {"version": one} if isinstance(one, str) else dict(one)) for one in entries]
    except LocktoolError as error:
        raise ProjectError(error.code, f"{name}: {error.message}") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise ProjectError("invalid-poetry-table", f"{name}: {entry!r} is no dependency of Poetry") from error


def is_optional(entry: Any) -> bool:  # noqa: ANN401 - a TOML value
    """Whether an entry belongs to extras only."""
    entries = entry if isinstance(entry, list) else [entry]
    return any(isinstance(one, dict) and one.get("optional") is True for one in entries)


def _translated(name: str, entry: dict[str, Any]) -> Translated:
    left = sorted(entry.keys() - READ_KEYS)
    if left:
        raise ProjectError("untranslatable-key", f"the key {left[0]} has no counterpart; translate it by hand")
    source = _source(entry)
    extras = f"[{','.join(entry['extras'])}]" if entry.get("extras") else ""
    specifiers = poetry_specifiers(entry.get("version", "*")) if source is None or "index" in source else ""
    marker = _marker(entry)
    if source is not None and marker:
        source = {**source, "marker": marker}
    text = f"{name}{extras}{specifiers}" + (f" ; {marker}" if marker else "")
    requirement_text(text)
    return Translated(text, source, prereleases=entry.get("allow-prereleases") is True)


def _source(entry: dict[str, Any]) -> dict[str, Any] | None:
    if "git" in entry:
        kinds = ("git", "rev", "tag", "branch", "subdirectory")
        return {key: entry[key] for key in kinds if key in entry}
    if "path" in entry or "file" in entry:
        editable = {"editable": True} if entry.get("develop") is True else {}
        return {"path": entry.get("path") or entry["file"], **editable}
    if "url" in entry:
        return {"url": entry["url"]}
    # PyPI is what is asked where no index is named.
    if "source" in entry and normalize_name(entry["source"]) != "pypi":
        return {"index": entry["source"]}
    return None


def _marker(entry: dict[str, Any]) -> str | None:
    parts = [
        poetry_python_marker(entry["python"]) if "python" in entry else None,
        f"sys_platform == '{entry['platform']}'" if "platform" in entry else None,
        entry.get("markers"),
    ]
    found = [part for part in parts if part]
    return " and ".join(f"({part})" if " or " in part and len(found) > 1 else part for part in found) or None
