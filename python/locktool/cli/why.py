"""`locktool why`: who requires a locked package, and what holds another version back."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from locktool.cli.arguments import (
    add_index_arguments,
    add_output_arguments,
    add_project_argument,
    add_resolution_arguments,
    add_script_argument,
)
from locktool.cli.console import Console
from locktool.cli.run_options import shared_options
from locktool.cli.values import name_and_versions

if TYPE_CHECKING:
    from locktool.lock.requirers import Link, LockedRequirers
    from locktool.operations.why_not import WhyNot

DESCRIPTION = """\
With a name, says who requires a package of the lock: each requirement on it,
with its specifier and its condition, and the shortest way from the project to
it. Only the lock is read.

With a version, with a range of them, or with --latest, says what holds that
version, or each of the range, back: the solver is asked for a resolution that
has it. The indexes are asked as for `locktool lock`, and nothing is written. A
--script is not asked for other versions.

exit codes: 0 done, 1 the lock does not have the package, or no index where a
version is asked for, 2 it could not be found out.\
"""
EXAMPLES = """\
examples:
  locktool why botocore              who requires it, and how did it get here?
  locktool why botocore --json
  locktool why numpy==2.4.0          what holds this version back?
  locktool why 'numpy>=2'            what holds all of these back?
  locktool why numpy --latest        why is it not the newest one?
"""

_SHOWN = 10


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("package", metavar="NAME[VERSIONS]", type=name_and_versions, help="the package, and versions")
    parser.add_argument("--latest", action="store_true", help="ask for its newest version")
    add_project_argument(parser)
    add_script_argument(parser)
    add_resolution_arguments(parser)
    add_index_arguments(parser)
    add_output_arguments(parser)
    parser.set_defaults(upgrade=False, upgrade_package=[])


def run(arguments: Namespace, console: Console) -> int:
    """Say why, or why not."""
    from locktool.exceptions import LocktoolError

    name, versions = arguments.package
    if versions is not None and arguments.latest:
        raise LocktoolError("contradicting-options", "ask for one version: NAME==VERSION or NAME --latest")
    if versions is not None or arguments.latest:
        return _run_why_not(arguments, console)
    from locktool.operations.why import why_locked

    outcome = why_locked(arguments.project, name, arguments.script)
    if console.json:
        console.result_json(outcome.as_json())
    else:
        for entry in outcome.entries:
            console.result("\n".join(_entry_lines(entry, everything=console.verbosity > 0)))
    return 0


def _entry_lines(entry: "LockedRequirers", *, everything: bool) -> list[str]:
    package = entry.package
    title = f"{package.name} {package.version}" if package.version else package.name
    where = f" where {entry.marker}" if entry.marker else ""
    if not entry.chains:
        return [f"{title} is locked{where}; it is part of the project, and no other part requires it"]
    lines = [f"{title} is locked{where}:"]
    shown = entry.chains if everything else entry.chains[:_SHOWN]
    for chain in shown:
        lines += [f"{'  ' * (depth + 1)}{_link_text(link)}" for depth, link in enumerate(chain)]
    rest = len(entry.chains) - len(shown)
    if rest:
        lines.append(f"  and {rest} more (-v lists all)")
    return [*lines, *(f"  {rule} of the project holds for it" for rule in entry.constraints)]


def _link_text(link: "Link") -> str:
    where = f" where {link.marker}" if link.marker else ""
    instead = " and ".join(f'"{text}"' for text in link.overrides)
    replaced = f", which an override of the project replaces by {instead}" if instead else ""
    return f"{link.requirer} requires {link.requirement}{where}{replaced}"


def _run_why_not(arguments: Namespace, console: Console) -> int:
    from locktool.cli.progress import ProgressLine
    from locktool.operations.options import RunOptions
    from locktool.operations.why_not import why_not

    options = RunOptions(**shared_options(arguments))
    progress = ProgressLine(console)
    name, versions = arguments.package
    # The counters of a run begin with the resolution, and the pages of the package are read before it.
    console.progress(f"asking which versions of {name} there are")
    outcome = why_not(arguments.project, name, versions, options, progress=progress, script=arguments.script)
    if console.json:
        console.result_json(_as_json(outcome))
    else:
        console.result("\n".join(_lines(outcome, console)))
    return 0


def _lines(outcome: "WhyNot", console: Console) -> list[str]:
    from locktool.cli.summary import diff_lines

    title = f"{outcome.name} {outcome.version}" if outcome.version else f"{outcome.name}{outcome.specifier or ''}"
    instead = f"the lock has {', '.join(outcome.locked)}" if outcome.locked else "the lock has no version of it"
    if outcome.partly:
        instead = f"the lock has it in some environments, in others {', '.join(outcome.locked)}"
    advice = [f"  -> {outcome.advice}"] if outcome.advice else []
    match outcome.verdict:
        case "locked":
            says = f"`locktool why {outcome.name}` says who requires it"
            which = "" if outcome.version else f" as {' and '.join(outcome.locked)}"
            return [f"{title} is locked{which}: nothing holds it back ({says})"]
        case "elsewhere":
            return [f"{outcome.name} comes from {outcome.origin}: versions of an index do not matter.", *advice]
        case "excluded":
            return [f"{title} is left out by {' and '.join(map(str, outcome.rules))} of the project.", *advice]
        case "absent":
            return [f"{title} does not exist ({instead}):", *_reason_lines(outcome)]
        case "impossible":
            changes = [] if outcome.impossible.suggestions else advice
            return [f"{title} is held back ({instead}):", *_reason_lines(outcome), *changes]
    return [*_possible_lines(outcome, title, instead, diff_lines(outcome.moves, console)), *advice]


def _possible_lines(outcome: "WhyNot", title: str, instead: str, moves: list[str]) -> list[str]:
    reasons = _reason_lines(outcome)
    if reasons:
        return [f"{title} is possible, but other packages move back ({instead}):", *moves, "because", *reasons]
    if moves:
        return [f"Nothing holds {title} back ({instead}). These move with it:", *moves]
    return [f"Nothing holds {title} back ({instead})."]


def _reason_lines(outcome: "WhyNot") -> list[str]:
    error = outcome.impossible
    if error is None:
        return []
    where = [f"  where {error.environment}:"] if error.environment else []
    lines = [*where, *(f"  {fact}" for fact in error.facts)]
    if outcome.verdict in ("impossible", "absent"):
        lines += [f"hint: {hint}" for hint in error.hints or ()]
        lines += [f"  -> {suggestion['text']}" for suggestion in error.suggestions or ()]
    return lines


def _as_json(outcome: "WhyNot") -> dict[str, Any]:
    from locktool.cli.summary import diff_as_json

    error = outcome.impossible
    return {
        "name": outcome.name,
        "version": outcome.version,
        "specifier": outcome.specifier,
        "locked": list(outcome.locked),
        "verdict": outcome.verdict,
        "partly": outcome.partly,
        "rules": [rule._asdict() for rule in outcome.rules],
        "origin": outcome.origin and outcome.origin._asdict(),
        "moves": diff_as_json(outcome.moves),
        "advice": outcome.advice,
        "because": error and {name: value for name, value in error.fields.items() if name != "explanation"},
    }
