"""Measures the people of a province: their import, the indicator of households at any date, and a month's tasks; runs no service."""
