"""The game table: Parquet files of games, how they are built, checked, split and exported."""
