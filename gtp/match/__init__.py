"""Matches between GTP engines: games, openings, records and statistics."""
