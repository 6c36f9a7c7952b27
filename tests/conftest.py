"""Settings of all tests."""

import signal

from hypothesis import settings

# The first example of a property may have to wait for numba to compile.
settings.register_profile("goengine", deadline=None)
settings.load_profile("goengine")

# A shell that starts the tests in the background lets them ignore Ctrl-C, and all processes that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
