"""Measures a province's season from requests to certified plans; proves no behaviour, keeps nothing.

A job is a day of a home prefecture: its pools share the prefecture's coaches and are planned one after the other, largest first,
each with the coaches that are left, as in a round of the service. Jobs know nothing of each other.
"""
