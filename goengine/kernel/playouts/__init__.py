"""Compiled playouts: whole games of fast moves, and what they say of the endgame."""
