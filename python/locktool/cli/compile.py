"""`locktool compile`: resolve requirements files into requirements.txt or pylock.toml."""

import os
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from locktool.cli.arguments import words_of_choices
from locktool.cli.compile_arguments import add_arguments, inputs_of
from locktool.cli.console import Console
from locktool.cli.environment import choice_of
from locktool.cli.run_options import shared_options
from locktool.cli.trace import traced

if TYPE_CHECKING:
    from locktool._native import Recorder
    from locktool.operations.compile import CompileOptions
    from locktool.operations.outcome import CompileOutcome

__all__ = ["DESCRIPTION", "EXAMPLES", "add_arguments", "run"]

DESCRIPTION = """\
Resolves requirements files, or the dependencies of a project or script, for
one environment (this interpreter's unless another is named) or with
--universal for all. For one environment the versions have files that install
there: wheels that its Python and platform take, or a source distribution.
Writes requirements.txt with hashes and comments saying who requires what, or a
lock where OUT is pylock.toml or pylock.NAME.toml; the lock names the
environment that it is for. The versions of an existing OUT are kept where they
can be. Relative paths start at the file that holds them, in inputs and in OUT.
CUSTOM_COMPILE_COMMAND is the command that the header of a requirements.txt
names instead of this one.\
"""
EXAMPLES = """\
examples:
  locktool compile requirements.in                     print the result
  locktool compile requirements.in -o requirements.txt
  locktool compile -o requirements.txt --check         is it up to date?
  locktool compile -o requirements.txt -P 'django<5'   move django, but not to 5
  locktool compile requirements.in dev.in -c limits.txt -o dev.txt
  locktool compile pyproject.toml --extra s3 -o requirements.txt
  locktool compile --group dev --group tools/pyproject.toml:lint -o dev.txt
  locktool compile script.py                           its PEP 723 block
  locktool compile requirements.in --universal -o pylock.toml
  locktool compile requirements.in -o pylock.dev.toml
  locktool compile --python-version 3.12 --python-platform windows
  locktool compile --python .venv --only-binary :all:   what installs there
  echo flask | locktool compile -

exit codes: 0 done; 1 no versions fit, or with --check OUT is not up to date;
2 bad usage, unreadable files, no network
"""

_LARGEST_INPUT = 32 << 20

_ABOUT_TEXT = ("no_hashes", "no_annotate", "no_header", "emit_index_url", "emit_find_links", "emit_index_annotation")


def run(arguments: Namespace, console: Console) -> int:
    """Compile, print or write, then say what moved."""
    if arguments.check and arguments.output is None:
        from locktool.exceptions import ProjectError

        raise ProjectError("no-output", "--check compares with a file: name it with -o")
    with traced(arguments.trace, console) as recorder:
        outcome = _compile(arguments, console, recorder)
    from locktool.cli.summary import compile_as_json, compile_summary, note_changes

    note_changes(outcome, console)
    for warning in (*outcome.warnings, *_without_effect(arguments)):
        console.warn(warning)
    if outcome.path is None and not console.json:
        console.result(outcome.text)
        return 0
    for line in compile_summary(outcome, console):
        console.say(line)
    if console.json:
        console.result_json(compile_as_json(outcome))
    if arguments.check and outcome.changed:
        from locktool._native import display_path

        console.note(f"{console.style('error:', 'red')} {display_path(str(outcome.path))} is not up to date")
        return 1
    return 0


def _standard_input() -> bytes:
    """What is piped in. Raises ProjectError where there is no input, and for one that no file of requirements has."""
    import sys

    from locktool.exceptions import ProjectError

    if sys.stdin is None:
        raise ProjectError("missing-file", "the standard input is closed; name a file in the place of -")
    data = sys.stdin.buffer.read(_LARGEST_INPUT + 1)
    if len(data) > _LARGEST_INPUT:
        raise ProjectError("missing-file", "the standard input is larger than 32 MB, which no file of requirements is")
    return data


