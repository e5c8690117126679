"""What it takes to run Zhida; no service knows of it, and it is not in the wheel."""
