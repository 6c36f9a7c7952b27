"""SGF: from the bytes of a game to a GameRecord, and back."""
