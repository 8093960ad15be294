"""The JSON Schema of [tool.locktool] and the keys that the reader knows are one list."""

from __future__ import annotations

import json
from typing import Any

from locktool._native import setting_keys, settings_schema

SCHEMA: dict[str, Any] = json.loads(settings_schema())
KEYS = setting_keys()


def names(table: str) -> set[str]:
    return {name for key in KEYS if key.table == table for name in (key.name, *key.other_spellings)}


def test_the_schema_has_every_key_and_no_other() -> None:
    properties = SCHEMA["properties"]
    assert set(properties) == names("")
    assert set(properties["index"]["oneOf"][0]["properties"]) == names("index")
    single, several = properties["sources"]["additionalProperties"]["oneOf"]
    assert set(single["properties"]) == names("sources")
    assert several["items"] == single


def test_every_key_is_described() -> None:
    assert [key.name for key in KEYS if not key.description] == []
    assert [name for name, schema in SCHEMA["properties"].items() if not schema["description"]] == []


def test_a_key_is_recorded_or_has_the_reason_why_not() -> None:
    assert {key.role for key in KEYS} == {"recorded", "machine-only"}
    assert [key.name for key in KEYS if (key.role == "machine-only") != bool(key.reason)] == []


def test_words_are_those_that_the_reader_takes() -> None:
    assert SCHEMA["properties"]["resolution"]["enum"] == ["highest", "lowest", "lowest-direct"]
    assert SCHEMA["properties"]["exclude-newer"]["oneOf"][1] == {"const": False}
