"""Writes a lock as TOML 1.0: plain tables, so that an edit that no lock writer would make can be written too."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from lock_oracle.digest import time_text


def toml_text(lock: dict[str, Any]) -> str:
    """The text of a lock: its own keys first, then the tables of the packages."""
    packages = lock.get("packages", [])
    lines = [f"{json.dumps(key)} = {_value(value)}" for key, value in lock.items() if key != "packages"]
    if not isinstance(packages, list) or not packages:
        return "\n".join([*lines, *([f"packages = {_value(packages)}"] if "packages" in lock else []), ""])
    for entry in packages:
        lines += ["", "[[packages]]", *(f"{json.dumps(key)} = {_value(value)}" for key, value in entry.items())]
    return "\n".join([*lines, ""])


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(inner) for inner in value) + "]"
    if isinstance(value, dt.datetime):
        return time_text(value)
    return json.dumps(value)
