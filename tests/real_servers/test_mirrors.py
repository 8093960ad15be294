"""Servers between a client and an index that keep what passes: nginx's proxy_cache and proxpi."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local_index.pages import PageStyle
from real_servers import nginx
from real_servers.program import find, free_port, running
from real_servers.steps import Client, every_step

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


@pytest.mark.parametrize("keyed_by", ["address", "form"])
def test_nginx_proxy_cache(
    keyed_by: str, published: LocalIndex, project: ProjectWriter, isolated_command: Command, tmp_path: Path
) -> None:
    """With a cache whose key is the address alone it is the Vary of the index that keeps JSON and HTML apart."""
    published.style = PageStyle(links="relative")
    key = "$uri" if keyed_by == "address" else "$http_accept$uri"
    directives = f'location / {{ proxy_pass {published.root}; proxy_cache index; proxy_cache_key "{key}"; }}'
    with nginx.serving(directives, tmp_path / "nginx") as address:
        finished = every_step(Client(isolated_command, project, published, f"http://{address}/simple/"))
    assert "warning" not in finished.err


def test_proxpi(published: LocalIndex, project: ProjectWriter, isolated_command: Command, tmp_path: Path) -> None:
    program, port = find("flask"), free_port()
    words = ["--app", "proxpi.server", "run", "--port", str(port)]
    variables = {"PROXPI_INDEX_URL": published.url, "PROXPI_CACHE_DIR": str(tmp_path / "files")}
    with running([program, *words], port, tmp_path / "log", variables):
        finished = every_step(Client(isolated_command, project, published, f"http://127.0.0.1:{port}/index/"))
    assert "warning" not in finished.err
