"""Knows how the reference tables are made from their sources; nothing here is needed at run time."""
