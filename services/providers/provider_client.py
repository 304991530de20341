"""The HTTP client that sends the requests of providers' modules.

TLS certificates are always verified, redirects are not followed, and a long response is rejected.
"""

import asyncio

import httpx

from services.providers.provider import ProviderRequest, ProviderUnavailableError

TIMEOUT_SECONDS = 5.0
"""Seconds for the whole response."""
MAX_RESPONSE_BYTES = 64 << 10
"""Bytes; a real response has less than a few thousand."""


async def fetch(
    provider_request: ProviderRequest, http: httpx.AsyncClient, timeout_seconds: float = TIMEOUT_SECONDS
) -> bytes:
    """Send a request, and return the body of the response.

    Raises:
        ProviderUnavailableError: there was no response with the status 200 within `timeout_seconds`, or too long a one.
    """
    try:
        async with asyncio.timeout(timeout_seconds):
            return await _send(provider_request, http)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # The text of the exception may quote the URL, which may contain the key.
        raise ProviderUnavailableError(type(error).__name__) from None
    except TimeoutError:
        raise ProviderUnavailableError(f'no answer in {timeout_seconds:g} s') from None


async def _send(provider_request: ProviderRequest, http: httpx.AsyncClient) -> bytes:
    method = 'GET' if provider_request.form is None else 'POST'
    request = httpx.Request(
        method,
        provider_request.url,
        params=provider_request.parameters,
        headers=provider_request.headers,
        data=provider_request.form,
    )
    auth = httpx.BasicAuth(*provider_request.basic_auth) if provider_request.basic_auth else None
    response = await http.send(request, auth=auth, stream=True, follow_redirects=False)
    try:
        if response.status_code != httpx.codes.OK:
            raise ProviderUnavailableError(f'status {response.status_code}')
        content = b''
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > MAX_RESPONSE_BYTES:
                raise ProviderUnavailableError('too long an answer')
        return content
    finally:
        await response.aclose()
