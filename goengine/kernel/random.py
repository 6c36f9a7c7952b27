"""Random numbers in compiled code. The state of a generator is one word, ``uint64 [1]``."""

import numpy as np

from goengine.util.jit import inline


@inline
def mixed(x):
    """Return a generator's state from a seed, well mixed and not 0 (splitmix64, Steele et al. 2014)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (x ^ (x >> np.uint64(31))) | np.uint64(1)


@inline
def draw(state):
    """Return 32 random bits as int64 (xorshift64*, Vigna 2016)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return np.int64((x * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(32))


@inline
def below(state, n):
    """Return a random number from 0 to n - 1."""
    return (draw(state) * n) >> 32
