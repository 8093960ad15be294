"""Inline script metadata (PEP 723)."""

from pathlib import Path

import msgspec
import pytest

from locktool.exceptions import ProjectError
from locktool.scripts.read import read_script

SCRIPT = """#!/usr/bin/env python
# /// other
# nothing = "here"
# ///

# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "Rich",
#   "requests<3",
# ]
#
# [tool.locktool]
# exclude-newer = "2026-01-01"
# ///
# a comment
print()
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "script.py"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_block_is_a_manifest(tmp_path: Path) -> None:
    manifest = msgspec.msgpack.decode(read_script(write(tmp_path, SCRIPT)).manifest())
    assert manifest["members"][0]["dependencies"] == ["requests<3", "rich"]
    assert (manifest["requires-python"], manifest["exclude-newer"]) == (">=3.11", "2026-01-02T00:00:00Z")


def test_a_closing_line_within_the_block_belongs_to_it_as_the_specification_says(tmp_path: Path) -> None:
    text = '# /// script\n# dependencies = ["a"]\n# ///\n# ///\n'
    with pytest.raises(ProjectError, match=r"script.py:3:6: not TOML"):
        read_script(write(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("print()\n", "no metadata block; begin one with"),
        ("# /// script\n# dependencies = []\n", "1: the metadata block has no end: write '# ///'"),
        ("# /// script\n# dependencies = []\n\n# ///\n", "1: the metadata block has no end: write '# ///'"),
        ("# /// script\n# ///\n\n# /// script\n# ///\n", "two metadata blocks"),
        ("\n# /// script\n# dependencies = 1\n# ///\n", r"script.py:3:3: dependencies must be an array"),
        ("\n# /// script\n# dependencies = [\n#   'a',\n#   'b >',\n# ]\n# ///\n", r"script.py:5:5: "),
        ("# /// script\n# dependency = []\n# ///\n", r"script.py:2:3: .*did you mean 'dependencies'"),
        ("# /// script\n# = \n# ///\n", r"script.py:2:3: not TOML"),
    ],
)
def test_a_bad_block_is_refused_at_its_line_of_the_script(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ProjectError, match=message):
        read_script(write(tmp_path, text))


def test_a_script_in_another_encoding_is_refused_with_line_and_byte(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_bytes("# /// script\n# x = 'ä'\n# ///\n".encode("latin-1"))
    with pytest.raises(ProjectError, match=r"script.py:2:8: not UTF-8 \(byte 0xe4\)"):
        read_script(tmp_path / "script.py")


def test_a_missing_script_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"none.py: cannot be read"):
        read_script(tmp_path / "none.py")
