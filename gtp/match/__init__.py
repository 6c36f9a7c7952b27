"""Matches between GTP engines: the client, openings, records and statistics."""
