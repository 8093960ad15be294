"""What people see of a build that failed: the cause, wherever it stands, and what the machine lacks."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from locktool.building.log import SHOWN_LINES, last_lines, missing_parts

TRACEBACK = """\
Traceback (most recent call last):
  File "/env/lib/python3.12/site-packages/locktool/building/hook_script.py", line 139, in <module>
    main()
  File "/env/lib/python3.12/site-packages/locktool/building/hook_script.py", line 102, in ask_requirements
    required = [] if hook is None else [str(each) for each in hook(None)]
                                                              ^^^^^^^^^^
  File "/env/lib/python3.12/site-packages/setuptools/build_meta.py", line 331, in get_requires_for_build_wheel
    return self._get_build_requires(config_settings, requirements=[])
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "<string>", line 7, in <module>
    check_call(["pg_config"])
  File "/usr/lib/python3.12/subprocess.py", line 408, in check_call
    retcode = call(*popenargs, **kwargs)
  File "/usr/lib/python3.12/subprocess.py", line 1955, in _execute_child
    raise child_exception_type(errno_num, err_msg, err_filename)
FileNotFoundError: [Errno 2] No such file or directory: 'pg_config'
"""
COMPILER = """\
gcc -Ipsycopg -c psycopg/psycopgmodule.c
In file included from psycopg/psycopgmodule.c:28:
./psycopg/psycopg.h:35:10: fatal error: libpq-fe.h: No such file or directory
   35 | #include <libpq-fe.h>
      |          ^~~~~~~~~~~~
