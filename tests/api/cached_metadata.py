"""Reads what the cache knows of a package after a run, without asking the network."""

import sys

from locktool import CacheReader, RunOptions, resolve

cache = CacheReader("cache")
print(list(cache), cache.packages("app"))
resolve(["app"], python=">=3.11", index=sys.argv[1], options=RunOptions(cache_dir=cache.directory))
(app,) = cache.packages("APP")
for release in app.releases:
    metadata = release.metadata
    print(release.version, [file.name for file in release.files], metadata.requires if metadata else None)
print(sorted(package.name for package in cache))
