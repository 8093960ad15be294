"""What a run without a project is for: some Pythons on every platform, or one environment."""

from typing import NamedTuple

from locktool._native import Marker, SpecifierSet, environment_marker
from locktool.interpreter.environment import MarkerEnvironment
from locktool.interpreter.facts import exact_marker


class Scope(NamedTuple):
    """What a run is for: the Pythons of `requires_python` on every platform, or one environment.

    The environment is a marker, with the wheel tags that it installs where they are known.
    """

    requires_python: str | None = None
    environment: str | None = None
    tags: tuple[str, ...] = ()


def scope_of(python: object) -> Scope:
    """What a Python stands for: `>=3.11` for those, `3.12` for that one on this machine, None for the running one.

    It is a MarkerEnvironment, or a text, a version or a set of specifiers of any library.

    Raises InvalidSpecifier and InvalidVersion.
    """
    if isinstance(python, MarkerEnvironment):
        return Scope(environment=str(Marker(exact_marker(python))), tags=python.tags)
    if python is None:
        current = MarkerEnvironment.current()
        return Scope(environment=environment_marker(dict(current)), tags=current.tags)
    text = str(python).strip()
    if text[:1] in set("<>=!~"):
        return Scope(requires_python=str(SpecifierSet(text)))
    target = MarkerEnvironment.for_target(text)
    return Scope(environment=environment_marker(dict(target), text), tags=target.tags)
