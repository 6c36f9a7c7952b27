"""Run the command `goengine` as `python -m goengine`."""

from goengine.cli import main

main()
