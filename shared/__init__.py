"""What the three services have in common; knows no service."""

from typing import Final

VERSION: Final = "0.1.0"
"""Of the whole product; pyproject.toml reads it here, since an image holds the code without its packaging."""
