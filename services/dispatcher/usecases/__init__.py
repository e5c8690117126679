"""What the dispatcher does: each use case is one transaction of state, ledger and outbox."""

SOURCE = "dispatcher"
"""Who tells the events that these use cases emit."""
