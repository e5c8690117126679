"""What the planner does: it queues what it is asked, and works the queue off."""

SOURCE = "planner"
"""Who tells the events that these use cases emit."""
