"""One day lived through the three services in one process: 24 February 2020 from roster files to money."""

from services.demo.parts import databases_on, running_parts
from services.demo.run import run_demo

__all__ = ["databases_on", "run_demo", "running_parts"]
