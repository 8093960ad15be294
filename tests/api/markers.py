"""Calculates with markers, versions and specifiers, and with those of `packaging`."""

import packaging.markers
import packaging.specifiers
import packaging.version

from locktool import LocktoolError, Marker, MarkerEnvironment, SpecifierSet, Version, normalize_name

windows = Marker("sys_platform == 'win32'")
old = packaging.markers.Marker("python_version < '3.12'")
print(windows & old, windows.implies("os_name == 'nt'"), (windows | ~windows).is_true())
environment = MarkerEnvironment.for_target("3.12", "windows")
print(windows.evaluate(environment), old.evaluate(environment), environment.python_version)
print(SpecifierSet(">=1").contains(packaging.version.Version("1.5")))
print(SpecifierSet(">=2").is_subset(packaging.specifiers.SpecifierSet(">=1")), normalize_name("A_b"))
version = Version("1.5")
try:
    packaging.specifiers.SpecifierSet(">=1").contains(version)  # type: ignore[arg-type]
except LocktoolError as error:
    print(error.code, packaging.specifiers.SpecifierSet(">=1").contains(str(version)))
