"""The GTP engine: protocol, session, clock and commands."""
