"""Tells what a file is from its bytes; refuses to believe its name."""

import io
import zipfile
from typing import BinaryIO, Literal

from services.registry.intake.errors import FileDamaged, FileEmpty, FileEncrypted, WrongFileType

Kind = Literal["xlsx", "csv"]
_HEAD_BYTES = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "PDF 文件", "a PDF"),
    (b"\xff\xd8\xff", "图片", "a picture"),
    (b"\x89PNG", "图片", "a picture"),
    (b"GIF8", "图片", "a picture"),
    (b"BM", "图片", "a picture"),
    (b"Rar!", "压缩包", "a RAR archive"),
    (b"7z\xbc\xaf", "压缩包", "a 7-Zip archive"),
    (b"\x1f\x8b", "压缩包", "a gzip archive"),
    (b"{\\rtf", "RTF 文档", "an RTF document"),
    (b"<!DOCTYPE", "网页", "a web page"),
    (b"<html", "网页", "a web page"),
    (b"<?xml", "XML 文件", "an XML file"),
)
_MEMBERS: tuple[tuple[str, str, str], ...] = (
    ("word/", "Word 文档", "a Word document"),
    ("ppt/", "PowerPoint 文稿", "a PowerPoint file"),
    ("xl/workbook.bin", "二进制工作簿（.xlsb）", "a binary workbook (.xlsb)"),
    ("content.xml", "OpenDocument 文件", "an OpenDocument file"),
)


def kind_of(content: bytes, file: str) -> Kind:
    """What to read the file as. Raises FileEmpty, FileEncrypted, WrongFileType, FileDamaged."""
    if not content.strip(b"\x00 \r\n\t"):
        raise FileEmpty(file=file)
    if content.startswith(_OLE):
        raise _ole_error(content, file)
    if content.startswith(b"PK"):
        return _kind_of_zip(io.BytesIO(content), file)
    for sign, zh, en in _SIGNS:
        if content[:64].lstrip().upper().startswith(sign.upper()):
            raise WrongFileType(file=file, found_zh=zh, found_en=en)
    if b"\x00" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise WrongFileType(
            file=file, found_zh="无法识别的二进制文件", found_en="a binary file of an unknown kind"
        )
    return "csv"


def kind_of_stream(content: BinaryIO, file: str) -> Kind:
    """`kind_of` for a file that is too large to be held at once."""
    content.seek(0)
    head = content.read(_HEAD_BYTES)
    if head.startswith(_OLE):
        raise _ole_error(head + content.read(_HEAD_BYTES), file)
    return _kind_of_zip(content, file) if head.startswith(b"PK") else kind_of(head, file)


def _ole_error(content: bytes, file: str) -> FileEncrypted | WrongFileType:
    """An OLE container is a workbook with a password (MS-OFFCRYPTO) or one of the formats before 2007."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return FileEncrypted(file=file)
    return WrongFileType(
        file=file, found_zh="旧版 Office 文件（.xls 或 .doc）", found_en="a file of old Office (.xls or .doc)"
    )


def _kind_of_zip(content: BinaryIO, file: str) -> Kind:
    try:
        with zipfile.ZipFile(content) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise FileDamaged(file=file, reason=type(error).__name__) from error
    for start, zh, en in _MEMBERS:
        if any(name.startswith(start) for name in names):
            raise WrongFileType(file=file, found_zh=zh, found_en=en)
    if "xl/workbook.xml" not in names:
        raise WrongFileType(file=file, found_zh="压缩包", found_en="a ZIP archive")
    return "xlsx"
