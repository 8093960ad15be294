"""Servers that make their pages from a directory of files: pypiserver and simpleindex."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from real_servers import publication
from real_servers.program import find, free_port, running
from real_servers.steps import Client, every_step

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


@pytest.mark.parametrize("algorithm", ["sha256", "md5", "off"])
def test_pypiserver(
    algorithm: str, published: LocalIndex, project: ProjectWriter, isolated_command: Command, tmp_path: Path
) -> None:
    program, port = find("pypi-server"), free_port()
    root = publication.write_flat(published, tmp_path / "root")
    words = ["run", "-p", str(port), "-i", "127.0.0.1", "--disable-fallback", "--hash-algo", algorithm, str(root)]
    with running([program, *words], port, tmp_path / "log"):
        client = Client(isolated_command, project, published, f"http://127.0.0.1:{port}/simple/")
        finished = every_step(client)
    assert ("gives no SHA-256" in finished.err) == (algorithm != "sha256")


def test_simpleindex(published: LocalIndex, project: ProjectWriter, isolated_command: Command, tmp_path: Path) -> None:
    program, port = find("simpleindex"), free_port()
    root = publication.write_tree(published, tmp_path / "root")
    configuration = tmp_path / "simpleindex.toml"
    configuration.write_text(
        f'[routes."{{project}}"]\nsource = "path"\nto = "{root}/{{project}}"\n'
        f'[server]\nhost = "127.0.0.1"\nport = {port}\n'
    )
    with running([program, str(configuration)], port, tmp_path / "log"):
        client = Client(isolated_command, project, published, f"http://127.0.0.1:{port}/")
        every_step(client)
