"""Says why a package is locked, and what the lock says of one that is not."""

from locktool import Lock, LockError

lock = Lock.read()
for found in lock.why("Base"):
    print(found.package.name, found.package.version, found.marker)
    for chain in found.chains:
        print("  " + ", ".join(f"{link.requirer} requires {link.requirement}" for link in chain))
try:
    lock.why("bass")
except LockError as error:
    print(error.code, error.message)
