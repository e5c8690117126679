"""The books: append-only double entry in integer fen, chained by digests, and an audit with code of its own."""
