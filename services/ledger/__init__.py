"""`zhida ledger`: what is asked of the books from a terminal."""
