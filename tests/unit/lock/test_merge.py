"""Conflict markers of git are found, and one side is taken."""

import pytest

from locktool.lock.merge import first_conflict, take_ours

CONFLICT = b"""\
a = 1
<<<<<<< HEAD
b = 2
||||||| base
b = 1
=======
b = 3
>>>>>>> other branch
c = 4
<<<<<<< HEAD
=======
d = 5
>>>>>>> other branch
"""


def test_the_side_of_the_branch_remains() -> None:
    assert take_ours(CONFLICT) == b"a = 1\nb = 2\nc = 4\n"
    assert first_conflict(CONFLICT) == 2


def test_line_ends_of_windows_are_no_obstacle() -> None:
    assert take_ours(CONFLICT.replace(b"\n", b"\r\n")) == b"a = 1\r\nb = 2\r\nc = 4\r\n"


@pytest.mark.parametrize("text", [b"", b'a = "<<<<<<< HEAD"\n', b"# =======\n", b"key = 1\n=======\n"])
def test_a_text_without_conflicts_is_left_alone(text: bytes) -> None:
    assert first_conflict(text) is None
    assert take_ours(text) == text
