"""Knows when two papers or plates have the same number, however it was typed."""

import unicodedata


def key_of(number: str) -> str:
    """Letters, digits and characters alone, in capitals: `贵a·12345` and `贵A 12345` are one plate."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", number).upper() if sign.isalnum())
