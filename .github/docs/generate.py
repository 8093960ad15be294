"""Writes what the documentation takes from the code, and the outputs of its examples.

    python .github/docs/generate.py            write all of it
    python .github/docs/generate.py --check    say what would be written, and exit with 1 if that is anything

Run it with the Python that has locktool installed, which has to be 3.11 on Linux: examples show what that prints.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2] / "tests")]

from documentation.pages import outdated, write  # noqa: E402 - found by the line above
from documentation.sessions import RUNS_HERE  # noqa: E402 - the same


def main(arguments: list[str]) -> int:
    """Write, or compare."""
    if not RUNS_HERE:
        sys.stdout.write("examples show what Python 3.11 prints on Linux\n")
        return 2
    changed = outdated()
    if arguments == ["--check"]:
        sys.stdout.writelines(f"{name} differs from the code\n" for name in sorted(changed))
        return bool(changed)
    write(changed)
    sys.stdout.writelines(f"wrote {name}\n" for name in sorted(changed))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
