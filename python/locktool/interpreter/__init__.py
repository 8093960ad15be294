"""Which Python a run is for, its marker environment and the tags that it can install."""
