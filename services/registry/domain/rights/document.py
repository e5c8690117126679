"""Knows which documents are taken with a case, by what they are and not by what they are called."""

from dataclasses import dataclass
from typing import Final

from shared.kernel.errors import Conflict, InvalidInput, TooLarge

BYTES_MAX: Final = 5_000_000
COUNT_MAX: Final = 12
NAME_MAX: Final = 120


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of file: its media type and the ending it is handed out with."""

    media: str
    suffix: str


_BEGINNINGS: Final = (
    (b"\xff\xd8\xff", DocumentKind("image/jpeg", ".jpg")),
    (b"\x89PNG\r\n\x1a\n", DocumentKind("image/png", ".png")),
    (b"%PDF-", DocumentKind("application/pdf", ".pdf")),
)
KINDS: Final = {kind.media: kind for _, kind in _BEGINNINGS}


class DocumentTooLarge(TooLarge):
    """A document has {size} bytes; {most} are taken. Photograph it again at a lower resolution, or divide it."""

    zh = "文件有 {size} 字节，最多 {most} 字节。请降低拍照分辨率或拆分后再传。"


class DocumentKindUnknown(InvalidInput):
    """A document is neither a photo (JPEG, PNG) nor a PDF. Photograph it, or save it as PDF."""

    zh = "文件不是照片（JPEG、PNG）也不是 PDF。请拍照或另存为 PDF 后再传。"


class DocumentsTooMany(Conflict):
    """A case takes {most} documents. Put several pages into one PDF."""

    zh = "每件案件最多 {most} 份材料。请把多页合并为一个 PDF。"


def check_document(content: bytes) -> DocumentKind:
    """What kind of file it is. Raises DocumentTooLarge, DocumentKindUnknown."""
    if len(content) > BYTES_MAX:
        raise DocumentTooLarge(size=len(content), most=BYTES_MAX)
    for beginning, kind in _BEGINNINGS:
        if content.startswith(beginning):
            return kind
    raise DocumentKindUnknown(field="file")


def check_count(count: int) -> None:
    """Whether a case may have so many documents. Raises DocumentsTooMany."""
    if count > COUNT_MAX:
        raise DocumentsTooMany(most=COUNT_MAX)
