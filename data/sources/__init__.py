"""Reading games from folders, SGF files and archives, and selecting among them."""
