"""`python -m training ...` is `goengine train ...`, for launchers that start a module."""

import sys

from goengine.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "train")
    main()
