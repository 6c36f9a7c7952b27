"""The game: the board, rules, scoring, handicap, and the 48 planes a policy sees."""
