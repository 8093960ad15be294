"""Lists what a lock installs, on a grid of environments and choices; `packaging` selects the same."""

import itertools
import tomllib
from dataclasses import replace
from typing import cast

from packaging.markers import Environment
from packaging.pylock import Pylock
from packaging.tags import sys_tags

from locktool import Lock, MarkerEnvironment

lock, tags = Lock.read(), list(sys_tags())
pylock = Pylock.from_dict(tomllib.loads(lock.text))
grid = itertools.product(("3.11", "3.12", "3.14"), ("linux", "windows", "macos"), ((), ("fast",)), (None, (), ("dev",)))
for python, platform, extras, groups in grid:
    environment = replace(MarkerEnvironment.for_target(python, platform), tags=tuple(map(str, tags)))
    ours = [(one.name, one.version) for one in lock.select(environment, extras=extras, groups=groups)]
    fields = cast("Environment", environment)
    theirs = pylock.select(environment=fields, tags=tags, extras=extras, dependency_groups=groups)
    assert ours == [(package.name, str(package.version)) for package, _ in theirs]
    if (python, groups) == ("3.12", ("dev",)):
        print(platform, extras, *(name for name, _ in ours))