def _compile(arguments: Namespace, console: Console, recorder: "Recorder | None") -> "CompileOutcome":
    from locktool.cli.progress import ProgressLine
    from locktool.operations.compile import compile_requirements
    from locktool.operations.inputs import CompileInputs
    from locktool.operations.options import RunOptions

    arguments.inputs = inputs_of(arguments)
    reads_standard_input = any(str(path) == "-" for path in arguments.inputs)
    inputs = CompileInputs(
        paths=tuple(arguments.inputs),
        constraints=tuple(arguments.constraint),
        overrides=tuple(arguments.override),
        build_constraints=tuple(arguments.build_constraint),
        extras=tuple(arguments.extra),
        all_extras=arguments.all_extras,
        groups=tuple(arguments.group),
        standard_input=_standard_input() if reads_standard_input else b"",
    )
    options = RunOptions(
        **shared_options(arguments),
        without_dependencies=arguments.no_deps,
        certificate_bundle=arguments.cert,
        recorder=recorder,
    )
    progress = ProgressLine(console)
    return compile_requirements(inputs, arguments.output, options, _options(arguments), progress=progress)


def _options(arguments: Namespace) -> "CompileOptions":
    from locktool._native import normalize_name
    from locktool.export.requirements import RequirementsStyle
    from locktool.operations.compile import CompileOptions
    from locktool.operations.compile_output import EmittedOptions

    return CompileOptions(
        universal=arguments.universal,
        choice=choice_of(arguments),
        style=RequirementsStyle(
            hashes=not arguments.no_hashes,
            annotate=not arguments.no_annotate,
            in_one_line=arguments.annotation_style == "line",
            annotate_index=arguments.emit_index_annotation,
            left_out=frozenset(map(normalize_name, arguments.no_emit_package)),
            extras=not arguments.strip_extras,
            header="" if arguments.no_header else _header(arguments),
        ),
        emitted=EmittedOptions(index_url=arguments.emit_index_url, find_links=arguments.emit_find_links),
        newline=arguments.newline,
        dry_run=arguments.dry_run or arguments.check,
    )


def _without_effect(arguments: Namespace) -> list[str]:
    """A warning where options are for pip, and where options are about requirements.txt and a lock was written."""
    from locktool.lock.file_name import is_lock_name

    for_pip = ["--pip-args has no effect, since pip does not resolve here; give its options to this command"]
    warnings = for_pip if arguments.pip_args else []
    if arguments.output is None or not is_lock_name(arguments.output.name):
        return warnings
    flags = [f"--{name.replace('_', '-')}" for name in _ABOUT_TEXT if getattr(arguments, name)]
    flags += ["--annotation-style"] if arguments.annotation_style != "split" else []
    flags += ["--newline"] if arguments.newline != "preserve" else []
    flags += ["--no-strip-extras"] if not arguments.strip_extras else []
    about_text = [f"{', '.join(flags)} is about requirements.txt and changes nothing in a lock"] if flags else []
    return [*warnings, *about_text]


def _header(arguments: Namespace) -> str:
    custom = os.environ.get("CUSTOM_COMPILE_COMMAND")
    return f"Made by locktool; edit the inputs and run again:\n  {custom or _command(arguments)}"


def _command(arguments: Namespace) -> str:
    # Addresses and the cache are a matter of the machine, may hold credentials, and are left out.
    from shlex import join

    def paths(values: list[Path]) -> list[str]:
        return [path.as_posix() for path in values]

    words = paths(arguments.inputs)
    for option, values in (
        ("-c", paths(arguments.constraint)),
        ("--override", paths(arguments.override)),
        ("--build-constraint", paths(arguments.build_constraint)),
        ("--extra", arguments.extra),
        ("--group", arguments.group),
        ("--python", [arguments.python]),
        ("--python-version", [arguments.python_version]),
        ("--python-platform", [arguments.python_platform]),
        ("--no-emit-package", arguments.no_emit_package),
        ("--annotation-style", [arguments.annotation_style] if arguments.annotation_style != "split" else []),
        ("--newline", [arguments.newline] if arguments.newline != "preserve" else []),
    ):
        words += [word for value in values if value for word in (option, value)]
    words += words_of_choices(arguments.choices)
    words += ["-o", arguments.output.as_posix()] if arguments.output else []
    words += [
        f"--{option.replace('_', '-')}"
        for option in ("all_extras", "universal", "no_deps", "no_index", *_ABOUT_TEXT)
        if option != "no_header" and getattr(arguments, option)
    ]
    words += ["--no-strip-extras"] if not arguments.strip_extras else []
    return join(["locktool", "compile", *words])
