"""The compiled core: rules, ladders, planes and replay on flat arrays.

Everything here takes arrays and gives arrays. Plain integers are int64 throughout and sets of points
are uint64 words, because numba turns a mix of the two into floating point.
"""
