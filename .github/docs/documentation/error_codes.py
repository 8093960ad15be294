"""The page of error codes: every code in the sources of both languages, joined with `error-codes.toml`.

Codes of errors are collected from the calls that raise them; the codes of reasons against a lock are those of the tables
in the text of the certificate, which a test of the certificate compares with the core.
"""

from __future__ import annotations

import ast
import inspect
import re
import tomllib
from pathlib import Path

from locktool import exceptions
from locktool.cli.exit_code import exit_code_of

_REPOSITORY = Path(__file__).parents[3]
_TEXTS = Path(__file__).parents[1] / "error-codes.toml"
_CERTIFICATE = _REPOSITORY / "rust" / "locktool-core" / "src" / "certify" / "certificate.md"

_CLASSES = {
    name: kind
    for name, kind in vars(exceptions).items()
    if inspect.isclass(kind) and issubclass(kind, exceptions.LocktoolError)
}

_CODE = r"\"([a-z][a-z0-9]*(?:-[a-z0-9]+)*)\""
# The ways in which the core and its Python crate write the code of an error.
_RUST = (
    rf"\.error\(\s*{_CODE}",
    rf"of_path\(\s*{_CODE}",
    rf"\bcode: {_CODE}",
    rf"\"(?:{'|'.join(_CLASSES)})\",\s*{_CODE}",
    rf"LockError::new\(\s*{_CODE}",
    rf"Self::\w+\(_\) => {_CODE}",
    rf"source_error\([^\"]*{_CODE},\s*&",
    rf"refuse\(\s*(?:\w+,\s*&?[\w.]+,\s*){_CODE}",
    rf"NotADirectory => \{{\s*\({_CODE}",
    rf"_ => \(\s*{_CODE},\s*format!",
)
_TESTS = re.compile(r"#\[cfg\(test\)\]\s*mod \w+ \{")


def page() -> str:
    """The page."""
    texts = tomllib.loads(_TEXTS.read_text(encoding="utf-8"))
    described = {code for group in texts.values() for code in group["codes"]}
    collected = codes_of_python() | codes_of_rust()
    if described != collected:
        message = (
            f"error-codes.toml: {sorted(collected - described)} lack a text, {sorted(described - collected)} are gone"
        )
        raise ValueError(message)
    groups = "\n".join(_group(group) for group in texts.values())
    return f"""\
# Error codes

With `--json` a command that fails prints `{{"error": {{"code": ..., "message": ...}}}}`, and an exception of the library has the code
as `error.code`. Codes do not change when a message is written better: compare codes, and show messages.

The exit code is 2 unless the table says 1: 1 is the answer no, and 2 means that it could not be found out.

{groups}
## Reasons against a lock

`locktool check` gives each reason a code of its own, in `reasons` of its [JSON](json.md#check). A changed input has the code
`KEY-changed`, and an item that came to a list or left it `KEY-added` or `KEY-removed`: `requires-python-changed`,
`requirement-added`, `extra-removed`, `index-changed`. What to do is the same for all of these: run `locktool lock`, or take the change back.

The codes below say that the lock is not sound by itself, or that a file of this machine is not the one that was locked. What each rule
means in full is said in [the certificate](../internals/certificate.md).

| code | refused |
|---|---|
{_reasons()}"""


def _group(group: dict[str, object]) -> str:
    codes = group["codes"]
    assert isinstance(codes, dict)  # noqa: S101 - the file is ours
    rows = "".join(f"| {_title(code)} | {when} | {act} |\n" for code, (when, act) in sorted(codes.items()))
    return f"## {group['title']}\n\n{group['text']}\n\n| code | when | what to do |\n|---|---|---|\n{rows}"


def _title(code: str) -> str:
    says_no = exit_code_of(exceptions.LocktoolError(code, "")) == 1 or code in _impossible()
    return f"`{code}`" + (" (exit code 1)" if says_no else "")


def _impossible() -> set[str]:
    """The codes of ResolutionImpossible, whose exit code is 1."""
    pattern = re.compile(rf"ResolutionImpossible(?:\(|\",)\s*{_CODE}")
    python = (path.read_text(encoding="utf-8") for path in sorted((_REPOSITORY / "python").rglob("*.py")))
    return {code for text in (*python, *_rust_sources()) for code in pattern.findall(text)}


def codes_of_python() -> set[str]:
    """The codes that are raised in Python, from the syntax trees of its modules."""
    found: set[str] = set()
    for path in (_REPOSITORY / "python" / "locktool").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found |= _codes_of_call(node)
            elif isinstance(node, ast.FunctionDef):
                found |= _codes_of_defaults(node)
    return found


def _codes_of_call(call: ast.Call) -> set[str]:
    name = getattr(call.func, "id", getattr(call.func, "attr", None))
    # The second form is `line.error(message, code)`, of requirements files.
    place = 0 if name in _CLASSES else 1 if name == "error" else len(call.args)
    texts = _texts(call.args[place]) if place < len(call.args) else []
    return {text for text in texts if re.fullmatch(_CODE, f'"{text}"')}


def _codes_of_defaults(function: ast.FunctionDef) -> set[str]:
    """The default of a parameter that is called `code`."""
    arguments = function.args.args[len(function.args.args) - len(function.args.defaults) :]
    pairs = zip(arguments, function.args.defaults, strict=True)
    return {text for argument, value in pairs if argument.arg == "code" for text in _texts(value)}


def _texts(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def codes_of_rust() -> set[str]:
    """The codes that are raised in Rust, from the forms in which its sources write them."""
    found = {code for text in _rust_sources() for pattern in _RUST for code in re.findall(pattern, text)}
    return found - {""}


def _rust_sources() -> list[str]:
    """The sources without tests, and without what says why a lock does not hold, which are no errors."""
    crates = (_REPOSITORY / "rust" / "locktool-core" / "src", _REPOSITORY / "rust" / "locktool-python" / "src")
    paths = [path for crate in crates for path in sorted(crate.rglob("*.rs")) if "certify" not in path.parts]
    return [_TESTS.split(path.read_text(encoding="utf-8"))[0] for path in paths]


def _reasons() -> str:
    """The rows of every table of the certificate that lists codes."""
    text = _CERTIFICATE.read_text(encoding="utf-8")
    tables = re.findall(r"^\| code \| refused \|\n\|[-|]+\|\n((?:\|.*\n)+)", text, flags=re.MULTILINE)
    return "".join(sorted(row for table in tables for row in table.splitlines(keepends=True)))
