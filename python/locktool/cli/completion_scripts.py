"""Writes what a parser takes as the completion script of a shell.

In: each command with its options and words. Out: a script that needs nothing but the shell. Values that only a person
or an index knows (names, addresses, versions) are not completed; where a file is meant, files are.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple


class CompletedOption(NamedTuple):
    """An option: its flags, and what its value is, if it takes one.

    `kind` is "file", "directory" or "text"; `choices` are the values where only some are valid.
    """

    flags: tuple[str, ...]
    summary: str
    takes_value: bool
    choices: tuple[str, ...] = ()
    kind: str = "text"


class CompletedCommand(NamedTuple):
    """A command; `words` are those that may stand without a flag, beside files where `takes_files`."""

    name: str
    summary: str
    options: tuple[CompletedOption, ...]
    words: tuple[str, ...] = ()
    takes_files: bool = False


_BASH = """\
# Completions of locktool for bash.
_locktool() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD - 1]}}" command="" words="" kind=""
  local -i index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "${{COMP_WORDS[index]}}" in
      {names}) command="${{COMP_WORDS[index]}}"; break ;;
    esac
  done
  case "$command $previous" in
{values}
    *)
      case "$command" in
{commands}
        *) words="{all_names} --help --version" ;;
      esac
      if [[ $current == -* || -z $command ]]; then kind="words"; fi
      ;;
  esac
  local IFS=$' \\t\\n'
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  IFS=$'\\n'
  case "$kind" in
    file) COMPREPLY+=($(compgen -f -- "$current")) ;;
    directory) COMPREPLY+=($(compgen -d -- "$current")) ;;
  esac
}}
complete -o filenames -F _locktool locktool
"""


def bash_script(commands: Sequence[CompletedCommand]) -> str:
    """A function for `complete`; it runs in bash 3.2 too, which macOS has."""
    values, lines = [], []
    for command in commands:
        for option in command.options:
            if option.takes_value:
                cases = "|".join(f'"{command.name} {flag}"' for flag in option.flags)
                kind = "words" if option.choices else option.kind
                values.append(f'    {cases}) words="{" ".join(option.choices)}" kind="{kind}" ;;')
        flags = [flag for option in command.options for flag in option.flags]
        kind = "file" if command.takes_files else "words"
        lines.append(f'        {command.name}) words="{" ".join((*command.words, *flags))}" kind="{kind}" ;;')
    names = [command.name for command in commands]
    return _BASH.format(
        names="|".join(names), all_names=" ".join(names), values="\n".join(values), commands="\n".join(lines)
    )


_ZSH = """\
#compdef locktool
# Completions of locktool for zsh.
_locktool() {{
  local curcontext="$curcontext" state
  local -a commands
  commands=(
{names}
  )
  _arguments -C '(- *)'{{-h,--help}}'[show help]' '(- *)'{{-V,--version}}'[show the version]' \\
    '1: :->command' '*:: :->arguments' && return
  case "$state" in
    command) _describe -t commands command commands ;;
    arguments)
      case "$words[1]" in
{commands}
      esac
      ;;
  esac
}}
compdef _locktool locktool
"""


def zsh_script(commands: Sequence[CompletedCommand]) -> str:
    """A function for `compdef`, with the summary of each command and option."""
    names = [f"    {_single_quoted(f'{command.name}:{command.summary}')}" for command in commands]
    return _ZSH.format(names="\n".join(names), commands="\n".join(map(_zsh_command, commands)))


def _zsh_command(command: CompletedCommand) -> str:
    specs = [_single_quoted(_zsh_option(option, flag)) for option in command.options for flag in option.flags]
    actions = [f"words:({' '.join(command.words)})"] if command.words else []
    actions += ["file:_files"] if command.takes_files else []
    specs += [_single_quoted(f"*:{action}") for action in actions[:1]]
    listed = " \\\n            ".join(specs)
    return f"        {command.name})\n          _arguments \\\n            {listed}\n          ;;"


def _zsh_option(option: CompletedOption, flag: str) -> str:
    summary = option.summary.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")
    if not option.takes_value:
        return f"*{flag}[{summary}]"
    action = {"file": "_files", "directory": "_files -/", "text": " "}[option.kind]
    value = f"({' '.join(option.choices)})" if option.choices else action
    return f"*{flag}{'=' if flag.startswith('--') else '+'}[{summary}]:value:{value}"


def fish_script(commands: Sequence[CompletedCommand]) -> str:
    """A line for each command and option."""
    names = " ".join(command.name for command in commands)
    first = f"not __fish_seen_subcommand_from {names}"
    lines = ["# Completions of locktool for fish.", "complete -c locktool -f"]
    lines += [f"complete -c locktool -n '{first}' -s h -l help -d 'show help'"]
    lines += [f"complete -c locktool -n '{first}' -s V -l version -d 'show the version'"]
    for command in commands:
        lines.append(
            f"complete -c locktool -n '{first}' -a {command.name} -d {_fish_quoted(command.summary)}",
        )
        here = f"complete -c locktool -n '__fish_seen_subcommand_from {command.name}'"
        lines += [f"{here} {_fish_option(option)}" for option in command.options]
        lines += [f"{here} -a '{' '.join(command.words)}'"] if command.words else []
        lines += [f"{here} -F"] if command.takes_files else []
    return "\n".join(lines) + "\n"


def _fish_option(option: CompletedOption) -> str:
    flags = [f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags]
    if option.choices:
        flags.append(f"-x -a '{' '.join(option.choices)}'")
    elif option.takes_value:
        value = {"file": "-r -F", "directory": "-x -a '(__fish_complete_directories)'", "text": "-x"}
        flags.append(value[option.kind])
    return f"{' '.join(flags)} -d {_fish_quoted(option.summary)}"


_POWERSHELL = """\
# Completions of locktool for PowerShell.
Register-ArgumentCompleter -Native -CommandName locktool -ScriptBlock {{
  param($word, $ast, $position)
  $commands = [ordered]@{{
{names}
  }}
  $options = @{{
{options}
  }}
  $values = @{{
{values}
  }}
  $before = @($ast.CommandElements | Where-Object {{ $_.Extent.EndOffset -lt $position }} | ForEach-Object {{ "$_" }})
  $command = $before | Select-Object -Skip 1 | Where-Object {{ $commands.Contains($_) }} | Select-Object -First 1
  $found = if (-not $command) {{ $commands }}
    elseif ($values.ContainsKey("$command $($before[-1])")) {{ $values["$command $($before[-1])"] }}
    else {{ $options[$command] }}
  $found.GetEnumerator() | Where-Object {{ $_.Key -like "$word*" }} | ForEach-Object {{
    [System.Management.Automation.CompletionResult]::new($_.Key, $_.Key, 'ParameterValue', $_.Value)
  }}
}}
"""


def powershell_script(commands: Sequence[CompletedCommand]) -> str:
    """A native completer; where it has no word, PowerShell completes files."""
    options, values = [], []
    for command in commands:
        rows = [(flag, option.summary) for option in command.options for flag in option.flags]
        rows += [(word, word) for word in command.words]
        options.append(f"    '{command.name}' = {_powershell_table(rows)}")
        for option in command.options:
            table = _powershell_table([(choice, option.summary) for choice in option.choices])
            values += [f"    '{command.name} {flag}' = {table}" for flag in option.flags if option.choices]
    names = [f"    {_powershell_quoted(command.name)} = {_powershell_quoted(command.summary)}" for command in commands]
    return _POWERSHELL.format(names="\n".join(names), options="\n".join(options), values="\n".join(values))


def _powershell_table(rows: Sequence[tuple[str, str]]) -> str:
    """An ordered table; keys of PowerShell do not tell `-U` from `-u`, so the first of them stays."""
    known: dict[str, str] = {}
    for key, text in rows:
        if key.lower() not in map(str.lower, known):
            known[key] = text
    return (
        f"[ordered]@{{ {'; '.join(f'{_powershell_quoted(k)} = {_powershell_quoted(v)}' for k, v in known.items())} }}"
    )


def _single_quoted(text: str) -> str:
    """A word of a POSIX shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _powershell_quoted(text: str) -> str:
    # Typographic quotes end a text of PowerShell too; the summaries have none.
    return "'" + text.replace("'", "''") + "'"


SCRIPTS: dict[str, Callable[[Sequence[CompletedCommand]], str]] = {
    "bash": bash_script,
    "zsh": zsh_script,
    "fish": fish_script,
    "powershell": powershell_script,
}
