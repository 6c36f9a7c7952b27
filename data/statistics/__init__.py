"""Statistics of a game table: counts, charts and a report."""
