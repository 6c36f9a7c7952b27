"""Random numbers in compiled code: a state of one word, uint64 [1]."""

import numpy as np

from goengine.util.jit import inline


@inline
def mixed(x):
    """A well-mixed seed that is not zero (splitmix64, Steele, Lea and Flood 2014)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (x ^ (x >> np.uint64(31))) | np.uint64(1)


@inline
def draw(state):
    """32 random bits as int64 (xorshift64*, Vigna 2016)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return np.int64((x * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(32))


@inline
def below(state, n):
    """A random number from 0 to n - 1."""
    return (draw(state) * n) >> 32
