"""Compiled code on flat arrays: rules, ladders, planes, replay, many games in lockstep, playouts.

Functions take arrays and write into arrays. Plain integers are int64 and sets of points are uint64 words
everywhere, because numba turns a mix of the two into floating point.
"""
