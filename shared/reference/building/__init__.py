"""Knows how the reference tables are made from their sources; nothing here is needed at run time."""

Row = dict[str, str | int]
"""One row of a table to be written, by heading."""
