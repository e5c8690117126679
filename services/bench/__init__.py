"""Measures Zhida on the machine at hand, beside what the machine itself can do; proves no behaviour, keeps nothing.

Every figure comes out of the run that prints it: the services' own parts on real PostgreSQL and Apache Kafka.
"""

from services.bench.figures import Figures
from services.bench.report import print_figures
from services.bench.run import Extent, measure

__all__ = ["Extent", "Figures", "measure", "print_figures"]
