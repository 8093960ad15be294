"""What the command line, the environment and the configuration of pip say of package indexes."""