compilation terminated.
error: command '/usr/bin/gcc' failed with exit code 1
"""
NOISE = "".join(f"copying file {number}\n" for number in range(1000))


def test_frames_that_are_not_the_authors_are_left_out() -> None:
    assert last_lines(TRACEBACK).splitlines() == [
        "  Traceback (most recent call last):",
        '    File "<string>", line 7, in <module>',
        '      check_call(["pg_config"])',
        '    File "/usr/lib/python3.12/subprocess.py", line 408, in check_call',
        "      retcode = call(*popenargs, **kwargs)",
        '    File "/usr/lib/python3.12/subprocess.py", line 1955, in _execute_child',
        "      raise child_exception_type(errno_num, err_msg, err_filename)",
        "  FileNotFoundError: [Errno 2] No such file or directory: 'pg_config'",
    ]


@pytest.mark.parametrize("output", [TRACEBACK, COMPILER])
def test_the_last_lines_hold_the_cause(output: str) -> None:
    assert output.splitlines()[-1] in last_lines(NOISE + output)


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        (TRACEBACK, "FileNotFoundError: [Errno 2] No such file or directory: 'pg_config'"),
        (COMPILER, "./psycopg/psycopg.h:35:10: fatal error: libpq-fe.h: No such file or directory"),
        ("/bin/sh: 1: mysql_config: not found\n", "/bin/sh: 1: mysql_config: not found"),
        ("Package 'av', required by 'virtual:world', not found\n", "Package 'av', required by 'virtual:world', not"),
        ("RuntimeError: this release is a placeholder\n", "RuntimeError: this release is a placeholder"),
        ("CMake Error at CMakeLists.txt:3 (find_package):\n", "CMake Error at CMakeLists.txt:3 (find_package):"),
        ("error[E0432]: unresolved import `a`\n", "error[E0432]: unresolved import `a`"),
    ],
)
def test_a_cause_that_noise_follows_is_shown_too(output: str, cause: str) -> None:
    shown = last_lines(NOISE + output + NOISE).splitlines()
    assert shown[0].startswith(f"  {cause}")
    assert shown[-1] == "  copying file 999"
    assert len(shown) <= SHOWN_LINES


def test_what_is_missing_comes_before_other_errors() -> None:
    errors = "".join(f"check.c:{number}:1: error: expected ';'\n" for number in range(50))
    shown = last_lines(errors + COMPILER + NOISE)
    assert "libpq-fe.h: No such file or directory" in shown


def test_names_that_differ_from_run_to_run_are_left_out(tmp_path: Path) -> None:
    work = tmp_path / "builds" / "4711"
    named = Path(tempfile.gettempdir(), "tmpx1y2", "b.c")
    output = f"{work}/source/demo-1.0/a.c:1:2: error: wrong\n{named}:3:4: error: wrong"
    shown = last_lines(output, hidden=(work,)).splitlines()
    assert shown == ["  source/demo-1.0/a.c:1:2: error: wrong", "  b.c:3:4: error: wrong"]


def test_escapes_and_overwritten_lines_are_left_out() -> None:
    assert last_lines("\x1b[31mred\x1b[0m\n 10%\r 50%\r100%\r\n\n") == "  red\n  100%"


def test_endless_lines_are_cut() -> None:
    assert len(last_lines("x" * 100_000)) < 500


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (COMPILER, "it needs the header `libpq-fe.h`"),
        (NOISE + COMPILER + NOISE, "it needs the header `libpq-fe.h`"),
        ("src/a.c:1:10: fatal error: 'ffi.h' file not found", "it needs the header `ffi.h`"),
        (
            "a.c(1): fatal error C1083: Cannot open include file: 'io.h': No such file or directory",
            "it needs the header `io.h`",
        ),
        (TRACEBACK, "it needs the program `pg_config`"),
        ("/bin/sh: 1: mysql_config: not found", "it needs the program `mysql_config`"),
        ("sh: line 1: nvcc: command not found", "it needs the program `nvcc`"),
        ("/bin/sh: krb5-config: command not found", "it needs the program `krb5-config`"),
        ("Error: pg_config executable not found.", "it needs the program `pg_config`"),
        ("OSError: mysql_config not found", "it needs the program `mysql_config`"),
        ("error: command 'gcc' failed: No such file or directory", "it needs the program `gcc`"),
        ("../meson.build:1:0: ERROR: Unknown compiler(s): [['cc'], ['gcc']]", "it needs the program `cc`"),
        ("  error: can't find Rust compiler", "it needs the program `rustc`"),
        ("Cargo, the Rust package manager, is not installed or is not on PATH.", "it needs the program `cargo`"),
        ("  No CMAKE_CXX_COMPILER could be found.", "it needs a compiler"),
        (
            "error: Microsoft Visual C++ 14.0 or greater is required. Get it with",
            "it needs the program `Microsoft Visual C++ 14.0 or greater`",
        ),
        (
            "Package 'libavformat', required by 'virtual:world', not found",
            "it needs the pkg-config module `libavformat`",
        ),
        (
            "Package cairo was not found in the pkg-config search path.\nNo package 'cairo' found",
            "it needs the pkg-config module `cairo`",
        ),
        (
            '../meson.build:5:10: ERROR: Dependency "cairo" not found, tried pkgconfig and cmake',
            "it needs the pkg-config module `cairo`",
        ),
        ("/usr/bin/ld: cannot find -lpq: No such file or directory", "it needs the library `pq`"),
        (
            "a.c:1:1: fatal error: a.h: No such file or directory\nsh: 1: cmake: not found",
            "it needs the header `a.h` and the program `cmake`",
        ),
    ],
)
def test_what_is_missing_is_named(output: str, sentence: str) -> None:
    assert missing_parts(output) == sentence


@pytest.mark.parametrize(
    "output",
    [
        "",
        "RuntimeError: wrong",
        "FileNotFoundError: [Errno 2] No such file or directory: 'README.md'",
        "gcc: fatal error: foo.c: No such file or directory",
        "error: command '/usr/bin/gcc' failed with exit code 1",
        "ModuleNotFoundError: No module named 'numpy'",
    ],
)
def test_nothing_is_named_that_the_output_does_not_name(output: str) -> None:
    assert missing_parts(output) is None
