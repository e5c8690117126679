"""Reads files of rules: a YAML document that knows its lines, and the dated versions in it. Knows nothing of what a rule says."""
