"""Requests to the identity provider: verified certificates, no redirects, a limit of time and of size, JSON only."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NoReturn

import httpx

from services.oidc.oidc_errors import IdentityProviderError

TIMEOUT_SECONDS: Final = 10.0
"""Seconds for the whole request."""
MAX_RESPONSE_BYTES: Final = 512 << 10
"""Bytes; an identity token of a user with hundreds of roles has a tenth of it."""


@dataclass(frozen=True)
class ProviderResponse:
    """A response of the identity provider."""

    status: int
    content: Mapping[str, Any]
    """The JSON object; empty if an unsuccessful response has none."""


class ProviderHttp:
    """Sends requests to the identity provider."""

    def __init__(
        self, *, timeout_seconds: float = TIMEOUT_SECONDS, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """Send requests; `transport` replaces the network."""
        self._timeout_seconds = timeout_seconds
        self._transport = transport

    async def get(self, url: str, *, bearer_token: str = '') -> ProviderResponse:
        """Send a GET request.

        Raises:
            IdentityProviderError: there was no response in time, or it is no JSON object.
        """
        headers = {'authorization': f'Bearer {bearer_token}'} if bearer_token else {}
        return await self._send('GET', url, headers)

    async def post(self, url: str, form: str, *, auth: httpx.Auth | None = None) -> ProviderResponse:
        """Send a form; raises as `get` does."""
        headers = {'content-type': 'application/x-www-form-urlencoded'}
        return await self._send('POST', url, headers, content=form, auth=auth)

    async def _send(
        self, method: str, url: str, headers: dict[str, str], *, content: str = '', auth: httpx.Auth | None = None
    ) -> ProviderResponse:
        headers = {'accept': 'application/json', **headers}
        try:
            async with (
                asyncio.timeout(self._timeout_seconds),
                httpx.AsyncClient(
                    timeout=self._timeout_seconds, transport=self._transport, verify=self._tls_context
                ) as http,
                http.stream(method, url, headers=headers, content=content.encode(), auth=auth) as response,
            ):
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > MAX_RESPONSE_BYTES:
                        raise IdentityProviderError('the response is too long')
                status, is_success = response.status_code, response.is_success
        except TimeoutError:
            raise IdentityProviderError(f'no response within {self._timeout_seconds:g} s') from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # The text of the exception may quote the URL or a header.
            raise IdentityProviderError(type(error).__name__) from None
        return ProviderResponse(status, _parse_object(bytes(body), required=is_success))

    @cached_property
    def _tls_context(self) -> ssl.SSLContext:
        # Loading the certificates takes tens of milliseconds, so that it is done once.
        return httpx.create_ssl_context()


def _parse_object(body: bytes, *, required: bool) -> Mapping[str, Any]:
    try:
        content = json.loads(body, parse_constant=_reject_constant)
    except (ValueError, RecursionError):
        content = None
    if isinstance(content, dict):
        return content
    if required:
        raise IdentityProviderError('the response is no JSON object')
    return {}


def _reject_constant(constant: str) -> NoReturn:
    """Reject NaN and Infinity, which Python's JSON parser accepts by default."""
    raise ValueError(constant)
