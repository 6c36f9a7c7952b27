"""Settings of all tests."""

from hypothesis import settings

# The first example of a property may have to wait for numba to compile.
settings.register_profile("goengine", deadline=None)
settings.load_profile("goengine")
