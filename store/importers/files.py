"""What a file is, by its content: a Parquet file, a workbook, or text in some encoding. Names and extensions lie."""

import codecs
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from store.errors import UserError
from store.importers.caps import CAPS, Caps, over

PARQUET, WORKBOOK, TEXT = "Parquet", "workbook", "text"
HEAD = 65_536  # bytes, or characters
HEAD_CONTROLS = 0.1  # the share of control characters that a text of Unicode may begin with

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


def recognise(path: Path, caps: Caps = CAPS) -> Kind:
    """UserError where the file cannot be read, is empty or too large, or is no table."""
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            raise UserError(f"{path} is a folder: name the files in it.")
        if not stat.S_ISREG(about.st_mode):  # it may never end, and is read more than once
            raise UserError(f"{path} is no plain file: save what it gives to one, and import that.")
        with path.open("rb") as handle:
            head = handle.read(HEAD)
    except FileNotFoundError:
        raise UserError(f"{path} does not exist.") from None
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL character
        raise UserError(f"{path} cannot be read: {getattr(error, 'strerror', error)}.") from error
    if about.st_size > caps.file:
        raise over(str(path), "file", caps)
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
        return Kind(WORKBOOK)  # or another archive, which its reader finds out
    return Kind(TEXT, _encoding(path, head))


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
        if encoding == "cp1252":
            _refuse_mixed(path)
        if _decodes(path, encoding):
            return encoding
    raise UserError(f"{path} is not a table: it is neither {_TABLES} nor text in UTF-8, UTF-16 or Windows-1252.")


def _candidates(head: bytes) -> tuple[str, ...]:
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return (encoding,)
    if head.count(0) * 20 > len(head):  # text has no zero bytes, unless they are the upper halves of UTF-16
        return ("utf-16-le",) if head[1:400:2].count(0) > head[0:400:2].count(0) else ("utf-16-be",)
    return ("utf-8", "cp1252")


def _decodes(path: Path, encoding: str) -> bool:
    """Whether all of the file is text in that encoding, its beginning without the control characters of binary files.

    Some stray ones do come in texts of Unicode, whose bytes hardly come about by chance.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for number, chunk in enumerate(_chunks(path)):
            text = decoder.decode(chunk)
            if number == 0 and _controls(text[:HEAD]) > (0 if encoding == "cp1252" else HEAD_CONTROLS):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _controls(text: str) -> float:
    """The share of control characters, line ends and tabs aside."""
    return sum(ch < " " and ch not in "\t\r\n\f\v" for ch in text) / max(len(text), 1)


_ESCAPED = "\udc80-\udcff"  # how bytes that are not UTF-8 are shown by "surrogateescape"
_BROKEN = re.compile(f"[{_ESCAPED}]")
_WIDE = re.compile(f"[^\x00-\x7f{_ESCAPED}]")
_HALF = re.compile(r"\udced[\udca0-\udcbf][\udc80-\udcbf]")  # half a character of UTF-16, written as UTF-8


def _refuse_mixed(path: Path) -> None:
    """UserError for UTF-8 with a few other bytes: as Windows-1252 all its accents would be read as two characters."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    wide = broken = line = 0
    first, half = 0, False
    for chunk in _chunks(path):
        text = decoder.decode(chunk)
        found = _BROKEN.search(text)
        if found and not first:
            first = 1 + line + text.count("\n", 0, found.start())
        line += text.count("\n")
        wide, broken = wide + len(_WIDE.findall(text)), broken + len(_BROKEN.findall(text))
        half = half or bool(_HALF.search(text))
    if wide > broken or half:
        said = "has bytes that are not UTF-8, as the rest of the file is"
        raise UserError(f"{path}, line {first}, {said}. Save all of it as UTF-8, and import it again.")
