"""Measuring a policy on games it has not seen, and the report of it."""
