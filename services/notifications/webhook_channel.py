"""Notifications by webhook: a POST request with JSON."""

import json
from typing import Final

from services.notifications.notice import Notice, NoticeNotSentError
from services.webhooks.http_post import NotAcceptedError, post

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
        content = json.dumps(body, ensure_ascii=False).encode()
        try:
            await post(self._url, content, self._headers, seconds=self._timeout)
        except NotAcceptedError as error:
            raise NoticeNotSentError(str(error)) from None
