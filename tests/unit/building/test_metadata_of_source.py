"""Metadata of source trees and sdists: each kind of backend, no network, each failure with its reason."""

import io
import os
import py_compile
import sys
import tarfile
import textwrap
import zipfile
from collections.abc import Sequence
from email.parser import HeaderParser
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from locktool.building import hook_script
from locktool.building.backend import LEGACY_BACKEND, BuildSystem, read_source
from locktool.building.environment import BuildEnvironment, Built, EnvironmentStore, Stated
from locktool.building.metadata import metadata_of_source
from locktool.exceptions import BuildError, ProjectError
from locktool.interpreter.probe import running_interpreter

PREPARES = """
def get_requires_for_build_wheel(config_settings=None):
    return []

def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    import os
    os.mkdir(os.path.join(metadata_directory, "demo-1.0.dist-info"))
    with open(os.path.join(metadata_directory, "demo-1.0.dist-info", "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.4\\nName: demo\\nVersion: 1.0\\nRequires-Dist: built\\n")
    return "demo-1.0.dist-info"
"""
BUILDS = """
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    import os, zipfile
    name = "demo-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
        wheel.writestr("demo-1.0.dist-info/METADATA", "Metadata-Version: 2.4\\nName: demo\\nVersion: 1.0\\n")
        wheel.writestr("demo-1.0.dist-info/RECORD", "")
        wheel.writestr("demo-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\n")
    return name
"""
FAILS = """
def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    print("the compiler is missing")
    raise RuntimeError("cannot go on")
"""
ISOLATED = PREPARES.replace(
    "    import os\n",
    """    import importlib.util, os
    assert importlib.util.find_spec("msgspec") is None
    assert "LOCKTOOL_INDEX_A_PASSWORD" not in os.environ and "PYTHONPATH" not in os.environ
""",
    1,
)


class Bare:
    """Environments with nothing in them, for backends that require nothing."""

    def __init__(self, directory: Path) -> None:
        self.cache = directory
        self.store = EnvironmentStore(directory=directory / "environments")

    def having(self, requirements: Sequence[str], built: Built, further: Sequence[str] = ()) -> BuildEnvironment:
        assert [*requirements, *further] == [], built
        return self.store.get(running_interpreter(), ())

    def nearest(self, package: str, version: str) -> Stated | None:
        raise AssertionError(f"nothing is published of {package} {version}")


def built(path: Path) -> str:
    with TemporaryDirectory() as directory:
        return metadata_of_source(path, Bare(Path(directory))).text


def write_tree(directory: Path, backend: str, project: str = "") -> Path:
    (directory / "backend").mkdir(parents=True)
    (directory / "backend" / "own.py").write_text(backend)
    (directory / "pyproject.toml").write_text(
        f'[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["backend"]\n{project}'
    )
    return directory


def pack(tree: Path, archive: Path, top: str = "demo-1.0") -> Path:
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tree, top)
    return archive


def test_the_metadata_hook_is_asked_first(tmp_path: Path) -> None:
    headers = HeaderParser().parsestr(built(write_tree(tmp_path / "t", PREPARES)))
    assert (headers["Name"], headers["Version"], headers["Requires-Dist"]) == ("demo", "1.0", "built")


@pytest.mark.parametrize("is_compiled", [True, False])
def test_hooks_are_called_by_the_script_in_either_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_compiled: bool
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", not is_compiled)
    py_compile.compile(hook_script.__file__, doraise=True)
    assert "Name: demo" in built(write_tree(tmp_path / "t", PREPARES))
    with pytest.raises(BuildError, match="the compiler is missing") as caught:
        built(write_tree(tmp_path / "f", FAILS))
    assert "hook_script" not in str(caught.value)


def test_a_backend_without_the_hook_builds_a_wheel(tmp_path: Path) -> None:
    assert "Name: demo" in built(write_tree(tmp_path / "t", BUILDS))


