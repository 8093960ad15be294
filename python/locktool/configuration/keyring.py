"""Asks the keyring program for passwords: `keyring get SERVICE USER`, as pip does with its provider "subprocess".

It is started when a run needs a server, for users that are named without a password. `keyring-provider` of the
machine's settings, else of pip's, may say `disabled`; whatever else pip knows (`auto`, `import`, `subprocess`) means
the program, if there is one.
"""

from __future__ import annotations

# What type checkers set; `typing` itself is not loaded: every lock reads these settings.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

# A keyring may wait for a person who unlocks it.
_TIMEOUT_SECONDS = 120


def asks_keyring(machine: Mapping[str, Any], of_pip: str | None) -> bool:
    """Whether the keyring program may be asked: as the machine's settings say, else those of pip."""
    return (machine.get("keyring-provider") or of_pip or "auto").strip().lower() != "disabled"


def password_of(service: str, user: str) -> str | None:
    """The password of a user for the address or the host of an index; None where no program knows one."""
    import shutil
    import subprocess

    program = shutil.which("keyring")
    if program is None:
        return None
    try:
        finished = subprocess.run(
            [program, "get", service, user],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if finished.returncode != 0:
        return None
    try:
        return finished.stdout.decode("utf-8").rstrip("\r\n") or None
    except UnicodeDecodeError:
        return None
