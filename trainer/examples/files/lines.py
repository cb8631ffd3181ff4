"""Opens a file of text, compressed or not, and gives its lines."""

from dataclasses import dataclass

from beam_jobs.errors import UserError
from beam_jobs.storage import DamagedFileError, open_stream
from beam_jobs.storage.decompress import COMPRESSED_ENDINGS, compression_ending, misnamed, open_decompressed

BYTE_ORDER_MARK = "\ufeff"
_OTHER_TEXT = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
_PACKED = ((b"\x1f\x8b", "gzip", ".gz"), (b"BZh", "bzip2", ".bz2"), (b"\x28\xb5\x2f\xfd", "Zstandard", ".zst"))


@dataclass(frozen=True)
class Lines:
    """The lines of a file, without their ends, and remarks about the file."""

    lines: list[str]
    remarks: tuple[str, ...]


def ending_of(uri: str) -> str:
    """The ending that tells the format, such as ".tsv" for "dev.TSV.gz"; "" if there is none."""
    name = uri[: len(uri) - len(compression_ending(uri))].rsplit("/", 1)[-1].lower()
    return name[name.rindex(".") :] if "." in name else ""


def read_decompressed(uri: str) -> tuple[bytes, tuple[str, ...]]:
    """The bytes of a file, decompressed if its name ends in .gz, .bz2 or .zst, and remarks about it.

    Raises UserError for a file that is missing, unreadable, damaged or empty.
    """
    remarks: tuple[str, ...] = ()
    try:
        with open_stream(uri) as raw:
            if not compression_ending(uri):
                data = raw.read()
            else:
                with open_decompressed(raw, uri) as stream:
                    data = stream.read()
                    if really := misnamed(stream):
                        remarks = (f"{uri}: holds {really}, whatever its name says; it was read as such",)
    except DamagedFileError as error:
        raise UserError(f"{error}; fetch the file again") from error
    except OSError as error:
        raise UserError(
            f"{uri}: cannot be read ({error.strerror or error}); check the address and the rights"
        ) from error
    if not data.strip():
        raise UserError(f"{uri}: is empty; name a file with examples")
    return data, remarks


def read_lines(uri: str) -> Lines:
    """The lines of a UTF-8 file. Only newlines, with or without a carriage return before, end a line.

    A byte order mark before a line (of files that were joined, before several) is dropped, and a remark says so.

    Raises UserError as `read_decompressed` does, and for text that is not UTF-8, with its line.
    """
    data, remarks = read_decompressed(uri)
    for mark, name in _OTHER_TEXT:
        if data.startswith(mark):
            raise UserError(f"{uri}: is {name} text; save it as UTF-8")
    for magic, name, ending in _PACKED:
        if data.startswith(magic):
            raise UserError(f"{uri}: is compressed by {name}; let its name end in {ending}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"{uri}:{line}: is not valid UTF-8 ({error.reason}); save the file as UTF-8") from None
    lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    marked = [number for number, line in enumerate(lines) if line.startswith(BYTE_ORDER_MARK)]
    for number in marked:
        lines[number] = lines[number].lstrip(BYTE_ORDER_MARK)
    if not any(line.strip() for line in lines):
        raise UserError(f"{uri}: is empty; name a file with examples")
    if marked:
        where = ", ".join(str(number + 1) for number in marked[:3]) + (", ..." if len(marked) > 3 else "")
        remarks = (*remarks, f"{uri}: dropped a byte order mark at the start of line {where}")
    return Lines(lines, remarks)


def unknown_ending(uri: str, known: tuple[str, ...]) -> UserError:
    """The error for a file whose ending tells no format of `known`."""
    *before, last = known
    return UserError(
        f"{uri}: its ending tells no format; name a file that ends in {', '.join(before)} or {last}, "
        f"with {', '.join(COMPRESSED_ENDINGS[:-1])} or {COMPRESSED_ENDINGS[-1]} behind it if it is compressed"
    )
