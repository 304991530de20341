"""The error pages: not found, and internal error; and their message, which pages without access show too."""

from contextlib import suppress
from http import HTTPStatus

from fastapi import HTTPException, Request, Response
from fastapi.exception_handlers import http_exception_handler
from nicegui import Client, app, ui
from nicegui.page import page

from journal_ui.components.html_element import TextTag
from journal_ui.layout.page_layout import page_layout
from journal_ui.layout.user_preferences import DEFAULT_PREFERENCES, UserPreferences
from journal_ui.layout.viewer import Viewer
from journal_ui.monitoring import error_redaction
from services import texts
from services.accounts.accounts import Accounts
from services.errors import DatabaseError


def draw_message(title: str, next_step: str, *, heading_tag: str = 'h1', home_link: bool = True) -> None:
    """Draw a message in the middle of the page: what happened, what to do next, and a link to the main page."""
    with ui.element('div').classes('plain'):
        TextTag(heading_tag, title)
        TextTag('p', next_step)
        if home_link:
            ui.link(texts.TO_HOME, '/')


def install(accounts: Accounts, iemk_url: str = '') -> None:
    """Register the error pages; see Viewer for `iemk_url`."""

    @app.on_page_exception
    def server_error(exception: Exception) -> None:
        person = getattr(ui.context.client.request.state, 'person', None)
        # The default preferences, because reading the stored ones may fail again.
        viewer = Viewer(person, UserPreferences(accounts, person.id, DEFAULT_PREFERENCES), iemk_url) if person else None
        with page_layout(texts.FAULT_TITLE, viewer):
            draw_message(
                texts.FAULT_TITLE, texts.FAULT_NEXT.format(reference=error_redaction.error_reference(exception))
            )

    @app.exception_handler(HTTPStatus.NOT_FOUND)
    async def not_found(request: Request, exception: HTTPException) -> Response:
        if request.scope.get('endpoint') is not None:  # an endpoint that has answered 404 itself
            return await http_exception_handler(request, exception)
        viewer, person = None, getattr(request.state, 'person', None)
        if person:
            with suppress(DatabaseError):
                viewer = Viewer(person, await UserPreferences.load(accounts, person.id), iemk_url)
        with Client(page(''), request=request) as client, page_layout(texts.NOT_FOUND_TITLE, viewer):
            draw_message(texts.NOT_FOUND_TITLE, texts.NOT_FOUND_NEXT)
        return client.build_response(request, HTTPStatus.NOT_FOUND)
