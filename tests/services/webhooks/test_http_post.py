"""A POST request to another program: what counts as accepted."""

import httpx
import pytest

from services.webhooks.http_post import NotAcceptedError, post


async def test_a_redirect_is_not_followed() -> None:
    requested: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requested.append(str(request.url))
        return httpx.Response(307, headers={'location': 'http://other.example.ru/'})

    with pytest.raises(NotAcceptedError, match='status 307'):
        await post(
            'https://mailing.example.ru/hook',
            b'{}',
            {'webhook-signature': 'v1,secret'},
            seconds=5,
            transport=httpx.MockTransport(answer),
        )
    assert requested == ['https://mailing.example.ru/hook']
