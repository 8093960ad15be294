"""The options that name one environment: an interpreter of this machine, any version of Python, any platform."""

from argparse import Namespace, _ArgumentGroup
from typing import TYPE_CHECKING

from locktool.cli.values import python_name

if TYPE_CHECKING:
    from locktool.operations.python import PythonChoice


def add_environment_arguments(group: _ArgumentGroup) -> None:
    """Declare the options."""
    group.add_argument(
        "--python", metavar="PYTHON", help="an interpreter: a version, a name, a path or an environment's directory"
    )
    group.add_argument(
        "--python-version",
        metavar="V",
        type=python_name,
        help="such as 3.12, 3.14t or pypy3.11, whether or not this machine has it (default: the running interpreter's)",
    )
    group.add_argument(
        "--python-platform",
        metavar="P",
        help="such as linux, windows, macos-14, x86_64-manylinux2014 or musllinux_1_2_x86_64 (default: this one)",
    )


def choice_of(arguments: Namespace) -> "PythonChoice":
    """What the options choose."""
    from locktool.operations.python import PythonChoice

    return PythonChoice(
        python=arguments.python, python_version=arguments.python_version, python_platform=arguments.python_platform
    )
