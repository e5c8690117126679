"""Knows how to invent a season as bureaus, enterprises and carriers would send it; keeps nothing, runs no service.

Real: counties, townships, towns, zones, headings, the published marginals. Assumed: what the modules say so
of. Invented: every person, enterprise and carrier.
"""

from services.sample.write import SampleSummary, write_sample

__all__ = ["SampleSummary", "write_sample"]
