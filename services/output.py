"""Standard output for the commands' tables."""

from rich.console import Console


def open_output(width: int) -> Console:
    """As wide as the terminal; so many columns where it is a file or a pipe."""
    out = Console()
    return out if out.is_terminal else Console(width=width)
