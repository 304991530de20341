"""The page `/account/factor`, on which users set up and remove their second factor."""

from collections.abc import Sequence
from http import HTTPStatus

import segno
from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from nicegui import Client, app, ui
from nicegui.page import page

from journal_ui.components.forms import field, form
from journal_ui.components.html_element import TextTag
from journal_ui.layout.page_layout import form_page
from journal_ui.layout.theme.palette import QR_CODE_BACKGROUND
from journal_ui.layout.viewer import Viewer
from journal_ui.pages.accounts.login import redirect_with_error
from journal_ui.security import auth_middleware, browser_sessions
from services import texts
from services.accounts.accounts import AccountError, RequiredStep
from services.accounts.second_factor import TotpSetup
from services.accounts.sessions import ActiveSession
from services.composition import Services
from services.errors import DatabaseError

TWO_FACTOR_PATH = auth_middleware.REQUIRED_STEP_PATHS[RequiredStep.SECOND_FACTOR]


def install(services: Services, protected_pages: auth_middleware.ProtectedPages) -> None:
    """Register the page and the endpoints of its forms."""
    authentication, second_factor, tls = services.authentication, services.second_factor, services.settings.tls

    @ui.page(TWO_FACTOR_PATH)
    async def two_factor_page(request: Request) -> Response | None:
        session: ActiveSession = request.state.signed
        if session.identity.is_external:
            return RedirectResponse('/account', HTTPStatus.SEE_OTHER)
        viewer = await protected_pages.viewer_for(request)
        error_message = ''.join(browser_sessions.pop_flash_messages(request)[:1])
        if await second_factor.recovery_codes_left(session.identity.id) is None:
            _draw_setup(viewer, await second_factor.begin_setup(session), session.required_step, error_message)
        else:
            _draw_removal(viewer, error_message)
        return None

    @app.post(TWO_FACTOR_PATH)
    async def confirm(request: Request, redirect_to: str = '') -> Response:
        session: ActiveSession = request.state.signed
        form_data = await request.form()
        password, code = str(form_data.get('password', '')), str(form_data.get('code', ''))
        try:
            await authentication.confirm_password(session, password, browser_sessions.visitor(request, tls=tls))
            recovery_codes = await second_factor.confirm_setup(session, code)
        except DatabaseError:
            return redirect_with_error(request, texts.DATABASE_DOWN_RETRY)
        except AccountError as error:
            return redirect_with_error(request, str(error))
        viewer = await protected_pages.viewer_for(request)
        next_url = auth_middleware.safe_redirect_path(redirect_to) if session.required_step else '/account'
        # The response to the POST shows the codes, because no URL may show them a second time.
        with Client(page(''), request=request) as client:
            _draw_recovery_codes(viewer, recovery_codes, next_url)
        return client.build_response(request)

    @app.post(f'{TWO_FACTOR_PATH}/remove')
    async def remove(request: Request) -> Response:
        session: ActiveSession = request.state.signed
        form_data = await request.form()
        password, code = str(form_data.get('password', '')), str(form_data.get('code', ''))
        try:
            await authentication.confirm_password(session, password, browser_sessions.visitor(request, tls=tls))
            await second_factor.remove(session, code)
        except DatabaseError:
            message, target = texts.DATABASE_DOWN_RETRY, TWO_FACTOR_PATH
        except AccountError as error:
            message, target = str(error), TWO_FACTOR_PATH
        else:
            message, target = texts.FACTOR_REMOVED, '/account'
        browser_sessions.add_flash_messages(request, message)
        return RedirectResponse(target, HTTPStatus.SEE_OTHER)


def _draw_setup(viewer: Viewer, setup: TotpSetup, required_step: RequiredStep | None, error_message: str) -> None:
    with (
        form_page(texts.FACTOR_TITLE, viewer, TWO_FACTOR_PATH),
        form('sheet', texts.FACTOR_SET_UP, error_message=error_message),
    ):
        if required_step is RequiredStep.SECOND_FACTOR:
            TextTag('p', texts.FACTOR_REQUIRED)
        TextTag('p', texts.FACTOR_STEP_APP)
        qr_code_uri = segno.make(setup.provisioning_uri, micro=False).svg_data_uri(
            scale=4, border=3, light=QR_CODE_BACKGROUND
        )
        ui.element('img').classes('qr').props.update({'src': qr_code_uri, 'alt': texts.FACTOR_PICTURE})
        with ui.element('p').classes('secret'):
            ui.label(f'{texts.FACTOR_KEY}:')
            ui.label(setup.secret).classes('lettered')
        TextTag('p', texts.FACTOR_STEP_CODE)
        field(texts.FACTOR_CODE, 'code', 'one-time-code', 'text', autofocus=True)
        field(texts.PASSWORD, 'password', 'current-password')


def _draw_removal(viewer: Viewer, error_message: str) -> None:
    removal_form = form('sheet', texts.FACTOR_REMOVE, action=f'{TWO_FACTOR_PATH}/remove', error_message=error_message)
    with form_page(texts.FACTOR_TITLE, viewer, TWO_FACTOR_PATH), removal_form:
        TextTag('p', texts.FACTOR_REMOVE_HINT)
        field(texts.PASSWORD, 'password', 'current-password', autofocus=True)
        field(texts.FACTOR_CODE, 'code', 'one-time-code', 'text')


def _draw_recovery_codes(viewer: Viewer, recovery_codes: Sequence[str], next_url: str) -> None:
    with form_page(texts.FACTOR_CODES_TITLE, viewer, TWO_FACTOR_PATH), ui.element('section').classes('sheet'):
        TextTag('p', texts.FACTOR_CODES_HINT)
        with ui.element('ul').classes('codes'):
            for code in recovery_codes:
                with ui.element('li'):
                    ui.label(code).classes('lettered')
        ui.link(texts.FACTOR_CODES_SAVED, next_url).classes('press')
