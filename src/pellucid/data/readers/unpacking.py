"""Compressed files, unpacked while they are read, up to a limit."""

import bz2
import gzip
import io
import lzma
import os
import zipfile
from collections.abc import Callable, Mapping
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import IO, Any

from pellucid.data.readers.excerpt import excerpt
from pellucid.data.readers.limits import most_bytes
from pellucid.errors import FormatError, PellucidError, StorageError

__all__ = ["COMPRESSED", "compression_of", "ending_of", "member_of", "unpacked"]

# The file endings of compressed files; those of what is compressed precede them.
COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".zip")
# zip is recognised by the readers of what consists of zip files, too: .npz and spreadsheets.
_SIGNATURES: Mapping[bytes, str] = {
    b"\x1f\x8b": "gzip",
    **{b"BZh%d1AY&SY" % level: "bzip2" for level in range(1, 10)},
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\x03\x04": "zip",
}
_LONGEST = max(map(len, _SIGNATURES))
_BLOCK = 1 << 16
# xz -9 takes 65 MiB, zstd --ultra -22 takes 128 MiB.
_MEMORY = 128 << 20
# Four bytes can become 128 KiB, and the decoder returns all of them at once.
_ZSTD_BLOCK = 256


def compression_of(start: bytes) -> str | None:
    """Return the compression that the first bytes of a file show.

    Examples
    --------
    >>> compression_of(gzip.compress(b"a,b")), compression_of(b"a,b")
    ('gzip', None)
    """
    return next((name for mark, name in _SIGNATURES.items() if start.startswith(mark)), None)


def ending_of(path: Path) -> str:
    """Return the ending of a file name in lower case; of a compressed file, the one of its content.

    Examples
    --------
    >>> ending_of(Path("table.CSV")), ending_of(Path("table.tsv.gz")), ending_of(Path("tables.zip"))
    ('.csv', '.tsv', '.zip')
    """
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    if len(suffixes) == 2 and suffixes[1] in COMPRESSED:
        return suffixes[0]
    return suffixes[-1] if suffixes else ""


def member_of(path: Path) -> Path:
    """Return the path of a zip file that contains a single file, with the ending of that file."""
    with zipfile.ZipFile(path) as archive:
        return path.with_suffix(PurePosixPath(_members(archive)[0].filename).suffix)


def unpacked(file: BufferedReader, path: Path) -> BufferedReader:
    """Return a file that reads the unpacked bytes of a compressed file, and any other file as it is."""
    compression = compression_of(file.peek(_LONGEST)[:_LONGEST])
    if compression is None:
        return file
    try:
        source = _OPEN[compression](file, path)
    except PellucidError:
        file.close()
        raise
    except Exception as error:  # zipfile raises many types of errors for damaged files
        file.close()
        raise _damaged(compression, error, path) from None
    return BufferedReader(_Limited(source, file, compression, path), _BLOCK)


class _Limited(io.RawIOBase):
    """The unpacked bytes; an error if there are too many, or if the compressed ones are damaged."""

    def __init__(self, source: IO[bytes], file: BufferedReader, compression: str, path: Path) -> None:
        self._source, self._file = source, file
        self._compression, self._path = compression, path
        self._size = os.fstat(file.fileno()).st_size
        self._left = self._most = most_bytes(self._size)

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._file.fileno()

    def readinto(self, buffer: Any) -> int:
        try:
            block = self._source.read(min(len(buffer), _BLOCK))
        except Exception as error:  # each compression has errors of its own, and zipfile many
            raise _damaged(self._compression, error, self._path) from None
        self._left -= len(block)
        if self._left < 0:
            raise FormatError(
                "the compressed file contains too much data",
                expected=f"at most {self._most:,} bytes in a file of {self._size:,} bytes",
                received="more",
                where=str(self._path),
                remedy="if they really are that large, set the environment variable PELLUCID_MAX_UNPACKED",
            )
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        if not self.closed:
            self._source.close()
            self._file.close()
        super().close()


class _Xz(io.RawIOBase):
    """An xz file whose claim of memory is limited, which `lzma.LZMAFile` cannot do."""

    def __init__(self, file: BufferedReader) -> None:
        self._file, self._decoder = file, _xz_decoder()

    def read(self, size: int = -1) -> bytes:
        while True:
            if self._decoder.eof:
                rest = (self._decoder.unused_data or self._file.read(_BLOCK)).lstrip(b"\0")
                if not rest:
                    return b""
                self._decoder = _xz_decoder()
            else:
                rest = self._file.read(_BLOCK) if self._decoder.needs_input else b""
                if self._decoder.needs_input and not rest:
                    raise EOFError("it ends in the middle")
            if block := self._decoder.decompress(rest, size):
                return block


def _xz_decoder() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY)


class _Zstd(io.RawIOBase):
    """A zstd file that must be complete, which the package's own reader does not check."""

    def __init__(self, file: BufferedReader, new_decoder: Callable[[], Any]) -> None:
        self._file, self._new_decoder = file, new_decoder
        self._decoder, self._ready = new_decoder(), io.BytesIO()

    def read(self, size: int = -1) -> bytes:
        while not (block := self._ready.read(size)):
            rest = (self._decoder.eof and self._decoder.unused_data) or self._file.read(_ZSTD_BLOCK)
            if self._decoder.eof:
                if not rest:
                    return b""
                self._decoder = self._new_decoder()
            elif not rest:
                raise EOFError("it ends in the middle")
            self._ready = io.BytesIO(self._decoder.decompress(rest))
        return block


def _zstd(file: BufferedReader, path: Path) -> _Zstd:
    try:
        import zstandard  # an extra
    except ImportError:
        raise StorageError(
            "the package that reads zstd files is not installed",
            expected="zstandard",
            where=str(path),
            remedy="pip install 'pellucid[zstd]', or unpack the file: zstd -d",
        ) from None
    return _Zstd(file, zstandard.ZstdDecompressor(max_window_size=_MEMORY).decompressobj)


def _zip(file: BufferedReader, path: Path) -> IO[bytes]:
    archive = zipfile.ZipFile(file)
    members = _members(archive)
    if len(members) != 1:
        names = ", ".join(member.filename for member in members[:8])
        raise FormatError(
            "the zip file does not contain a single file",
            expected="one file",
            received=f"{len(members):,}: {excerpt(names)}" if members else "none",
            where=str(path),
            remedy="unpack it, and give one of its files, or the folder if they belong together",
        )
    return archive.open(members[0])


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    # Programs of Apple add folders of their own.
    return [
        member
        for member in archive.infolist()
        if not (member.is_dir() or member.filename.startswith("__MACOSX/"))
    ]


def _damaged(compression: str, error: Exception, path: Path) -> FormatError:
    return FormatError(
        f"the {compression} file is corrupt or truncated",
        expected=f"a complete {compression} file, without a password",
        received=excerpt(error) or type(error).__name__,
        where=str(path),
        remedy="download or copy the file again",
    )


_OPEN: Mapping[str, Callable[[BufferedReader, Path], Any]] = {
    "gzip": lambda file, path: gzip.GzipFile(fileobj=file),
    "bzip2": lambda file, path: bz2.BZ2File(file),
    "xz": lambda file, path: _Xz(file),
    "zstd": _zstd,
    "zip": _zip,
}
