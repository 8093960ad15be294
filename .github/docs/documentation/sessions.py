"""Runs the examples of a page, so that what a page shows of a terminal is what the terminal shows.

In a page, in this order:

    <!-- session -->               a new empty directory; a page begins with one
    ```toml title="FILE"           the file is written
    ```console                     each line `$ COMMAND` is run, and the lines below it are replaced by its output; a
                                   block that does not begin with one is not run
    ```python                      is run as a program, which has to end well
    ```sh                          is not run: what needs a network, another tool or another machine

The default index is the one of `example_index`, whose address is recorded as the one that it mirrors. Addresses of
other indexes are replaced by those of local ones while a page runs. Times differ between runs, so an output that
differs in nothing else stays as the page has it.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from documentation.example_index import add_builds_of_torch, add_releases
from documentation.markdown import Block, blocks
from local_index import LocalIndex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

INDEX = "https://index.example.com/simple/"
_TORCH = "https://download.pytorch.org/whl/"
_HOME = "/home/you"
# Times, and what was fetched ahead of need.
_VARYING = re.compile(
    r'\b[\d.]+ (?:ms|s)\b|"(?:seconds|pages|metadata|requests|bytes)": [\d.]+|Read \d+ pages? and .* in \d+ requests?'
)
_OUTPUT_LIMIT = 400

RUNS_HERE = sys.platform == "linux" and sys.version_info[:2] == (3, 11)
"""Whether examples print what the pages show: `init` writes the running Python, and paths are those of Linux."""


class ExampleError(Exception):
    """An example that does not do what its page says."""


class Sessions:
    """Runs pages; use it with `with`. The indexes serve all pages, and every session has its own directory and cache."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._addresses: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Start the indexes."""
        main = self._open.enter_context(LocalIndex())
        self._index_url = add_releases(main).url
        for build in ("cpu", "cu126"):
            torch = self._open.enter_context(LocalIndex())
            self._addresses[f"{_TORCH}{build}"] = add_builds_of_torch(torch, build).url.rstrip("/")
        private = self._open.enter_context(LocalIndex())
        private.add("company-models", "2.1.0", requires=["httpx"], upload_time="2025-06-01T12:00:00Z")
        self._addresses["https://packages.example.com/simple"] = private.url.rstrip("/")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the indexes."""
        self._open.close()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """An empty directory in which commands can be run."""
        with tempfile.TemporaryDirectory() as home:
            yield Session(Path(home), self._index_url, self._addresses)

    def fill(self, page: str, written: str = "") -> str:
        """The page with the outputs that its commands have today. Raises ExampleError for a program that fails.

        Where an output differs in nothing but times from that of the same block of the `written` page, that one stays.
        """
        page = _with_outputs_of(page, written)
        found = blocks(page)
        if not has_examples(page):
            return page
        starts = [match.start() for match in re.finditer(r"^<!-- session -->$", page, flags=re.MULTILINE)]
        contents: list[tuple[Block, str]] = []
        for start, end in zip([0, *starts], [*starts, len(page)], strict=True):
            inside = [block for block in found if start <= block.start < end]
            with self.session() as session:
                contents += [(block, session.run(block)) for block in inside]
        for block, content in reversed(contents):
            if content != block.content:
                page = page[: block.start] + _indented_like(page, block, content) + page[block.end :]
        return page


def has_examples(page: str) -> bool:
    """Whether anything of a page is run."""
    return any(block.language in {"console", "python", "pycon"} for block in blocks(page))


def _with_outputs_of(page: str, written: str) -> str:
    """The page with the console blocks of a written one, where both have the same commands."""
    known = {_commands(block.content): block.content for block in blocks(written, "console")}
    for block in reversed(blocks(page, "console")):
        content = known.get(_commands(block.content), block.content)
        page = page[: block.start] + content + page[block.end :]
    return page


def _commands(content: str) -> str:
    return "".join(line for line in content.splitlines(keepends=True) if line.startswith("$ "))


def _indented_like(page: str, block: Block, content: str) -> str:
    """The content of a block with the indentation of the block that it replaces."""
    line = page.rfind("\n", 0, block.start - 1) + 1
    indent = re.match(r" *", page[line:])
    prefix = indent[0] if indent else ""
    return "".join(f"{prefix}{text}" if text.strip() else text for text in content.splitlines(keepends=True))


class Session:
    """One directory of a page, in which its blocks are run one after the other."""

    def __init__(self, home: Path, index_url: str, addresses: dict[str, str]) -> None:
        self._home = home.resolve()
        self._directory = self._home / "demo"
        self._directory.mkdir()
        self._addresses = addresses
        programs = self._home / "bin"
        programs.mkdir()
        for name, words in {"locktool": "-m locktool", "python": ""}.items():
            program = programs / name
            program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {words} "$@"\n', encoding="utf-8")
            program.chmod(0o755)
        self._environment = {
            "PATH": os.pathsep.join([str(programs), "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": str(self._home),
            "LOCKTOOL_CACHE_DIR": str(self._home / ".cache" / "locktool"),
            "LOCKTOOL_INDEX_URL": index_url,
            "LOCKTOOL_INDEX_MIRROR_OF": INDEX,
            "PIP_CONFIG_FILE": os.devnull,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "NO_COLOR": "1",
            "COLUMNS": "80",
            "PYTHONUTF8": "1",
            "LC_ALL": "C.UTF-8",
        }

    def run(self, block: Block) -> str:
        """Do what a block asks for, and give the content that it should have."""
        if block.title:
            self.write(block.title, block.content)
        elif block.language == "console" and block.content.startswith("$ "):
            return self._console(block.content)
        elif block.language == "python":
            code, output = self._execute([sys.executable, "-c", self._localised(block.content)])
            if code:
                message = f"a program ends with {code}:\n{block.content}\n{output}"
                raise ExampleError(message)
        elif block.language == "pycon":
            self._doctest(block.content)
        return block.content

    def write(self, name: str, content: str) -> None:
        """Write a file of the directory."""
        path = self._directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._localised(content), encoding="utf-8", newline="\n")

    def output(self, command: str) -> str:
        """What a command prints on both streams, whatever its exit code is."""
        return self._execute(["bash", "-c", self._localised(command)])[1]

    def _doctest(self, content: str) -> None:
        path = self._home / "example.txt"
        path.write_text(content, encoding="utf-8")
        code, output = self._execute([sys.executable, "-m", "doctest", str(path)])
        if code:
            raise ExampleError(output)

    def _console(self, content: str) -> str:
        shown, code = [], 0
        for part in re.split(r"^(?=\$ )", content, flags=re.MULTILINE):
            command = re.match(r"\$ (?:[^\n]*\\\n)*[^\n]*\n", part)
            if command is None:
                continue
            script = f"(exit {code}); {self._localised(command[0][2:])}"
            code, output = self._execute(["bash", "-c", script])
            old = part[command.end() :]
            shown.append(command[0] + (old if _without_times(old) == _without_times(output) else output))
        return "".join(shown)

    def _execute(self, words: list[str]) -> tuple[int, str]:
        finished = subprocess.run(
            words,
            cwd=self._directory,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        output = finished.stdout
        if output.count("\n") > _OUTPUT_LIMIT:
            message = f"{words} prints {output.count(chr(10))} lines"
            raise ExampleError(message)
        if output and not output.endswith("\n"):
            output += "\n"
        for shown, local in self._addresses.items():
            output = output.replace(local, shown)
        return finished.returncode, output.replace(str(self._home), _HOME)

    def _localised(self, text: str) -> str:
        for shown, local in self._addresses.items():
            text = text.replace(shown, local)
        return text


def _without_times(output: str) -> str:
    return _VARYING.sub("?", output)
