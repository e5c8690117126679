"""Sends a file to be kept under its name, in whatever script that is."""

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ANY: Final = "application/octet-stream"


def attachment(name: str, content: bytes, media: str = _ANY) -> Response:
    """The file as an answer that a browser keeps and never opens in its window."""
    return Response(content, media_type=media, headers=_kept_as(name))


def attachment_in_pieces(name: str, pieces: Iterator[bytes], media: str = _ANY) -> StreamingResponse:
    """The same of a file that is made while it is sent."""
    return StreamingResponse(pieces, media_type=media, headers=_kept_as(name))


def _kept_as(name: str) -> Mapping[str, str]:
    """RFC 6266: a name of plain signs as it is, any other encoded; what every browser of today reads."""
    plain = quote(name, safe="")
    named = f'filename="{name}"' if plain == name else f"filename*=UTF-8''{plain}"
    return {"Content-Disposition": f"attachment; {named}"}
