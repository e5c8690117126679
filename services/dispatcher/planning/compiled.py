"""Knows how the planner's searches are compiled: once a machine, and for speed.

numba counts at each call who holds which array: for a fleet's two dozen arrays that is half a microsecond, more than most of the functions
take that are called. One that makes no array of its own needs no count. numba has no public name for going without; its version is
pinned, and one without this name would fail at once.
"""

from numba import njit

compiled = njit(cache=True, _nrt=False)  # type: ignore[call-overload]
"""For functions that make no arrays: they write to those that they are given."""
