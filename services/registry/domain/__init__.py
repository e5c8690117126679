"""The registry's rules, on plain values: no database, no file, no clock."""
