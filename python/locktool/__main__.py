"""`python -m locktool` is the `locktool` command."""

import sys

from locktool.cli import main

if __name__ == "__main__":
    sys.exit(main())
