"""Walks a lock from the project down to the last package, and from there back up."""

from locktool import Lock

lock = Lock.read()
below = lock.dependencies()
seen: list[str] = []
while below:
    print(*(f"{edge.requirer} -> {edge.requirement} [{edge.marker or ''}]" for edge in below), sep="\n")
    names = [edge.name for edge in below if edge.name not in seen]
    seen += dict.fromkeys(names)
    below = tuple(edge for name in dict.fromkeys(names) for edge in lock.dependencies(name))
above = [seen[-1]]
for name in above:
    above += [str(edge.requirer.name) for edge in lock.dependents(name) if edge.requirer.member is None]
print(" < ".join(above))
