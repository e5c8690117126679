"""Knows how an entry goes into an archive so that the same content gives the same bytes."""

from zipfile import ZipFile, ZipInfo

_BEFORE_ALL = (1980, 1, 1, 0, 0, 0)
"""The first instant that a ZIP can name."""
_UNIX = 3


def add(archive: ZipFile, name: str, content: bytes, compression: int) -> None:
    """Adds a file without time, owner or system; a Chinese name is marked as UTF-8, as Windows Explorer needs it."""
    info = ZipInfo(name, _BEFORE_ALL)
    info.create_system, info.external_attr = _UNIX, 0o644 << 16
    info.compress_type = compression
    archive.writestr(info, content)
