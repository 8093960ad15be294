"""Does a lock answer its project? Asked of `packaging`, environment by environment, with nothing of locktool's.

`violations` is given the releases that were published, the project's own requirements and the lock as a plain document;
a list of sentences says what does not hold, and an empty list is a proof for the environments that were tried.
`refutations` is given only the files of the project and the lock, as the check is: it is a second implementation of the
check's proof.
"""

from lock_oracle.environments import Environment, environments_for, linux_environment
from lock_oracle.evaluation import ProjectRequirements, Selection, selections_for, violations
from lock_oracle.project import read_project
from lock_oracle.proof import refutations

__all__ = [
    "Environment",
    "ProjectRequirements",
    "Selection",
    "environments_for",
    "linux_environment",
    "read_project",
    "refutations",
    "selections_for",
    "violations",
]
