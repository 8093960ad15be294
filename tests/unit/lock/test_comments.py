"""Comments survive the rewriting of a block, whatever happens to the values."""

import tomllib

import pytest

from locktool.lock.comments import carry_comments

NEW = """\
[[packages]]
name = "numpy"
version = "2.1.0"
dependencies = [
  { name = "a" },
  { name = "c" },
]
wheels = [
  { url = "https://example.invalid/numpy-2.1.0-py3-none-any.whl", hashes = { sha256 = "22" } },
]
[packages.tool.locktool]
digest = "new"
"""

OLD = """\
# Held back: see the ticket.

# A second thought.
[[packages]]
name = "numpy"  # arrays
# exact on purpose
version = "2.0.0"
dependencies = [
  # a is needed
  { name = "a" },  # really
  { name = "b" },  # gone
]
wheels = [
  { url = "https://example.invalid/numpy-2.0.0-py3-none-any.whl#x", hashes = { sha256 = "11" } },  # checked
]  # end
marker = "os_name == 'nt'"  # not any more
[packages.tool.locktool]
# the digest
digest = "old"
# last words
"""

EXPECTED = """\
# Held back: see the ticket.

# A second thought.
# not any more
[[packages]]
name = "numpy"  # arrays
# exact on purpose
version = "2.1.0"
# gone
dependencies = [
  # a is needed
  { name = "a" },  # really
  { name = "c" },
]
# checked
wheels = [
  { url = "https://example.invalid/numpy-2.1.0-py3-none-any.whl", hashes = { sha256 = "22" } },
]  # end
[packages.tool.locktool]
# the digest
digest = "new"
# last words
"""


def test_every_comment_is_carried_to_its_place_or_the_nearest() -> None:
    carried = carry_comments(OLD, NEW)
    assert carried == EXPECTED
    assert tomllib.loads(carried) == tomllib.loads(NEW)


def test_carrying_twice_changes_nothing() -> None:
    assert carry_comments(EXPECTED, NEW) == EXPECTED


def test_text_without_comments_is_returned_as_it_is() -> None:
    assert carry_comments(NEW.replace("2.1.0", "1.0"), NEW) == NEW


def test_lines_that_are_not_wanted_are_left_out() -> None:
    assert carry_comments("# stale\n\n# mine\nkey = 1\n", "# fresh\n\nkey = 2\n", without=["# stale"]) == (
        "# fresh\n\n# mine\nkey = 2\n"
    )


@pytest.mark.parametrize(
    "value",
    [
        '"a # b"',
        "'a # \" b'",
        '"""one # two\nthree "quoted" # four"""',
        "'''one # two\n# three'''",
        '"escaped \\" # still inside"',
        '{ a = "]", b = [1, 2] }',
        '""',
    ],
)
def test_signs_inside_strings_are_not_comments(value: str) -> None:
    text = f"key = {value}\nother = [\n  1,\n]\n"
    assert carry_comments(f"key = {value}  # kept\n", text) == text.replace(f"key = {value}", f"key = {value}  # kept")


def test_repeated_tables_are_told_apart() -> None:
    old = '[[members]]\nname = "a"  # first\n[[members]]\nname = "b"  # second\n'
    new = '[[members]]\nname = "a"\n[[members]]\nname = "c"\n'
    assert carry_comments(old, new) == '[[members]]\nname = "a"  # first\n[[members]]\nname = "c"  # second\n'
