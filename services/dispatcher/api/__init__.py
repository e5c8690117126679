"""HTTP for programs, under /api; people are request ids here."""
