"""Evaluation of a policy on held-out games, and its reports."""
