"""What a worker's case is, which ways it may go, and by which day something must have happened; refuses to know whose it is."""
