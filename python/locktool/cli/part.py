"""The arguments that say which part of a lock is meant: extras, groups, and a project of the workspace."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from locktool.cli.values import name

if TYPE_CHECKING:
    from locktool.export.part import Part


def add_part_arguments(parser: ArgumentParser) -> None:
    """Which extras, groups and project of the workspace."""
    group = parser.add_argument_group("which part")
    group.add_argument(
        "--extra", metavar="NAME", type=name, action="append", default=[], help="with this extra (repeatable)"
    )
    group.add_argument("--all-extras", action="store_true", help="with every extra")
    group.add_argument(
        "--group", metavar="NAME", type=name, action="append", default=[], help="with this group (repeatable)"
    )
    group.add_argument("--all-groups", action="store_true", help="with every dependency group")
    group.add_argument("--no-default-groups", action="store_true", help="without the groups of `default-groups`")
    group.add_argument(
        "--only-group",
        metavar="NAME",
        type=name,
        action="append",
        default=[],
        help="this group alone, without the project and what it requires (repeatable)",
    )
    group.add_argument(
        "--package", metavar="MEMBER", type=name, help="what this project of the workspace needs, no other"
    )


def part_of_arguments(arguments: Namespace) -> "Part":
    """The part that these arguments choose. Raises ProjectError where they exclude each other."""
    from locktool.exceptions import ProjectError
    from locktool.export.part import Part
    from locktool.lock.select import Selection

    more = arguments.extra or arguments.group or arguments.all_extras or arguments.all_groups
    if arguments.only_group and more:
        message = "--only-group is a group without anything else: it goes with no other extra or group"
        raise ProjectError("contradicting-options", message)
    return Part(
        selection=Selection(
            extras=tuple(arguments.extra),
            groups=tuple(arguments.group),
            all_extras=arguments.all_extras,
            all_groups=arguments.all_groups,
        ),
        default_groups=not arguments.no_default_groups,
        only_groups=tuple(arguments.only_group),
        member=arguments.package,
    )
