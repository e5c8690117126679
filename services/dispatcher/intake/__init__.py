"""Reads the files in which a season's terms come: fleet, tariffs, policies."""
