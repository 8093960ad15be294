"""The pins of a requirements.txt are read whoever wrote it, and nothing else is."""

from pathlib import Path

import pytest

from locktool.requirements_files.pins import Pin, read_pins


def pins(text: str) -> list[tuple[str, ...]]:
    return [tuple(filter(None, pin)) for pin in read_pins(Path("r.txt"), text.encode())]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Foo_Bar==1.0", [("foo-bar", "1.0")]),
        ("foo[x,y] == 1.0  # via bar", [("foo", "1.0")]),
        ("foo===1.0+local", [("foo", "1.0+local")]),
        ("foo==1.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n    # via bar", [("foo", "1.0")]),
        ("foo==1.0 ; sys_platform == 'win32' --hash=sha256:00", [("foo", "1.0", "sys_platform == 'win32'")]),
        ("foo==1.0;python_version<'3.12'", [("foo", "1.0", "python_version < '3.12'")]),
        ("foo==1.*", []),
        ("foo>=1", []),
        ("foo>=1,==1.0", []),
        ("foo", []),
        ("foo @ https://example.invalid/foo-1.0.tar.gz", []),
        ("-e ./foo", []),
        ("--index-url https://example.invalid/simple", []),
        ("foo==1.0 bar==2.0", []),
        ("# foo==1.0", []),
    ],
)
def test_only_pins_are_read(line: str, expected: list[tuple[str, ...]]) -> None:
    assert pins(f"{line}\nlast==3\r\n") == [*expected, ("last", "3")]


def test_a_forked_name_has_several_pins() -> None:
    text = "foo==1.0 ; python_version < '3.12'\nfoo==2.0 ; python_version >= '3.12'\n"
    assert [pin.version for pin in read_pins(Path("r.txt"), text.encode())] == ["1.0", "2.0"]
    assert Pin("foo", "1.0").marker is None
