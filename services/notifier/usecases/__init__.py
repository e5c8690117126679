"""What the notifier does, one transaction each: state and events together, or neither."""

SOURCE = "notifier"
"""Who tells our events."""
