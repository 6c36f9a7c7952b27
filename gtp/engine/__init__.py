"""The GTP engine: protocol, session, clock, analysis and commands."""
