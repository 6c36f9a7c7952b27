"""Watching a run: progress, summaries, health and use of the machine."""
