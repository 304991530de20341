"""A POST request that another program has to accept, such as a webhook."""

import asyncio
from collections.abc import Mapping

import httpx

from services.errors import JournalError


class NotAcceptedError(JournalError):
    """The other program did not accept a request; the message has the reason, and no secret."""


async def post(
    url: str,
    content: bytes,
    headers: Mapping[str, str],
    *,
    seconds: float,
    transport: httpx.AsyncBaseTransport | None = None,
) -> None:
    """Send a JSON body; return when it was accepted with a status from 200 to 299.

    Redirects are not followed, because the headers are not for another server. The response is not read.

    Args:
        url: where to send it.
        content: the body.
        headers: more headers.
        seconds: the time limit of the whole request.
        transport: what sends the request; None for the network.

    Raises:
        NotAcceptedError: it was not accepted.
    """
    headers = {'content-type': 'application/json', **headers}
    try:
        async with (
            asyncio.timeout(seconds),
            httpx.AsyncClient(timeout=seconds, transport=transport) as http,
            http.stream('POST', url, content=content, headers=headers) as response,
        ):
            is_accepted, status = response.is_success, response.status_code
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        # The text of the exception may quote the URL, which may be a secret.
        raise NotAcceptedError(type(error).__name__) from None
    if not is_accepted:
        raise NotAcceptedError(f'status {status}')
