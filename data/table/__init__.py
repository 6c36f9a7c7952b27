"""The game table: a Parquet dataset of games, and how it is built, checked, split and exported."""