def test_an_sdist_is_unpacked_first(tmp_path: Path) -> None:
    archive = pack(write_tree(tmp_path / "t", PREPARES), tmp_path / "demo-1.0.tar.gz")
    assert "Requires-Dist: built" in built(archive)


def test_a_zip_is_an_sdist_too(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "t", PREPARES)
    with zipfile.ZipFile(tmp_path / "demo-1.0.zip", "w") as archive:
        for file in ("pyproject.toml", "backend/own.py"):
            archive.write(tree / file, f"demo-1.0/{file}")
    assert "Requires-Dist: built" in built(tmp_path / "demo-1.0.zip")


def test_a_build_sees_neither_the_callers_modules_nor_its_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    monkeypatch.setenv("LOCKTOOL_INDEX_A_PASSWORD", "SECRET")
    assert "Name: demo" in built(write_tree(tmp_path / "t", ISOLATED))


def test_a_static_project_table_needs_no_build(tmp_path: Path) -> None:
    project = """
[project]
name = "Static"
version = "2"
requires-python = ">=3.11"
dependencies = ["a>=1", "u @ https://example.invalid/u-1.tar.gz"]
optional-dependencies.X = ["b ; python_version < '3.12' or python_version > '3.13'", "c"]
"""
    text = built(write_tree(tmp_path / "t", "raise SystemExit", project))
    headers = HeaderParser().parsestr(text)
    assert (headers["Name"], headers["Version"], headers["Requires-Python"]) == ("static", "2", ">=3.11")
    assert headers.get_all("Provides-Extra") == ["x"]
    requirements = [str(each) for each in headers.get_all("Requires-Dist", [])]
    assert requirements[:2] == ["a>=1", "u @ https://example.invalid/u-1.tar.gz"]
    assert requirements[3] == "c; extra == 'x'"
    assert requirements[2].startswith("b; (python_")
    assert requirements[2].endswith(") and extra == 'x'")


def test_dynamic_dependencies_are_built(tmp_path: Path) -> None:
    project = '[project]\nname = "demo"\nversion = "1.0"\ndynamic = ["dependencies"]\n'
    assert "built" in built(write_tree(tmp_path / "t", PREPARES, project))


def test_a_tree_without_a_build_system_is_for_legacy_setuptools(tmp_path: Path) -> None:
    (tmp_path / "setup.py").touch()
    assert BuildSystem.of(read_source(tmp_path, "t")).backend == LEGACY_BACKEND
    (tmp_path / "pyproject.toml").write_text('[build-system]\nrequires = ["x"]\n')
    stated = BuildSystem.of(read_source(tmp_path, "t"))
    assert stated == BuildSystem(requirements=("x",), backend=LEGACY_BACKEND, backend_path=None)
    (tmp_path / "pyproject.toml").write_text("[build-system]\n")
    with pytest.raises(ProjectError, match=r"pyproject.toml:1:1: build-system.requires is missing"):
        read_source(tmp_path, "t")


@pytest.mark.parametrize(
    ("backend", "message"),
    [
        (FAILS, r"t: no metadata from own: its build ended with an error:\n(?s:.*)cannot go on"),
        ("import nothing_of_the_kind", r"the backend cannot be imported:\n(?s:.*)nothing_of_the_kind"),
        ("", "has no attribute 'build_wheel'"),
        (PREPARES.replace('"METADATA"', '"OTHER"'), "the backend made no METADATA file"),
        ("raise SystemExit(3)", "its build ended with an error"),
    ],
)
def test_a_failing_backend_is_a_reason_with_the_end_of_its_log(tmp_path: Path, backend: str, message: str) -> None:
    with pytest.raises(BuildError, match=message) as caught:
        built(write_tree(tmp_path / "t", backend))
    assert caught.value.code == "build-failed"


def test_a_backend_path_cannot_leave_the_tree(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "t", PREPARES)
    file = tree / "pyproject.toml"
    file.write_text(file.read_text().replace('["backend"]', '["../.."]'))
    with pytest.raises(BuildError, match="no metadata from own"):
        built(tree)


