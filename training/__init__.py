"""Training: the loop that every task shares, and its parts."""
