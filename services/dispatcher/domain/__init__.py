"""Knows the trade's rules on coaches, drivers and trips as pure values; knows no store, bus or clock."""
