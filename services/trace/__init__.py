"""`zhida trace`: asks a running installation for a trace, and prints it; traces nothing itself."""

from services.trace.ask import ask
from services.trace.render import render

__all__ = ["ask", "render"]
