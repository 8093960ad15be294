"""What a run calls from time to time with how far it is: a `ProgressSnapshot` of the extension."""

from collections.abc import Callable
from typing import Any, TypeAlias

Progress: TypeAlias = Callable[[Any], None]
