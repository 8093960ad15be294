"""What other tools left beside a project: the versions that they locked, and the tables of Poetry."""
