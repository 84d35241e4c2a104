"""What a file is, by its content: a Parquet file, a workbook, or text in some encoding. Names and extensions lie."""

import codecs
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from store.errors import UserError

PARQUET, WORKBOOK, TEXT = "Parquet", "workbook", "text"

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_FOREIGN = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a gzip archive: unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive: unpack it first"),
    (b"Rar!", "a RAR archive: unpack it first"),
    (b"SQLite format 3", "an SQLite database"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_TABLES = "a CSV, XLSX or Parquet file"


@dataclass(frozen=True)
class Kind:
    """PARQUET, WORKBOOK or TEXT, the latter with its encoding."""

    what: str
    encoding: str = ""


def recognise(path: Path) -> Kind:
    """UserError where the file cannot be read, is empty, or is no table."""
    try:
        with path.open("rb") as handle:
            head = handle.read(65536)
    except IsADirectoryError:
        raise UserError(f"{path} is a folder: name the files in it.") from None
    except FileNotFoundError:
        raise UserError(f"{path} does not exist.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    if not head.strip():
        raise UserError(f"{path} is empty: {_TABLES} was expected.")
    return _recognise_content(path, head)


def _recognise_content(path: Path, head: bytes) -> Kind:
    for magic, what in _FOREIGN:
        if head.lstrip().lower().startswith(magic.lower()):
            raise UserError(f"{path} is {what}, not a table: {_TABLES} was expected.")
    if head.startswith(b"PAR1"):
        return Kind(PARQUET)
    if head.startswith(_OLE) and _holds(path, _ENCRYPTED):
        raise UserError(f"{path} is protected with a password: save it without one and import it again.")
    if head.startswith((b"PK\x03\x04", _OLE)):
        _refuse_other_archives(path)
        return Kind(WORKBOOK)
    return Kind(TEXT, _encoding(path, head))


def _refuse_other_archives(path: Path) -> None:
    """A workbook is a zip file too; so are documents, and archives of exports. A broken one is the reader's to name."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return
    if any(name.startswith("word/") for name in names):
        raise UserError(f"{path} is a text document, not a table: {_TABLES} was expected.")
    if not any(name.startswith("xl/") or name == "content.xml" for name in names):
        held = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
        raise UserError(f"{path} is a zip archive ({held}): unpack it first, then import the files in it.")


def _holds(path: Path, mark: bytes) -> bool:
    """Whether the bytes occur anywhere in the file (an encrypted workbook's directory stands at its end)."""
    tail = b""
    for chunk in _chunks(path):
        if mark in tail + chunk:
            return True
        tail = chunk[-len(mark) :]
    return False


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as handle:
        while chunk := handle.read(1 << 20):
            yield chunk


def _encoding(path: Path, head: bytes) -> str:
    for encoding in _candidates(head):
        if _decodes(path, encoding):
            return encoding
    raise UserError(f"{path} is not a table: it is neither {_TABLES} nor text in UTF-8, UTF-16 or Windows-1252.")


def _candidates(head: bytes) -> tuple[str, ...]:
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return (encoding,)
    if b"\0" in head:  # text has no zero bytes, unless they are the upper halves of UTF-16
        return ("utf-16-le",) if head[1:400:2].count(0) > head[0:400:2].count(0) else ("utf-16-be",)
    return ("utf-8", "cp1252")


def _decodes(path: Path, encoding: str) -> bool:
    """Whether all of the file is text in that encoding, without the control characters of binary files."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for number, chunk in enumerate(_chunks(path)):
            text = decoder.decode(chunk)
            if number == 0 and any(ch < " " and ch not in "\t\r\n\f\v" for ch in text[:65536]):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
