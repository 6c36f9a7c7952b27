"""SGF: from a file's bytes to game records."""
