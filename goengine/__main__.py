"""`python -m goengine` is the same as the command `goengine`."""

from goengine.cli import main

main()
