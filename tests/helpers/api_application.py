"""One API application for the tests of a worker, each with services of its own."""

from typing import Any, cast

from fastapi import FastAPI

from journal_ui.api import api_app
from journal_ui.api.ingest import idempotency
from services.composition import Services


class CurrentServices:
    """Stands for the services of the running test."""

    def __init__(self, services: Services) -> None:
        self.services = services

    def __getattr__(self, name: str) -> Any:
        return getattr(self.services, name)


class ApiApplication:
    """The API over the services of the running test.

    Building the application and its routes takes several times as long as a request, so it is built again only for
    other providers, keys or limits. It remembers only the answers to repeated requests, which are dropped here, and
    the requests of a token within the rate limit.
    """

    def __init__(self) -> None:
        self._api: FastAPI | None = None
        self._current: CurrentServices | None = None
        self._built_for: object = None

    def over(self, services: Services) -> FastAPI:
        """Return the application over these services."""
        settings = services.settings
        needed = (settings.providers_folder, settings.receipt_keys, settings.api_rate)
        if self._api is None or self._current is None or needed != self._built_for:
            self._current, self._built_for = CurrentServices(services), needed
            self._api = api_app.build_api(cast(Services, self._current))
        self._current.services = services
        idempotency.install(self._api)
        return self._api
