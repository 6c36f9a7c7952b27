"""A player: choosing a move from a policy's probabilities, and when to pass or resign."""
