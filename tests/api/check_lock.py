"""Checks the lock of a project, changes the project, and says what does not hold any more."""

from pathlib import Path

from locktool import LockError, Project, check

project = Project.load()
print(project.current.name, [str(requirement) for requirement in project.current.dependencies])
print(bool(check(project)))
file = project.root / "pyproject.toml"
text = file.read_text()
file.write_text(text.replace('"app"', '"app>=2"'))
result = check(project)
print(bool(result), *(f"{reason.code}: {reason.now}" for reason in result.reasons))
file.write_text(text)
project.lock_path.rename(Path("moved.toml"))
try:
    check(project)
except LockError as error:
    print(error.code)
Path("moved.toml").rename(project.lock_path)
