"""Resolves on eight threads at once, with one cache; every answer is the same."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from locktool import Progress, Resolution, RunOptions, resolve

seen: list[Progress] = []


def run(_number: int) -> Resolution:
    options = RunOptions(cache_dir=Path("cache"))
    return resolve(["app"], python=">=3.11", index=sys.argv[1], options=options, progress=seen.append)


with ThreadPoolExecutor(8) as pool:
    locks = [resolution.lock for resolution in pool.map(run, range(8))]
print(len(locks), len(set(locks)), {lock.text for lock in locks} == {locks[0].text})
