"""Adds requirements to a project and removes them again; the file is as it was, to the byte."""

from pathlib import Path

from packaging.requirements import Requirement

from locktool import Project, ProjectError, edit

before = Path("pyproject.toml").read_bytes()
print(edit.add(Requirement("Extra_Package>=1")), edit.add("extra-package", group="dev"))
member = Project.load().current
print(*member.dependencies, *member.groups["dev"])
print(edit.remove("extra.package"), edit.remove("extra-package", group="dev"))
print(Path("pyproject.toml").read_bytes() == before)
try:
    edit.remove("extra-package")
except ProjectError as error:
    print(error.code)
