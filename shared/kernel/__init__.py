"""Values every room shares: money, time, places, ids, errors. No input or output, no framework."""
