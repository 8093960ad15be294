"""Listings of directories: http.server, nginx's autoindex and Apache's mod_autoindex. They give no digests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from real_servers import nginx, publication
from real_servers.program import find, free_port, running, serving_files
from real_servers.steps import Client, every_step

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

APACHE = """\
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {state}/apache.pid
ErrorLog {state}/error.log
DefaultRuntimeDir {state}
Mutex posixsem
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule autoindex_module {modules}/mod_autoindex.so
LoadModule mime_module {modules}/mod_mime.so
TypesConfig {types}
DocumentRoot {root}
<Directory {root}>
  Options +Indexes
  IndexOptions FancyIndexing
  Require all granted
</Directory>
"""


def listed_alone(command: Command, project: ProjectWriter, published: LocalIndex, url: str) -> None:
    """A listing says nothing of a file but its name."""
    finished = every_step(Client(command, project, published, url))
    assert "gives no SHA-256" in finished.err


def test_http_server(published: LocalIndex, project: ProjectWriter, isolated_command: Command, tmp_path: Path) -> None:
    """It serves no ranges either."""
    root = publication.write_tree(published, tmp_path / "root")
    with serving_files(root) as address:
        listed_alone(isolated_command, project, published, f"{address}/")


def test_nginx(published: LocalIndex, project: ProjectWriter, isolated_command: Command, tmp_path: Path) -> None:
    root = publication.write_tree(published, tmp_path / "root")
    with nginx.serving(f"root {root}; autoindex on;", tmp_path / "nginx") as address:
        listed_alone(isolated_command, project, published, f"http://{address}/")


def test_apache(published: LocalIndex, project: ProjectWriter, isolated_command: Command, tmp_path: Path) -> None:
    program, port, state = find("apache2"), free_port(), tmp_path / "apache"
    root = publication.write_tree(published, tmp_path / "root")
    state.mkdir()
    configuration = state / "apache.conf"
    modules, types = "/usr/lib/apache2/modules", "/etc/mime.types"
    configuration.write_text(APACHE.format(port=port, state=state, modules=modules, root=root, types=types))
    with running([program, "-f", str(configuration), "-D", "FOREGROUND"], port, state / "log"):
        listed_alone(isolated_command, project, published, f"http://127.0.0.1:{port}/")
