"""Monthly tracking: what a try found, when it was due, who is late and since when; pure, knows no person."""
