"""Every public name is documented, each of its attributes too, and the examples say what happens."""

from __future__ import annotations

import ast
import doctest
import inspect
import os
import textwrap
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

import locktool

if TYPE_CHECKING:
    from conftest import Command
    from local_index import LocalIndex

PYTHON_MODULES = sorted(
    {home for name, home in locktool._HOMES.items() if home != "locktool._native"} | {"locktool.api.edit"}
)


def documented_fields(kind: type) -> set[str]:
    """The annotated names of a class that have a text below them."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(tree, ast.ClassDef)
    return {
        field.target.id
        for field, text in zip(tree.body, tree.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
    }


def undocumented(kind: type) -> list[str]:
    """The public attributes of a class that nothing is said of."""
    if issubclass(kind, BaseException):
        # Their texts name each field.
        documentation = " ".join(parent.__doc__ or "" for parent in kind.__mro__ if parent is not object)
        return [name for name in getattr(kind, "field_names", ()) if f"`{name}`" not in documentation]
    written = {name for parent in kind.__mro__ if parent.__module__.startswith("locktool.") for name in vars(parent)}
    if kind.__module__ != "locktool":
        said = set().union(*(documented_fields(parent) for parent in kind.__mro__ if "locktool." in parent.__module__))
        annotated = {
            name
            for parent in kind.__mro__
            if parent.__module__.startswith("locktool.")
            for name in vars(parent).get("__annotations__", {})
        }
        silent = sorted(name for name in annotated - said if not name.startswith("_"))
    else:
        written, annotated, silent = set(dir(kind)), set(), []
    silent += [
        name
        for name in sorted(written - annotated)
        if not name.startswith("_") and not inspect.getdoc(inspect.getattr_static(kind, name))
    ]
    return silent


@pytest.mark.parametrize("name", [name for name in locktool.__all__ if name != "__version__"])
def test_a_public_name_and_its_attributes_are_documented(name: str) -> None:
    value = getattr(locktool, name)
    assert inspect.getdoc(value)
    assert inspect.getmodule(value) is not None
    if inspect.isclass(value):
        assert undocumented(value) == []


def test_the_public_names_are_those_that_are_loaded_lazily() -> None:
    assert sorted([*locktool._HOMES, "__version__"]) == locktool.__all__ == sorted(locktool.__all__)


@pytest.mark.parametrize("module", PYTHON_MODULES)
def test_the_examples_say_what_happens(
    module: str, locked: Command, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(locked.directory)
    for name in os.environ:
        monkeypatch.delenv(name)
    for name, value in locked.variables().items():
        monkeypatch.setenv(name, value)
    assert doctest.testmod(import_module(module)).failed == 0
