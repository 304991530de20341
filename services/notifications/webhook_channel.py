"""Notifications by webhook: a POST request with JSON."""

from typing import Final

import httpx

from services.notifications.notice import Notice, NoticeNotSentError

TIMEOUT_SECONDS: Final = 10.0


class WebhookChannel:
    """Sends each notification to a URL."""

    name = 'webhook'

    def __init__(self, url: str, token: str = '', *, timeout: float = TIMEOUT_SECONDS) -> None:
        """Send to `url`, with `token` as the bearer token unless it is empty; `timeout` is in seconds."""
        self._url = url
        self._headers = {'authorization': f'Bearer {token}'} if token else {}
        self._timeout = timeout

    async def send(self, notice: Notice) -> None:
        """See Channel. Redirects are not followed, because the token is not for another server."""
        body = {
            'kind': notice.kind,
            'state': 'ended' if notice.is_end else 'raised',
            'text': notice.text,
            'url': notice.url,
            'at': notice.at.isoformat(),
        }
        try:
            async with httpx.AsyncClient(timeout=self._timeout) as http:
                response = await http.post(self._url, json=body, headers=self._headers)
        except httpx.HTTPError as error:
            # The text of the exception may quote the URL, which may be a secret.
            raise NoticeNotSentError(type(error).__name__) from None
        if not response.is_success:
            raise NoticeNotSentError(f'status {response.status_code}')
