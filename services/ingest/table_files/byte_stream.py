"""Binary streams of chunks that are produced while they are read."""

from collections.abc import Callable, Iterator
from io import BufferedReader, RawIOBase

CHUNK_BYTES = 64 << 10


class _ChunkStream(RawIOBase):
    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = filter(None, chunks)
        self._pending = b''

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._pending = self._pending or next(self._chunks, b'')
        part, self._pending = self._pending[: len(buffer)], self._pending[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def stream_of(chunks: Iterator[bytes]) -> BufferedReader:
    """Return a stream of the chunks; an exception of their iterator is raised where the stream is read."""
    return BufferedReader(_ChunkStream(chunks), CHUNK_BYTES)


def read_chunks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Yield the rest of a file in chunks; `read` takes the most bytes to read."""
    while chunk := read(CHUNK_BYTES):
        yield chunk
