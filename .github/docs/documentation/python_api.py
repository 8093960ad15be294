"""The page of the Python API, from the docstrings and signatures of the public names.

The sources are read as syntax trees, the extension's as its stub, so that the page is the same on every Python.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING

import locktool

if TYPE_CHECKING:
    from collections.abc import Iterator

_GROUPS = {
    "Commands as functions": ("lock", "check", "compile", "resolve", "diff", "edit"),
    "Projects and locks": ("Project", "Member", "Lock", "Dependency", "MarkerEnvironment", "SelectedPackage"),
    "Entries of a lock": ("Package", "Archive", "Directory", "Distribution", "PackageReference", "Vcs", "Origin"),
    "Runs and their results": (
        *("RunOptions", "Progress", "Cancellation", "Counters", "LockResult", "CompileResult", "Resolution"),
        *("CheckResult", "StaleReason", "LockDiff", "PackageChange", "NewFile", "SdistOnly"),
        *("Requirer", "Link", "LockedRequirers", "Rule"),
    ),
    "Versions, specifiers, markers and requirements": (
        *("Version", "Specifier", "SpecifierSet", "Marker", "Requirement", "normalize_name"),
    ),
    "The cache": ("CacheReader", "CachedPackage", "CachedRelease", "CachedFile", "CachedMetadata"),
}
_ERRORS = "Exceptions"
_LINE = 90


def page() -> str:
    """The page."""
    grouped = {name for names in _GROUPS.values() for name in names}
    public = set(locktool.__all__) - {"__version__"}
    errors = sorted(name for name in public if locktool._HOMES[name] == "locktool.exceptions")
    if grouped | set(errors) != public:
        message = f"the page of the Python API lacks {sorted(public - grouped - set(errors))}"
        raise ValueError(message)
    parts = [f"## {title}\n\n{''.join(map(_entry, names))}" for title, names in _GROUPS.items()]
    parts.append(
        f"## {_ERRORS}\n\n{''.join(map(_entry, ['LocktoolError', *(e for e in errors if e != 'LocktoolError')]))}"
    )
    return f"{_INTRODUCTION}\n{''.join(parts).rstrip()}\n"


_INTRODUCTION = """\
# Python API

`import locktool` loads neither the extension nor another library; each name is loaded when it is first used. Values are
frozen, typed and picklable. Functions that run take a `progress` callback and a `Cancellation`, and can be called from threads
and with `asyncio.to_thread`. What they raise is a `LocktoolError` with a stable [code](error-codes.md); a file
that cannot be written is an `OSError`, and an argument of the wrong type a `TypeError`.

The classes for versions, specifiers, markers and requirements have the attributes of their namesakes in `packaging`, whose
objects are taken wherever these are.

```python
from locktool import Marker, MarkerEnvironment, Requirement, SpecifierSet, Version

assert Version("1.0") == Version("1.0.0")
assert "2.1" in SpecifierSet(">=1,!=2.0")
marker = Requirement("requests[socks]>=2 ; os_name == 'nt'").marker
assert marker.evaluate(MarkerEnvironment.for_target("3.12", "windows"))
assert (marker & Marker("sys_platform == 'linux'")).is_false()
```
"""


@functools.cache
def _tree(module: str) -> ast.Module:
    """The syntax tree of a module; for the extension that of its stub."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ImportError(module)
    path = Path(spec.origin)
    if path.suffix != ".py":
        path = Path(locktool.__file__).with_name("_native.pyi")
    return ast.parse(path.read_text(encoding="utf-8"))


def _entry(name: str) -> str:
    """What the page says of one public name."""
    if name == "edit":
        return _module("locktool.api.edit")
    for node in _tree(locktool._HOMES[name]).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name:
            return _class(node) if isinstance(node, ast.ClassDef) else _function(node)
    message = f"{name} is not defined in {locktool._HOMES[name]}"
    raise ValueError(message)


def _module(module: str) -> str:
    tree = _tree(module)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    return f"### edit\n\n{_text(tree)}" + "".join(_function(node, "edit.", level=4) for node in functions)


def _function(node: ast.FunctionDef, prefix: str = "", level: int = 3) -> str:
    return f"{'#' * level} {prefix}{node.name}\n\n{_signature(node, prefix)}{_text(node)}"


def _class(node: ast.ClassDef) -> str:
    parts = [f"### {node.name}\n\n{_text(node)}"]
    rows = [row for child, text in zip(node.body, [*node.body[1:], None], strict=True) if (row := _member(child, text))]
    if rows:
        parts.append(f"| name | meaning |\n|---|---|\n{''.join(dict.fromkeys(rows))}\n")
    return "".join(parts)


def _member(node: ast.stmt, following: ast.stmt | None) -> str | None:
    """A row for a public attribute or method of a class."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        is_text = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
        text = str(following.value.value) if is_text else ""  # type: ignore[union-attr]
        return None if node.target.id.startswith("_") or not text else _row(node.target.id, text)
    if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
        return None
    kinds = {ast.unparse(decorator) for decorator in node.decorator_list}
    text = ast.get_docstring(node) or ""
    return _row(node.name if "property" in kinds else f"{node.name}({_parameters(node)})", text) if text else None


def _row(title: str, text: str) -> str:
    paragraph = " ".join(text.split("\n\n", maxsplit=1)[0].split()).replace("|", "\\|")
    return f"| `{title}` | {paragraph} |\n"


def _parameters(node: ast.FunctionDef) -> str:
    """The names of the parameters, as in a call: what is optional has an `=` behind it."""
    positional = [*node.args.posonlyargs, *node.args.args]
    names = [argument.arg for argument in positional]
    for number in range(1, len(node.args.defaults) + 1):
        names[-number] += "="
    names += [f"*{node.args.vararg.arg}"] if node.args.vararg else []
    names += [
        argument.arg + ("=" if default else "")
        for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    ]
    return ", ".join(name for name in names if name not in {"self", "cls"})


def _signature(node: ast.FunctionDef, prefix: str) -> str:
    """The signature as it is written, on a line for each parameter where one line is too long."""
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    line = f"{prefix}{node.name}({ast.unparse(node.args)}){returns}"
    if len(line) > _LINE:
        parts = [*_split(ast.unparse(node.args))]
        line = f"{prefix}{node.name}(\n" + "".join(f"    {part},\n" for part in parts) + f"){returns}"
    return f"```py\n{line}\n```\n\n"


def _split(parameters: str) -> Iterator[str]:
    """The parameters of a list: the text between commas that stand in no brackets."""
    depth, start = 0, 0
    for position, character in enumerate(parameters):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            yield parameters[start:position].strip()
            start = position + 1
    yield parameters[start:].strip()


def _text(node: ast.ClassDef | ast.FunctionDef | ast.Module) -> str:
    """A docstring as Markdown, its examples as blocks."""
    parts = []
    for paragraph in (ast.get_docstring(node) or "").split("\n\n"):
        if paragraph.lstrip().startswith(">>>"):
            parts.append(f"```py\n{paragraph}\n```\n")
        elif re.match(r" {2,}", paragraph):
            parts.append(f"```text\n{paragraph}\n```\n")
        else:
            parts.append(" ".join(paragraph.split()) + "\n")
    return "\n".join(parts) + "\n"
