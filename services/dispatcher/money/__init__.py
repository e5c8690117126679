"""What a trip costs, whom it costs, and what has been reserved, settled and released; knows nothing of planning."""
