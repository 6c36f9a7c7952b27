"""What a game table holds: figures, charts and a report."""
