"""An index that fails, lies, breaks off or attacks: the right lock after retries, or one clear line.

Every run is measured: whatever a server sends, the memory of the command stays under one fixed bound.
"""

from __future__ import annotations

import gzip
import json
import tomllib
import zipfile
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from local_index import (
    Corrupted,
    RangeIgnored,
    Redirect,
    Replaced,
    Reset,
    Slow,
    Status,
    Truncated,
    WrongLength,
)
from local_index.pages import JSON

if TYPE_CHECKING:
    from conftest import Command, Completed, ProjectWriter
    from local_index import Fault, LocalIndex

PEAK_MEGABYTES = 400
PAGE, SIDECAR, WHEEL = "/simple/b/", "/files/b/*.metadata", "/files/b/*.whl"
RIGHT_ANSWER = {"a": "1.0.0", "b": "2.0.0", "c": "3.0.0"}
# A second of silence is too much for a server on loopback.
IMPATIENT = {"PIP_TIMEOUT": "1"}
DEEP_MEGABYTES = 200


@pytest.fixture
def web(index: LocalIndex, project: ProjectWriter) -> LocalIndex:
    """`a` needs `b`, which needs `c`; the faults are set on `b`."""
    index.add("a", "1.0.0", requires=["b"])
    index.add("b", "2.0.0", requires=["c"])
    index.add("c", "3.0.0")
    project.pyproject("a")
    return index


def only_wheel(index: LocalIndex, *, hashes: list[str]) -> None:
    """Let `b` have neither a sidecar nor more hashes than these."""
    index.change("b", "2.0.0", metadata="none", hashes=hashes)


def lock(run_locktool: Command, **others: Any) -> Completed:  # noqa: ANN401 - any keyword of a run
    finished = run_locktool("lock", measured=True, **others)
    assert finished.peak_megabytes is None or finished.peak_megabytes < PEAK_MEGABYTES
    return finished


def assert_right(finished: Completed, project: ProjectWriter) -> None:
    finished.succeeded()
    packages = tomllib.loads(project.read())["packages"]
    assert {package["name"]: package["version"] for package in packages} == RIGHT_ANSWER


def assert_one_line(finished: Completed, project: ProjectWriter, code: int, *words: str) -> None:
    finished.failed(code)
    assert finished.out == ""
    lines = [line for line in finished.err.splitlines() if not line.startswith("hint:")]
    assert len(lines) == 1, finished.err
    for word in words:
        assert word in lines[0], finished.err
    assert len(lines[0]) < 400, lines[0]
    assert not (project.directory / "pylock.toml").exists()


