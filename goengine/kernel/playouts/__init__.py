"""Compiled playouts: fast games from a position to its end, and endgame estimates from them."""
