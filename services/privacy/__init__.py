"""`zhida vault` and `zhida retention`: what is done with the registry's keys and ages from a terminal."""
