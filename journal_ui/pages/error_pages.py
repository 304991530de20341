"""Plain pages for what cannot be shown: no such address, no access, a fault of the program."""

from contextlib import suppress
from http import HTTPStatus

from fastapi import HTTPException, Request, Response
from fastapi.exception_handlers import http_exception_handler
from nicegui import Client, app, ui
from nicegui.page import page

from journal_ui.layout.page_layout import Viewer, page_layout
from journal_ui.layout.user_preferences import DEFAULT_PREFERENCES, UserPreferences
from journal_ui.monitoring import error_redaction
from services import texts
from services.accounts.accounts import Accounts
from services.errors import DatabaseUnavailableError, QueryTimeoutError


def draw_message(title: str, next_step: str, *, heading_tag: str = 'h1', home_link: bool = True) -> None:
    """Draw one thing to say in the middle of a page, and the way to the main page."""
    with ui.element('div').classes('plain'):
        with ui.element(heading_tag):
            ui.label(title)
        with ui.element('p'):
            ui.label(next_step)
        if home_link:
            ui.link(texts.TO_HOME, '/')


def install(accounts: Accounts, iemk_url: str = '') -> None:
    """Give the program its error pages; see Viewer for `iemk_url`."""

    @app.on_page_exception
    def server_error(exception: Exception) -> None:
        person = getattr(ui.context.client.request.state, 'person', None)
        viewer = Viewer(person, UserPreferences(accounts, person.id, DEFAULT_PREFERENCES), iemk_url) if person else None
        with page_layout(texts.FAULT_TITLE, viewer):
            draw_message(
                texts.FAULT_TITLE, texts.FAULT_NEXT.format(reference=error_redaction.error_reference(exception))
            )

    @app.exception_handler(HTTPStatus.NOT_FOUND)
    async def not_found(request: Request, exception: HTTPException) -> Response:
        if request.scope.get('endpoint') is not None:  # an address of ours that has an answer of its own
            return await http_exception_handler(request, exception)
        viewer, person = None, getattr(request.state, 'person', None)
        if person:
            with suppress(DatabaseUnavailableError, QueryTimeoutError):
                viewer = Viewer(person, await UserPreferences.load(accounts, person.id), iemk_url)
        with Client(page(''), request=request) as client, page_layout(texts.NOT_FOUND_TITLE, viewer):
            draw_message(texts.NOT_FOUND_TITLE, texts.NOT_FOUND_NEXT)
        return client.build_response(request, HTTPStatus.NOT_FOUND)
