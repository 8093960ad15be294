"""devpi: a stage with releases of its own over a mirror of the index that has the others."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from real_servers import publication
from real_servers.program import find, free_port, running
from real_servers.steps import Client, every_step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

# What is uploaded to the stage; a mirror below it is not asked for these names.
UPLOADED = ("app", "plus")


@contextmanager
def stage_over_mirror(published: LocalIndex, state: Path, options: list[str]) -> Iterator[str]:
    """A server until the end of the block; gives the address of the stage."""
    port = free_port()
    server = ["--serverdir", str(state / "server"), "--host", "127.0.0.1", "--port", str(port), *options]
    subprocess.run([find("devpi-init"), "--serverdir", str(state / "server"), "--no-root-pypi"], check=True)
    files = publication.write_flat(published, state / "files")
    uploaded = [str(path) for path in sorted(files.iterdir()) if path.name.startswith(tuple(f"{n}-" for n in UPLOADED))]
    with running([find("devpi-server"), *server], port, state / "log"):
        for words in (
            ["use", f"http://127.0.0.1:{port}"],
            ["login", "root", "--password="],
            ["index", "--create", "mirror", "type=mirror", f"mirror_url={published.url}"],
            ["index", "--create", "stage", "bases=root/mirror"],
            ["use", "root/stage"],
            ["upload", *uploaded],
        ):
            environment = os.environ | {"HOME": str(state)}
            subprocess.run([find("devpi"), *words], check=True, env=environment, cwd=files, stdin=subprocess.DEVNULL)
        yield f"http://127.0.0.1:{port}/root/stage/+simple/"


@pytest.mark.parametrize("options", [[], ["--enable-core-metadata"]], ids=["plain", "core-metadata"])
def test_devpi(
    options: list[str], published: LocalIndex, project: ProjectWriter, isolated_command: Command, tmp_path: Path
) -> None:
    state = tmp_path / "devpi"
    state.mkdir()
    with stage_over_mirror(published, state, options) as address:
        finished = every_step(Client(isolated_command, project, published, address))
    assert "warning" not in finished.err
    assert not [request for request in published.requests if request.path.startswith("/simple/app/")]
