"""The permanent link to one message, `/messages/<code>`: it leads to the journal with this message, opened.

A link contains the code of the message and nothing about the patient. Whoever follows it signs in first, and the search
and the opening are recorded before anything is displayed, as in the journal.
"""

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Final
from uuid import UUID

from fastapi.responses import RedirectResponse
from nicegui import ui

from journal_ui.layout.viewer import Viewer
from journal_ui.list_page.url_state import EXPANDED_ROWS_PARAM
from services.composition import Services
from services.messages import query_params

PATH: Final = '/messages/{code:uuid}'
"""The route: any other text in the place of the code is an unknown URL."""
PERSON_PATH: Final = f'{PATH}/person'
"""The route of the page with all messages to the recipient."""


def page(services: Services) -> Callable[[Viewer], RedirectResponse]:
    """Return the function that answers a permanent link."""

    def redirect(_: Viewer) -> RedirectResponse:
        code: UUID = ui.context.client.request.path_params['code']
        query = replace(services.messages.default_query(), code=code.hex)
        url = f'{query_params.to_url(query)}&{EXPANDED_ROWS_PARAM}={code}'
        return RedirectResponse(url, HTTPStatus.SEE_OTHER)

    return redirect


def link_path(code: UUID) -> str:
    """Return the path of the permanent link to a message."""
    return f'/messages/{code}'


def person_path(code: UUID) -> str:
    """Return the path of the page with all messages to the recipient of a message."""
    return f'{link_path(code)}/person'
