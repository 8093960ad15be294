"""Does a lock answer its project? Asked of `packaging`, environment by environment, with nothing of locktool's.

In: the releases that were published, the project's own requirements and the lock as a plain document. Out: a list of
sentences, one for each thing that does not hold; an empty list is a proof for the environments that were tried.
"""

from lock_oracle.environments import Environment, environments_for, linux_environment
from lock_oracle.evaluation import ProjectRequirements, Selection, selections_for, violations

__all__ = [
    "Environment",
    "ProjectRequirements",
    "Selection",
    "environments_for",
    "linux_environment",
    "selections_for",
    "violations",
]
