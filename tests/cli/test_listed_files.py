"""A lock lists the files that some environment of the project can install, and all of which that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from input_changes import locked_packages

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

# What may be installed by Python 3.12 or later on Linux.
USABLE = {
    "cp312-cp312-manylinux_2_17_x86_64",
    "cp313-cp313t-musllinux_1_2_aarch64",
    "cp38-abi3-manylinux2014_x86_64",
    "cp99-cp99-linux_riscv64",
    "graalpy312-graalpy250_312_native-linux_x86_64",
    "pp312-pypy312_pp73-manylinux_2_17_x86_64",
    "py2.py3-none-any",
    "py3-none-linux_x86_64",
    "py310-none-any",
}
# Tags that nobody knows prove nothing.
UNKNOWN = {"cp310-cp310-plan9_68000", "cp3x-none-any", "cp310-cp310-manylinux_2_17_x86_64.plan9_68000"}
OF_OTHER_SYSTEMS = {"cp312-cp312-win_amd64", "cp312-cp312-macosx_11_0_arm64", "py3-none-win32"}
OF_OTHER_PYTHONS = {
    "cp27-cp27mu-manylinux1_x86_64",
    "cp310-cp310-manylinux_2_17_x86_64",
    "cp311-cp311-macosx_11_0_arm64",
    "cp311-none-any",
    "pp310-pypy310_pp73-manylinux_2_17_x86_64",
    "py2-none-any",
}
LINUX = ["sys_platform == 'linux'"]


@pytest.fixture
def published(index: LocalIndex) -> LocalIndex:
    tags = USABLE | UNKNOWN | OF_OTHER_SYSTEMS | OF_OTHER_PYTHONS
    index.add("a", "1.0", wheel_tags=sorted(tags), sdist=True)
    return index


def listed(project: ProjectWriter) -> set[str]:
    (package,) = locked_packages(project)["a"]
    assert "sdist" in package
    names = [wheel["url"].rpartition("/")[2] for wheel in package["wheels"]]
    assert names == sorted(names)
    return {name.removeprefix("a-1.0-").removesuffix(".whl") for name in names}


def test_only_files_that_can_be_used_are_listed(
    published: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.pyproject("a", requires_python=">=3.12", tool={"environments": LINUX})
    run_locktool("lock").succeeded()
    assert listed(project) == USABLE | UNKNOWN
    run_locktool("check", "--frozen").succeeded()


def test_a_lower_python_and_more_environments_put_files_back(
    published: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.pyproject("a", requires_python=">=3.12", tool={"environments": LINUX})
    run_locktool("lock").succeeded()
    project.pyproject("a", requires_python=">=3.12")
    run_locktool("lock").succeeded()
    assert listed(project) == USABLE | UNKNOWN | OF_OTHER_SYSTEMS
    project.pyproject("a", requires_python=">=3.10")
    run_locktool("lock").succeeded()
    of_python_2 = {"cp27-cp27mu-manylinux1_x86_64", "py2-none-any"}
    assert listed(project) == USABLE | UNKNOWN | OF_OTHER_SYSTEMS | OF_OTHER_PYTHONS - of_python_2
    run_locktool("check", "--frozen").succeeded()


def test_a_higher_python_puts_files_back(published: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject("a", requires_python=">=3.12,<3.13", tool={"environments": LINUX})
    run_locktool("lock").succeeded()
    assert listed(project) == (USABLE | UNKNOWN) - {"cp313-cp313t-musllinux_1_2_aarch64", "cp99-cp99-linux_riscv64"}
    run_locktool("check", "--frozen").succeeded()
    project.pyproject("a", requires_python=">=3.12", tool={"environments": LINUX})
    assert "requires-python" in run_locktool("check", "--frozen").failed(1).err
    run_locktool("lock").succeeded()
    assert listed(project) == USABLE | UNKNOWN
