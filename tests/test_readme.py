"""What README.md says of itself: two commands that are one line each, a program that holds, and no more than is read.

Its examples, links and commands are tested as those of every page are, in test_documentation.py.
"""

from __future__ import annotations

from documentation import markdown, pages

README = pages.read(pages.README)


def test_both_commands_are_one_line_each() -> None:
    first, second, *_ = (block.content for block in markdown.blocks(README, "console"))
    assert first.count("\n") == second.count("\n") == 1
    assert first.startswith("python3 -m venv")
    assert second.endswith("pytest -n auto --dist worksteal\n")


def test_python_holds(built: None) -> None:
    (block,) = markdown.blocks(README, "python")
    names: dict[str, object] = {}
    for line in block.content.splitlines():
        expression, _, expected = line.partition("#")
        if expected.strip():
            assert eval(expression, names) == eval(expected), line  # noqa: S307 - our own text
        else:
            exec(line, names)  # noqa: S102 - our own text


def test_it_is_read_in_one_sitting() -> None:
    assert README.count("\n") < 250