def half_a_gzip() -> Replaced:
    """A compressed page whose stream ends in the middle, although every byte that was promised arrives."""
    whole = gzip.compress(json.dumps({"meta": {"api-version": "1.0"}, "name": "b", "files": []}).encode())
    return Replaced(whole[: len(whole) // 2], JSON, {"Content-Encoding": "gzip"})


PASSING = {
    "drip": (PAGE, Slow(drip=(40, 0.01))),
    "silence": (PAGE, Slow(delay=3)),
    "reset": (PAGE, Reset()),
    "reset-mid-body": (PAGE, Reset(30)),
    "cut": (PAGE, Truncated(30)),
    "truncated-gzip": (PAGE, half_a_gzip()),
    "long-length": (PAGE, WrongLength(100)),
    "429-at-once": (PAGE, Status(429, {"Retry-After": "0"})),
    "429-date": (PAGE, Status(429, {"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"})),
    "500": (PAGE, Status(500)),
    "503": (PAGE, Status(503)),
    "sidecar-reset": (SIDECAR, Reset(10)),
    "sidecar-503": (SIDECAR, Status(503)),
}


@pytest.mark.parametrize("name", PASSING)
def test_a_passing_fault_is_got_over(web: LocalIndex, project: ProjectWriter, run_locktool: Command, name: str) -> None:
    pattern, fault = PASSING[name]
    web.fail(pattern, fault, times=2)
    finished = lock(run_locktool, env=IMPATIENT)
    assert_right(finished, project)
    assert "warning" not in finished.err


LASTING: dict[str, tuple[Fault, int, tuple[str, ...]]] = {
    "drip": (Slow(drip=(1, 0.1)), 2, ("/simple/b/", "not complete after 10 s")),
    "silence": (Slow(delay=3), 2, ("/simple/b/", "did not answer in time")),
    "reset": (Reset(), 2, ("/simple/b/", "could not be fetched")),
    "reset-mid-body": (Reset(30), 2, ("/simple/b/", "broke off")),
    "cut": (Truncated(30), 2, ("/simple/b/", "broke off")),
    "truncated-gzip": (half_a_gzip(), 2, ("/simple/b/", "broke off or cannot be decoded")),
    "long-length": (WrongLength(100), 2, ("/simple/b/", "broke off")),
    "short-length": (WrongLength(-20), 2, ("/simple/b/",)),
    "loop": (Redirect(PAGE, 301), 2, ("/simple/b/", "too many redirects")),
    "401": (Status(401), 2, ("/simple/b/", "401 Unauthorized", "user name and password")),
    "403": (Status(403), 2, ("/simple/b/", "403 Forbidden", "user name and password")),
    "429": (Status(429, {"Retry-After": "3600"}), 2, ("/simple/b/", "429 Too Many Requests")),
    "500": (Status(500), 2, ("/simple/b/", "500 Internal Server Error")),
    "503": (Status(503, {"Retry-After": "0"}), 2, ("/simple/b/", "503 Service Unavailable")),
    "script-garbage": (
        Replaced(b"<html><script>if (a<b) { x = '<a href=\"b-1.0.tar.gz\">' } </script><p>Sign in", "text/html"),
        2,
        ("/simple/b/", "no links to files"),
    ),
    "other-name": (
        Replaced(b'{"meta": {"api-version": "1.0"}, "name": "z", "files": []}', JSON),
        2,
        ("/simple/b/", 'the page of "z"', "asked for b"),
    ),
    "future-api": (
        Replaced(b'{"meta": {"api-version": "2.0"}, "name": "b", "files": []}', JSON),
        2,
        ("/simple/b/", "version 2.0", "upgrade locktool"),
    ),
    "deep": (
        Replaced(b"[" * (1 << 20), JSON, copies=DEEP_MEGABYTES),
        2,
        ("/simple/b/", "larger than 134217728 bytes"),
    ),
    "deep-below-the-limit": (
        Replaced(b'{"files":' + b"[" * (8 << 20), JSON),
        2,
        ("/simple/b/", "not a project page"),
    ),
    "deep-compressed": (
        Replaced(gzip.compress(b"[" * (1 << 20)) * DEEP_MEGABYTES, JSON, {"Content-Encoding": "gzip"}),
        2,
        ("/simple/b/",),
    ),
}


@pytest.mark.parametrize("name", LASTING)
def test_a_lasting_fault_is_one_clear_line(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command, name: str
) -> None:
    fault, code, words = LASTING[name]
    # Of a compressed page nothing can be decoded before its end, which would be silence and not a drip.
    web.compressed = name != "drip"
    web.fail(PAGE, fault)
    assert_one_line(lock(run_locktool, env=IMPATIENT), project, code, *words)


def test_a_missing_package_is_named_with_who_requires_it(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    web.fail(PAGE, Status(404))
    finished = lock(run_locktool)
    finished.failed(1)
    assert "b" in finished.err
    assert "1.0.0" in finished.err
    assert len(set(finished.err.splitlines())) <= 6, finished.err


def test_script_garbage_around_links_is_no_link(web: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    wheel = web.releases("b")[0].files[0]
    garbage = (
        "<!DOCTYPE html><html><head><script>document.write('<a href=\"../../files/b/b-9.0.0-py3-none-any.whl\">')"
        "</script><style>a { content: '</a' }</style></head><body><!-- <a href=b-8.0.0.tar.gz> -->"
        f'<A  HREF = "../../files/b/{wheel.filename}#sha256={wheel.digests["sha256"]}"  data-requires-python=">=3.8"'
        " onclick='a<b>c'>b</a><a href=''><a></p></body"
    )
    web.fail(PAGE, Replaced(garbage.encode(), "text/html"))
    assert_right(lock(run_locktool), project)


def test_a_wrong_sidecar_is_told_and_the_wheel_is_read(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    web.fail(SIDECAR, Corrupted())
    finished = lock(run_locktool)
    assert_right(finished, project)
    assert "is not the file the index announces" in finished.err


def test_a_server_that_ignores_ranges_gives_the_whole_wheel(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    web.change("b", "2.0.0", metadata="none", padding=300_000)
    web.fail("/files/*", RangeIgnored())
    assert_right(lock(run_locktool), project)


def test_a_wheel_with_another_hash_is_not_used(web: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    only_wheel(web, hashes=["sha256"])
    web.ranges = False
    web.fail(WHEEL, Corrupted())
    finished = lock(run_locktool).failed(1)
    assert "its SHA-256 is" in finished.err
    assert "b-2.0.0-py3-none-any.whl" in finished.err


def inflating_wheel(*, declared: int) -> bytes:
    """A wheel whose METADATA inflates to 4 GB; `declared` is the size its directory gives."""
    packer = zlib.compressobj(wbits=-15)
    block = packer.compress(b"\0" * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    data = block * 4096 + packer.flush()
    entry = zipfile.ZipInfo("b-2.0.0.dist-info/METADATA")
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.compress_size, entry.file_size, entry.CRC = len(data), declared, 0
    buffer = BytesIO()
    buffer.write(entry.FileHeader(zip64=False))
    buffer.write(data)
    with zipfile.ZipFile(buffer, "a") as archive:
        entry.header_offset = 0
        archive.filelist.append(entry)
        archive.NameToInfo[entry.filename] = entry
        archive.start_dir = buffer.tell()
        archive._didModify = True  # type: ignore[attr-defined] # the only way to a lying directory
    return buffer.getvalue()


@pytest.mark.parametrize("ranges", [True, False], ids=["ranges", "whole"])
@pytest.mark.parametrize("declared", [100, (4 << 30) - 2], ids=["lying", "honest"])
def test_metadata_that_inflates_to_4_gigabytes_is_refused(
    web: LocalIndex, run_locktool: Command, *, declared: int, ranges: bool
) -> None:
    only_wheel(web, hashes=[])
    web.ranges = ranges
    web.fail(WHEEL, Replaced(inflating_wheel(declared=declared)))
    finished = lock(run_locktool).failed(1)
    assert "b-2.0.0-py3-none-any.whl" in finished.err
    assert "16 MiB" in finished.err or "size and checksum" in finished.err
    assert len(set(finished.err.splitlines())) <= 6, finished.err


def test_metadata_of_another_name_is_not_used(web: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    only_wheel(web, hashes=[])
    other = web.add("z", "2.0.0").files[0].content
    web.fail(WHEEL, Replaced(other))
    assert "no METADATA of its package" in lock(run_locktool).failed(1).err
    web.heal()
    web.change("b", "2.0.0", metadata="sidecar")
    page = json.dumps(
        {
            "meta": {"api-version": "1.0"},
            "name": "b",
            "files": [{"filename": "b-2.0.0-py3-none-any.whl", "url": "../../files/z/z-2.0.0-py3-none-any.whl"}],
        }
    )
    web.fail(PAGE, Replaced(page.encode(), JSON))
    finished = run_locktool("lock", "--refresh").failed(1)
    assert "its metadata is that of z" in finished.err


TRICKS = [
    "../../../b-9.0.0.tar.gz",
    "..\\..\\b-9.0.0.tar.gz",
    "/etc/b-9.0.0.tar.gz",
    "b-9.0.0.tar.gz/../../x-1.tar.gz",
    "C:b-9.0.0.tar.gz",
    "b-9.0.0\0.tar.gz",
    "z-9.0.0-py3-none-any.whl",
]


def test_file_names_with_tricks_are_left_out_and_told(
    web: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    real = web.releases("b")[0].files[0]
    entries = [
        {"filename": name, "url": f"../../files/b/{name}", "hashes": {}, "core-metadata": False} for name in TRICKS
    ]
    entries.append(
        {"filename": real.filename, "url": f"../../files/b/{real.filename}", "hashes": real.digests, "yanked": False}
    )
    page = {"meta": {"api-version": "1.0"}, "name": "b", "files": entries}
    web.fail(PAGE, Replaced(json.dumps(page).encode(), JSON))
    before = {path for path in project.directory.parent.rglob("*") if "home" not in path.parts}
    finished = lock(run_locktool)
    assert_right(finished, project)
    assert "left out" in finished.err
    assert "\0" not in finished.err
    after = {path for path in project.directory.parent.rglob("*") if "home" not in path.parts}
    assert after - before == {project.directory / "pylock.toml"}
    assert "9.0.0" not in project.read()


@pytest.mark.parametrize("form", ["json", "html", "base", "find-links"])
def test_a_page_of_the_network_serves_no_file_of_this_machine(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, form: str
) -> None:
    release = index.add("a", "1.0.0")
    (wheel,) = index.add("a", "2.0.0").files
    path = project.directory / wheel.filename
    path.write_bytes(wheel.content)
    good = f"{index.root}/files/a/{release.files[0].filename}"
    anchors = f'<a href="{good}">a</a><a href="{path.as_uri()}">a</a>'
    if form == "base":
        anchors = f'<base href="{path.parent.as_uri()}/"><a href="{good}">a</a><a href="{wheel.filename}">a</a>'
    files = [{"filename": url.rsplit("/", 1)[1], "url": url, "hashes": {}} for url in (good, path.as_uri())]
    page = json.dumps({"meta": {"api-version": "1.0"}, "name": "a", "files": files})
    answer = Replaced(page.encode(), JSON) if form == "json" else Replaced(anchors.encode(), "text/html")
    index.fail("/flat/" if form == "find-links" else "/simple/a/", answer)
    project.pyproject("a<2" if form == "find-links" else "a")
    options = ("--find-links", index.flat_url) if form == "find-links" else ()
    finished = run_locktool("lock", *options).succeeded()
    assert f'leaves out "{wheel.filename}"' in finished.err
    assert str(index.root) in finished.err
    text = project.read()
    assert "a-1.0.0" in text
    assert "file:" not in text
    assert "a-2.0.0" not in text
