"""Pages for people: the dispatcher's board, a trip, its manifest, the ledger."""
