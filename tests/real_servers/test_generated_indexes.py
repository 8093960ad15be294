"""Indexes that are generated as files and served by any web server: dumb-pypi and piprepo."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from real_servers import publication
from real_servers.program import find, serving_files
from real_servers.steps import Client, every_step

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


def test_dumb_pypi_of_names(
    published: LocalIndex, project: ProjectWriter, isolated_command: Command, tmp_path: Path
) -> None:
    """A list of names of files: no digests, no Python versions."""
    program, root, listed = find("dumb-pypi"), tmp_path / "root", tmp_path / "names"
    publication.write_flat(published, root / "packages")
    listed.write_text("".join(f"{file.filename}\n" for file in publication.files(published)))
    words = ["--package-list", str(listed), "--packages-url", "../../packages", "--output-dir", str(root)]
    subprocess.run([program, *words], check=True)
    with serving_files(root) as address:
        client = Client(isolated_command, project, published, f"{address}/simple/")
        assert "gives no SHA-256" in every_step(client).err


def test_dumb_pypi_of_records(
    published: LocalIndex, project: ProjectWriter, isolated_command: Command, tmp_path: Path
) -> None:
    """A list of records, with digests and Python versions."""
    program, root, listed = find("dumb-pypi"), tmp_path / "root", tmp_path / "records"
    publication.write_flat(published, root / "packages")
    digests = publication.digests(published)
    records = [
        {"filename": file.filename, "hash": f"sha256={digests[file.filename]}"}
        | ({"requires_python": file.release.requires_python} if file.release.requires_python else {})
        for file in publication.files(published)
    ]
    listed.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    words = ["--package-list-json", str(listed), "--packages-url", "../../packages", "--output-dir", str(root)]
    subprocess.run([program, *words], check=True)
    with serving_files(root) as address:
        finished = every_step(Client(isolated_command, project, published, f"{address}/simple/"))
    assert "warning" not in finished.err


def test_piprepo(published: LocalIndex, project: ProjectWriter, isolated_command: Command, tmp_path: Path) -> None:
    program = find("piprepo")
    root = publication.write_flat(published, tmp_path / "root")
    subprocess.run([program, "build", str(root)], check=True)
    with serving_files(root) as address:
        client = Client(isolated_command, project, published, f"{address}/simple/")
        every_step(client)