def test_nothing_to_build_is_said(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"there is no pyproject\.toml, setup\.py or setup\.cfg"):
        built(tmp_path)


def add_member(tar: tarfile.TarFile, name: str, data: bytes = b"", **fields: object) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    for field, value in fields.items():
        setattr(member, field, value)
    tar.addfile(member, io.BytesIO(data))


def hostile_tar(path: Path, name: str, **fields: object) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        add_member(tar, "demo-1.0/setup.py")
        add_member(tar, name, b"", **fields)
    return path


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("../outside", {}),
        ("demo-1.0/../../outside", {}),
        ("demo-1.0/link", {"type": tarfile.SYMTYPE, "linkname": "../../outside"}),
        ("demo-1.0/device", {"type": tarfile.CHRTYPE}),
    ],
)
def test_a_tar_cannot_reach_outside(tmp_path: Path, name: str, fields: dict[str, object]) -> None:
    archive = hostile_tar(tmp_path / "demo-1.0.tar.gz", name, **fields)
    with pytest.raises(BuildError, match=r"demo-1.0.tar.gz cannot be unpacked: "):
        built(archive)


@pytest.mark.parametrize("name", ["../outside", "/outside", "demo-1.0/../../outside", "C:/outside"])
def test_a_zip_cannot_reach_outside(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "demo-1.0.zip", "w") as archive:
        archive.writestr("demo-1.0/setup.py", "")
        archive.writestr(zipfile.ZipInfo(name), "")
    with pytest.raises(BuildError, match="leads outside"):
        built(tmp_path / "demo-1.0.zip")


def test_an_archive_beyond_the_limits_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locktool.building.unpack.MAXIMUM_BYTES", 1000)
    with tarfile.open(tmp_path / "demo-1.0.tar.gz", "w:gz") as tar:
        add_member(tar, "demo-1.0/zeros", bytes(2000))
    with pytest.raises(BuildError, match="it unpacks to more than"):
        built(tmp_path / "demo-1.0.tar.gz")


@pytest.mark.parametrize("data", [b"", b"nothing", b"\x1f\x8b\x08", b"PK\x03\x04"])
def test_a_damaged_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "demo-1.0.tar.gz").write_bytes(data)
    with pytest.raises(BuildError, match="cannot be unpacked"):
        built(tmp_path / "demo-1.0.tar.gz")


def test_a_truncated_archive_is_refused(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "t", PREPARES + "#" + "".join(chr(33 + each * 7 % 90) for each in range(5000)))
    whole = pack(tree, tmp_path / "whole.tar.gz").read_bytes()
    (tmp_path / "demo-1.0.tar.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BuildError, match="cannot be unpacked"):
        built(tmp_path / "demo-1.0.tar.gz")


def test_several_directories_at_the_top_are_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "demo-1.0.tar.gz", "w:gz") as tar:
        add_member(tar, "a/setup.py")
        add_member(tar, "b/setup.py")
    with pytest.raises(BuildError, match="one directory at its top, this one 2 entries"):
        built(tmp_path / "demo-1.0.tar.gz")


def test_the_build_runs_with_a_python_of_its_own(tmp_path: Path) -> None:
    backend = PREPARES.replace("Requires-Dist: built", "Summary: {sys.prefix}").replace('file.write("', 'file.write(f"')
    tree = write_tree(tmp_path / "t", textwrap.dedent(backend).replace("import os\n", "import os, sys\n", 1))
    before = sorted(tree.rglob("*"))
    prefix = HeaderParser().parsestr(built(tree))["Summary"]
    assert prefix != sys.prefix
    assert sorted(tree.rglob("*")) == before, "nothing of the build is left in the tree"
    assert not [path for path in Path(prefix).rglob("*.pyc") if "own" in path.name], "nor what was compiled of it"
