"""The OpenAPI document takes 100 ms to build, for which nobody else may wait."""

import threading
from typing import Any

import httpx
import pytest

from journal_ui.api import api_app
from services.composition import Services


async def test_the_document_is_built_outside_the_event_loop(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = api_app.build_api(services)
    threads: list[threading.Thread] = []
    build_document = api.openapi

    def openapi() -> dict[str, Any]:
        threads.append(threading.current_thread())
        return build_document()

    monkeypatch.setattr(api, 'openapi', openapi)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url='http://journal') as client:
        document = (await client.get('/openapi.json')).json()
    assert '/messages' in document['paths']
    assert threads
    assert threading.current_thread() not in threads
