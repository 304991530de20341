"""Compressed request bodies: `Content-Encoding: gzip` (RFC 9110, section 8.4), within the limit of the whole body."""

import zlib
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import Headers

from journal_ui.api.problem_details import ProblemError
from services import texts

GZIP_NAMES: Final = frozenset({'gzip', 'x-gzip'})
"""RFC 9110, section 8.4.1.3, makes both the same."""
GZIP_FORMAT: Final = 16 + zlib.MAX_WBITS
"""The argument of zlib for a header and a checksum as RFC 1952 defines them."""


def is_compressed(headers: Headers) -> bool:
    """Return whether the body of a request is compressed by gzip.

    Raises:
        ProblemError: it has another encoding, or several.
    """
    encoding = ', '.join(headers.getlist('content-encoding')).strip().lower()
    if encoding in ('', 'identity'):
        return False
    if encoding in GZIP_NAMES:
        return True
    raise ProblemError(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        'unknown_encoding',
        texts.API_PROBLEMS['unknown_encoding'],
        headers={'Accept-Encoding': 'gzip'},  # RFC 9110, section 15.5.16
    )


async def decompress(content: bytes, max_bytes: int, too_large: Callable[[], ProblemError]) -> bytes:
    """Decompress a body of at most `max_bytes`; nothing beyond them is decompressed.

    Raises:
        ProblemError: the body is larger (made by `too_large`), was cut, or is not a single gzip member.
    """
    decompressor = zlib.decompressobj(GZIP_FORMAT)
    try:
        body = await run_in_threadpool(decompressor.decompress, content, max_bytes + 1)
    except zlib.error:
        raise _broken() from None
    if len(body) > max_bytes:
        raise too_large()
    if not decompressor.eof or decompressor.unused_data:
        raise _broken()
    return body


def _broken() -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, 'broken_gzip', texts.API_PROBLEMS['broken_gzip'])
