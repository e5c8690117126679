"""Why somebody may be shown in full, what is kept of people and for how long."""
