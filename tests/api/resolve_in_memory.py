"""Resolves requirements without a project, for this Python and for several."""

import sys

from locktool import MarkerEnvironment, ResolutionImpossible, resolve

index = sys.argv[1]
here = resolve(["app", "old<2"], index=index)
print(*(f"{package.name}=={package.version}" for package in here.packages))
universal = resolve(["app"], python=">=3.11", index=index)
print(*(f"{package.name} ({package.marker or 'everywhere'})" for package in universal.packages))
windows = resolve(["app"], python=MarkerEnvironment.for_target("3.12", "windows"), index=index)
print(*(package.name for package in windows.packages))
try:
    resolve("app", index=index)
except TypeError as error:
    print(error)
try:
    resolve(["old>=3"], index=index)
except ResolutionImpossible as error:
    print(error.code, error.facts[0])
