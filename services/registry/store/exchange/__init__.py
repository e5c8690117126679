"""Reads and writes what is exchanged with the provincial system; every question for a caller is narrowed to their area in the SQL."""
