"""Pages for the labour bureau: send rosters, see them row by row, follow requests to their end."""
