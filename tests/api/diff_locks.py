"""Locks a project before and after a change, and says what moved."""

import sys

from locktool import Lock, RunOptions, diff, edit, lock

options = RunOptions(index_url=sys.argv[1])
before = Lock.read()
edit.add("extra-package")
edit.add("old<2")
planned = lock(options=options, dry_run=True)
changes = diff(before, planned.lock)
print(*(change.name for change in changes.added), "added")
print(*(f"{change.name} {change.before} -> {change.after}" for change in changes.moved))
print(planned.changed, planned.written, bool(diff(before, "pylock.toml")))
