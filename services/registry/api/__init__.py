"""HTTP for programs: what a caller sends becomes a use case, what it answers is masked."""
