"""`compile` for a platform: only what installs there is pinned, by the wheel tags of the platform's own Python.

The files of torch, onnxruntime, tensorflow and numpy for CPython 3.12 are those that the public index listed on
2026-11-26, rebuilt as small wheels.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from packaging.pylock import Pylock
from packaging.tags import sys_tags

from locktool import MarkerEnvironment, RunOptions, resolve
from locktool.interpreter import environment
from stand_in_interpreters import POSIX_ONLY, stand_in

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

WINDOWS = ("win_amd64",)
# Version, the platforms of its wheels, whether there is a source distribution.
FACTS = {
    "torch": (
        ("2.2.2", ("macosx_10_9_x86_64", "macosx_11_0_arm64", "manylinux1_x86_64", *WINDOWS), False),
        ("2.6.0", ("macosx_11_0_arm64", "manylinux1_x86_64", *WINDOWS), False),
        ("2.11.0", ("macosx_11_0_arm64", "manylinux_2_28_aarch64", "manylinux_2_28_x86_64", *WINDOWS), False),
        ("2.15.0", ("macosx_14_0_arm64", "manylinux_2_28_aarch64", "manylinux_2_28_x86_64", *WINDOWS), False),
    ),
    "onnxruntime": (
        ("1.19.2", ("macosx_11_0_universal2", "manylinux_2_27_x86_64.manylinux_2_28_x86_64", *WINDOWS), False),
        ("1.22.1", ("macosx_13_0_universal2", "manylinux_2_27_x86_64.manylinux_2_28_x86_64", *WINDOWS), False),
        ("1.32.0", ("macosx_14_0_arm64", "manylinux_2_28_x86_64", *WINDOWS, "win_arm64"), False),
    ),
    "tensorflow": (
        ("2.16.2", ("macosx_10_15_x86_64", "macosx_12_0_arm64", "manylinux_2_17_x86_64.manylinux2014_x86_64"), False),
        ("2.20.0", ("macosx_12_0_arm64", "manylinux_2_17_x86_64.manylinux2014_x86_64", *WINDOWS), False),
        ("2.21.0", ("macosx_12_0_arm64", "manylinux_2_27_x86_64", *WINDOWS), False),
    ),
    "numpy": (
        ("2.2.6", ("macosx_10_13_x86_64", "macosx_11_0_arm64", "manylinux_2_17_x86_64.manylinux2014_x86_64"), True),
        (
            "2.5.5",
            (
                *("macosx_10_13_x86_64", "macosx_11_0_arm64", "macosx_14_0_arm64", "musllinux_1_2_x86_64"),
                *("manylinux_2_27_x86_64.manylinux_2_28_x86_64", *WINDOWS, "win_arm64"),
            ),
            True,
        ),
    ),
}
# What each of them is for a platform, in the order of FACTS; "" where no version installs there.
EXPECTED = {
    "x86_64-manylinux2014": ("2.6.0", "", "2.20.0", "2.2.6"),
    "manylinux_2_28_x86_64": ("2.15.0", "1.32.0", "2.21.0", "2.5.5"),
    "x86_64-unknown-linux-gnu-2.27": ("2.6.0", "1.22.1", "2.21.0", "2.5.5"),
    "x86_64-unknown-linux-musl": ("", "", "", "2.5.5"),
    "musllinux_1_1_x86_64": ("", "", "", ""),
    "macos-12": ("2.11.0", "1.19.2", "2.21.0", "2.5.5"),
    "macos-14": ("2.15.0", "1.32.0", "2.21.0", "2.5.5"),
    "x86_64-apple-darwin-12": ("2.2.2", "1.19.2", "2.16.2", "2.5.5"),
    "windows": ("2.15.0", "1.32.0", "2.21.0", "2.5.5"),
    "aarch64-pc-windows-msvc": ("", "1.32.0", "", "2.5.5"),
    "aarch64-linux-android": ("", "", "", ""),
    "freebsd_14_1_release_amd64": ("", "", "", ""),
}


@pytest.fixture
def published(index: LocalIndex, project: ProjectWriter) -> LocalIndex:
    """The four packages with the files that they have."""
    for name, releases in FACTS.items():
        for version, platforms, sdist in releases:
            index.add(name, version, wheel_tags=[f"cp312-cp312-{one}" for one in platforms], sdist=sdist)
        project.write(f"{name}.in", f"{name}\n")
    return index


def arguments(name: str, platform: str, *more: str) -> tuple[str, ...]:
    return ("compile", f"{name}.in", "--python-version", "3.12", "--python-platform", platform, *more)


@pytest.mark.parametrize("platform", EXPECTED)
def test_the_newest_version_with_a_wheel_for_the_platform_is_pinned(
    published: LocalIndex, run_locktool: Command, platform: str
) -> None:
    for name, version in zip(FACTS, EXPECTED[platform], strict=True):
        finished = run_locktool(*arguments(name, platform, "--only-binary", ":all:"))
        if version:
            assert f"{name}=={version} " in finished.succeeded().out, (name, platform)
        else:
            assert f"{name}" in finished.failed(1).err, (name, platform)


def test_a_source_distribution_installs_anywhere(published: LocalIndex, run_locktool: Command) -> None:
    for platform in ("x86_64-manylinux2014", "musllinux_1_1_x86_64", "freebsd_14_1_release_amd64"):
        assert "numpy==2.5.5 " in run_locktool(*arguments("numpy", platform)).succeeded().out


def test_what_does_not_install_is_said_with_the_tags_of_its_wheels(
    published: LocalIndex, run_locktool: Command
) -> None:
    said = run_locktool(*arguments("onnxruntime", "x86_64-manylinux2014")).failed(1).err
    assert "its wheels are for another C library or system: manylinux_2_27_x86_64, manylinux_2_28_x86_64" in said
    said = run_locktool(*arguments("torch", "x86_64-unknown-linux-musl")).failed(1).err
    assert "its wheels are for another C library or system: manylinux1_x86_64, manylinux_2_28_x86_64" in said
    said = run_locktool(*arguments("torch", "aarch64-linux-android")).failed(1).err
    assert "its wheels are for another platform" in said


def test_a_lock_for_a_platform_has_a_wheel_for_it(
    published: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    output = ("-o", "pylock.toml")
    for platform, version in (("linux", "2.15.0"), ("x86_64-manylinux2014", "2.6.0"), ("linux", "2.6.0")):
        # What is there stays where it installs, and moves where it does not.
        run_locktool(*arguments("torch", platform, *output)).succeeded()
        (package,) = Pylock.from_dict(tomllib.loads(project.read("pylock.toml"))).packages
        assert str(package.version) == version, platform
        run_locktool("check", ".").succeeded()


def test_pins_that_do_not_install_on_the_platform_move(
    published: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    for platform, version in (("linux", "2.15.0"), ("x86_64-manylinux2014", "2.6.0"), ("linux", "2.6.0")):
        run_locktool(*arguments("torch", platform, "-o", "torch.txt")).succeeded()
        assert f"torch=={version} " in project.read("torch.txt")


@pytest.mark.parametrize(
    ("platform", "tags"),
    [
        ("x86_64-manylinux2014", ["manylinux2014_x86_64", "manylinux1_x86_64"]),
        ("x86_64-unknown-linux-musl", ["musllinux_1_2_x86_64"]),
        ("macos-12", ["macosx_12_0_arm64"]),
    ],
)
def test_pip_downloads_what_is_pinned(
    published: LocalIndex, project: ProjectWriter, run_locktool: Command, platform: str, tags: list[str]
) -> None:
    names = [name for name, version in zip(FACTS, EXPECTED[platform], strict=True) if version]
    project.write("all.in", "\n".join(names))
    run_locktool(*arguments("all", platform, "--only-binary", ":all:", "-o", "all.txt")).succeeded()
    pip = [sys.executable, "-m", "pip", "download", "--isolated", "--disable-pip-version-check", "--no-cache-dir"]
    pip += ["--only-binary", ":all:", "--python-version", "3.12", "--index-url", published.url, "--no-deps"]
    pip += [word for tag in tags for word in ("--platform", tag)]
    wheels = project.directory / "wheels"
    pip += ["--require-hashes", "-d", str(wheels), "-r", str(project.directory / "all.txt")]
    ended = subprocess.run(pip, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert sorted(path.name.split("-")[0] for path in wheels.iterdir()) == sorted(names)


def test_a_wheel_of_a_variant_neither_fails_nor_wins(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    plain = "cp312-cp312-manylinux_2_28_x86_64"
    index.add("kernels", "1.0", wheel_tags=[plain])
    index.add("kernels", "2.0", wheel_tags=[f"{plain}-x8664v3", plain, f"1-{plain}-null"])
    index.add("kernels", "3.0", wheel_tags=[f"{plain}-x8664v3"])
    project.write("kernels.in", "kernels\n")
    project.pyproject("kernels", requires_python=">=3.12")
    for output in ("kernels.txt", "pylock.kernels.toml"):
        finished = run_locktool(*arguments("kernels", "linux", "-o", output)).succeeded()
        assert "warning" not in finished.err
    assert project.read("kernels.txt").count("--hash") == 1
    run_locktool("lock").succeeded()
    for name in ("pylock.toml", "pylock.kernels.toml"):
        (package,) = (one for one in tomllib.loads(project.read(name))["packages"] if one["name"] == "kernels")
        assert package["version"] == "2.0"
        assert [wheel["url"].rpartition("/")[2] for wheel in package["wheels"]] == [f"kernels-2.0-{plain}.whl"]


# The names that `uv pip compile --python-platform` takes, and the most preferred platform tag of each.
NAMES = {
    "windows": "win_amd64",
    "linux": "manylinux_2_28_x86_64",
    "macos": "macosx_13_0_arm64",
    "x86_64-pc-windows-msvc": "win_amd64",
    "aarch64-pc-windows-msvc": "win_arm64",
    "i686-pc-windows-msvc": "win32",
    "x86_64-unknown-linux-gnu": "manylinux_2_28_x86_64",
    "aarch64-apple-darwin": "macosx_13_0_arm64",
    "x86_64-apple-darwin": "macosx_13_0_x86_64",
    "aarch64-unknown-linux-gnu": "manylinux_2_28_aarch64",
    "aarch64-unknown-linux-musl": "musllinux_1_2_aarch64",
    "x86_64-unknown-linux-musl": "musllinux_1_2_x86_64",
    "riscv64-unknown-linux": "manylinux_2_28_riscv64",
    "x86_64-manylinux2014": "manylinux_2_17_x86_64",
    "x86_64-manylinux_2_40": "manylinux_2_40_x86_64",
    "aarch64-manylinux_2_31": "manylinux_2_31_aarch64",
    "aarch64-linux-android": "android_24_arm64_v8a",
    "x86_64-linux-android": "android_24_x86_64",
    "wasm32-pyodide2024": "pyodide_2024_0_wasm32",
    "wasm32-pyodide2025": "pyodide_2025_0_wasm32",
    "arm64-apple-ios": "ios_13_0_arm64_iphoneos",
    "arm64-apple-ios-simulator": "ios_13_0_arm64_iphonesimulator",
    "x86_64-apple-ios-simulator": "ios_13_0_x86_64_iphonesimulator",
}


def test_the_names_that_uv_takes_are_known(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    for place, tag in enumerate(NAMES.values()):
        index.add(f"p{place}", "1.0", wheel_tags=[f"py3-none-{tag}"])
    for place, name in enumerate(NAMES):
        project.write("one.in", f"p{place}\n")
        assert f"p{place}==1.0 " in run_locktool(*arguments("one", name)).succeeded().out, name


@pytest.mark.parametrize("platform", ["amiga", "manylinux_x_86", "macos-", "windows-10", "linux-2"])
def test_an_unknown_platform_is_refused_with_the_known_ones(
    published: LocalIndex, run_locktool: Command, platform: str
) -> None:
    said = run_locktool(*arguments("numpy", platform)).failed(2).err
    assert f'Unknown platform "{platform}": use linux, macos, windows, a triple such as' in said


@pytest.mark.parametrize(
    ("platform", "like"),
    [
        ("windws", "windows"),
        ("mac", "macos"),
        ("Darwin", "macos"),
        ("win64", "windows"),
        ("x86_64-unknown-linux-gnux", "x86_64-unknown-linux-gnu"),
        ("aarch64-apple-darwim", "aarch64-apple-darwin"),
    ],
)
def test_a_known_platform_that_is_like_an_unknown_one_is_suggested(
    published: LocalIndex, run_locktool: Command, platform: str, like: str
) -> None:
    said = run_locktool(*arguments("numpy", platform)).failed(2).err
    assert said.endswith(f"hint: did you mean '{like}'?\n")
    run_locktool(*arguments("numpy", like)).succeeded()


def test_nothing_is_suggested_where_nothing_is_like_it(published: LocalIndex, run_locktool: Command) -> None:
    assert "did you mean" not in run_locktool(*arguments("numpy", "amiga")).failed(2).err


def test_every_platform_that_is_suggested_is_known() -> None:
    for name in (*environment._USUAL, *environment._ELSEWHERE.values()):
        assert MarkerEnvironment.for_target("3.12", name)


def test_the_running_interpreter_takes_its_own_wheels(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    own, foreign = next(sys_tags()), "cp33-cp33m-win32"
    index.add("ext", "1.0", wheel_tags=[str(own)])
    index.add("ext", "2.0", wheel_tags=[foreign])
    index.add("ext", "3.0", wheel_tags=[f"{own.interpreter}-{own.abi}-manylinux_2_99_x86_64"])
    project.write("requirements.in", "ext\n")
    assert "ext==1.0 " in run_locktool("compile", "requirements.in").succeeded().out


@POSIX_ONLY
def test_another_interpreter_answers_for_itself(
    index: LocalIndex, project: ProjectWriter, isolated_command: Command, run_locktool: Command, tmp_path: Path
) -> None:
    stand_in(tmp_path / "bin" / "python3.97", "3.97.4", libc={"name": "musl", "version": [1, 2]})
    suffix = ".pypy396-pp73-x86_64-linux-gnu.so"
    pypy = {"extension_suffix": suffix, "version_nodot": "396"}
    stand_in(tmp_path / "bin" / "pypy3.96", "3.96.1", "pypy", **pypy)
    isolated_command.environment |= {"PATH": str(tmp_path / "bin"), "PYENV_ROOT": str(tmp_path / "pyenv")}
    index.add("ext", "1.0", wheel_tags=["cp397-cp397-musllinux_1_2_x86_64"], requires=["old; python_version < '3.97'"])
    index.add("ext", "1.1", wheel_tags=["pp396-pypy396_pp73-win_amd64", "cp397-cp397-manylinux_2_5_x86_64"])
    index.add("ext", "0.9", wheel_tags=["pp396-pypy396_pp73-linux_x86_64"], requires=["alone"])
    index.add("alone", "1.0")
    project.write("requirements.in", "ext\n")
    command = ("compile", "requirements.in", "--no-header")
    found = {
        request: run_locktool(*command, "--python", request).succeeded().out
        for request in ("3.97", "pypy", str(tmp_path / "bin" / "python3.97"))
    }
    assert found["3.97"] == found[str(tmp_path / "bin" / "python3.97")]
    assert "ext==1.0 " in found["3.97"]
    assert "ext==0.9 " in found["pypy"]
    assert "alone==1.0 " in found["pypy"]
    windows = run_locktool(*command, "--python", "pypy", "--python-platform", "windows").succeeded().out
    assert "ext==1.1 " in windows
    assert "no Python 3.95 on this machine" in run_locktool(*command, "--python", "3.95").failed(2).err


def test_a_python_and_a_version_are_not_named_together(published: LocalIndex, run_locktool: Command) -> None:
    said = run_locktool("compile", "numpy.in", "--python", "3", "--python-version", "3.12").failed(2).err
    assert "--python is an environment of its own" in said
    said = run_locktool("compile", "numpy.in", "--universal", "--python-platform", "linux").failed(2).err
    assert "--universal is for every platform" in said


def test_implementations_and_builds_have_names(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("ext", "1.0", wheel_tags=["pp311-pypy311_pp73-manylinux_2_17_x86_64"])
    index.add("ext", "2.0", wheel_tags=["cp314-cp314t-manylinux_2_17_x86_64"])
    index.add("ext", "3.0", wheel_tags=["cp314-cp314-manylinux_2_17_x86_64"])
    project.write("requirements.in", "ext\n")
    for python, version in (("pypy3.11", "1.0"), ("3.14t", "2.0"), ("3.14", "3.0"), ("cpython3.14", "3.0")):
        options = ("--python-version", python, "--python-platform", "linux")
        assert f"ext=={version} " in run_locktool("compile", "requirements.in", *options).succeeded().out
    said = run_locktool("compile", "requirements.in", "--python-version", "snake3").failed(2).err
    assert "'snake3' is not a version of Python, such as 3.12, 3.14t or pypy3.11" in said


def test_the_metadata_is_that_of_the_wheel_that_the_target_takes(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("lib", "1.0", wheel_tags=["cp312-cp312-manylinux_2_28_x86_64"], requires=["recent"])
    index.add("lib", "1.0", wheel_tags=["cp312-cp312-musllinux_1_2_x86_64"], requires=["small"])
    index.add("lib", "1.0", wheel_tags=["cp312-cp312-manylinux_2_17_x86_64"], requires=["old"])
    for name in ("recent", "small", "old"):
        index.add(name, "1.0")
    project.write("lib.in", "lib\n")
    for platform, expected in (
        ("linux", "recent"), ("x86_64-manylinux2014", "old"), ("musllinux_1_2_x86_64", "small"), ("linux", "recent")
    ):  # fmt: skip
        text = run_locktool(*arguments("lib", platform, "--no-hashes", "-o", "out.txt")).succeeded()
        pins = project.read("out.txt")
        assert [name for name in ("recent", "small", "old") if f"{name}==1.0" in pins] == [expected], text.err


def test_an_environment_of_the_library_has_its_wheel_tags(published: LocalIndex, tmp_path: Path) -> None:
    options = RunOptions(index_url=published.url, cache_dir=tmp_path / "cache", choices={"no-build": True})
    for platform, version in (("x86_64-manylinux2014", "2.2.6"), ("x86_64-unknown-linux-musl", "2.5.5")):
        environment = MarkerEnvironment.for_target("3.12", platform)
        (package,) = resolve(["numpy"], python=environment, options=options).packages
        assert str(package.version) == version
        assert resolve(["numpy"], python=replace(environment, tags=()), options=options).packages[0].version == "2.5.5"
