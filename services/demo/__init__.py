"""One day lived through the three services in one process, 24 February 2020 from roster files to money, or the year after it."""

from services.demo.parts import databases_on, running_parts
from services.demo.run import run_demo, run_year

__all__ = ["databases_on", "run_demo", "run_year", "running_parts"]
