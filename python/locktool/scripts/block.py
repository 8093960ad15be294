"""The metadata block of a script as text that can be edited (PEP 723): TOML out of the comments, and back into them.

Lines of the block that an edit leaves alone keep their bytes, and so does everything outside the block.
"""

from __future__ import annotations

from typing import NamedTuple

from locktool.scripts.read import CLOSING, MARK, OPENING


class ScriptBlock(NamedTuple):
    """The lines of a script before, in and after its block, whose own two lines are outside. Each keeps its ending."""

    before: tuple[str, ...]
    lines: tuple[str, ...]
    after: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> ScriptBlock | None:
        """The first block of the type `script`, or None."""
        lines = text.splitlines(keepends=True)
        number = 0
        while number < len(lines):
            opening = OPENING.fullmatch(lines[number].removeprefix(MARK if number == 0 else "").rstrip("\r\n"))
            number += 1
            if opening is None:
                continue
            end = number
            while end < len(lines) and (lines[end].rstrip("\r\n") == "#" or lines[end].startswith("# ")):
                end += 1
            closing = [index for index in range(number, end) if lines[index].rstrip("\r\n") == CLOSING]
            if not closing:
                continue
            if opening["type"] == "script":
                return cls(tuple(lines[:number]), tuple(lines[number : closing[-1]]), tuple(lines[closing[-1] :]))
            number = closing[-1] + 1
        return None

    @classmethod
    def new(cls, text: str, requires_python: str) -> ScriptBlock:
        """An empty block for a script that has none, below its `#!` and its encoding."""
        newline = "\r\n" if "\r\n" in text else "\n"
        mark = MARK if text.startswith(MARK) else ""
        lines = text.removeprefix(mark).splitlines(keepends=True)
        top = 0
        while top < min(len(lines), 2) and (lines[top].startswith("#!") or "coding" in lines[top].partition("#")[2]):
            top += 1
        head = "".join(lines[:top])
        head += newline if head and not head.endswith("\n") else ""
        return cls(
            (mark, head, f"# /// script{newline}"),
            (f'# requires-python = "{requires_python}"{newline}', f"# dependencies = []{newline}"),
            (CLOSING + newline, newline, *lines[top:]),
        )

    @property
    def toml(self) -> str:
        """The text of the block without the comment characters."""
        return "".join(line[2:] if line.startswith("# ") else line[1:] for line in self.lines)

    def edited(self, toml: str) -> str:
        """The script with another text in its block."""
        old, new = self.toml.splitlines(keepends=True), toml.splitlines(keepends=True)
        same = 0
        while same < min(len(old), len(new)) and old[same] == new[same]:
            same += 1
        behind = 0
        while behind < min(len(old), len(new)) - same and old[-1 - behind] == new[-1 - behind]:
            behind += 1
        changed = [f"# {line}" if line.strip() else f"#{line}" for line in new[same : len(new) - behind]]
        kept = self.lines[len(self.lines) - behind :]
        return "".join((*self.before, *self.lines[:same], *changed, *kept, *self.after))
