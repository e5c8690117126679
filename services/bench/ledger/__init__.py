"""The audit of a season's books, timed, and what it finds of what is changed in them."""
