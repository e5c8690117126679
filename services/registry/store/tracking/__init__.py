"""Rows of monthly tracking; every question asked for a caller is narrowed to their area or their list in the SQL."""
