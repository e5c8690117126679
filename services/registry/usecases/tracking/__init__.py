"""Monthly tracking: files that arrivals open, each month's tasks, what the helpers record, and whose list is whose."""
