"""What a trip costs whom, and by which notice; the books of it, and the claims on it; knows nothing of planning."""
