"""`/account/factor`: one's own second factor is set up and removed here."""

from collections.abc import Sequence
from http import HTTPStatus

import segno
from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from nicegui import Client, app, ui
from nicegui.page import page

from journal_ui.components.forms import field, form, form_page, paragraph
from journal_ui.layout.page_layout import Viewer
from journal_ui.pages.login import redirect_with_error
from journal_ui.security import auth_middleware, browser_sessions
from services import texts
from services.accounts.accounts import AccountError, RequiredStep
from services.accounts.second_factor import TotpSetup
from services.accounts.sessions import ActiveSession
from services.composition import Services
from services.errors import DatabaseError

TWO_FACTOR_PATH = auth_middleware.REQUIRED_STEP_PATHS[RequiredStep.SECOND_FACTOR]


def install(services: Services, protected_pages: auth_middleware.ProtectedPages) -> None:
    """Open the page, and what its forms are sent to."""
    authentication, second_factor = services.authentication, services.second_factor

    @ui.page(TWO_FACTOR_PATH)
    async def two_factor_page(request: Request) -> None:
        signed: ActiveSession = request.state.signed
        viewer, error_message = (
            await protected_pages.viewer_for(request),
            ''.join(browser_sessions.pop_flash_messages(request)[:1]),
        )
        if await second_factor.recovery_codes_left(signed.identity.id) is None:
            _draw_setup(viewer, await second_factor.begin_setup(signed), signed.required_step, error_message)
        else:
            _draw_removal(viewer, error_message)

    @app.post(TWO_FACTOR_PATH)
    async def confirm(request: Request, redirect_to: str = '') -> Response:
        sent, signed = await request.form(), request.state.signed
        try:
            await authentication.confirm_password(
                signed, str(sent.get('password', '')), browser_sessions.visitor(request)
            )
            recovery_codes = await second_factor.confirm_setup(signed, str(sent.get('code', '')))
        except DatabaseError:
            return redirect_with_error(request, texts.DATABASE_DOWN_RETRY)
        except AccountError as refused:
            return redirect_with_error(request, str(refused))
        viewer = await protected_pages.viewer_for(request)
        # Drawn in the answer itself: what is shown once has no address at which it could be asked for again.
        with Client(page(''), request=request) as client:
            _draw_recovery_codes(
                viewer,
                recovery_codes,
                auth_middleware.safe_redirect_path(redirect_to) if signed.required_step else '/account',
            )
        return client.build_response(request)

    @app.post(f'{TWO_FACTOR_PATH}/remove')
    async def remove(request: Request) -> Response:
        sent, signed = await request.form(), request.state.signed
        try:
            await authentication.confirm_password(
                signed, str(sent.get('password', '')), browser_sessions.visitor(request)
            )
            await second_factor.remove(signed)
        except DatabaseError:
            browser_sessions.add_flash_messages(request, texts.DATABASE_DOWN_RETRY)
            return RedirectResponse(TWO_FACTOR_PATH, HTTPStatus.SEE_OTHER)
        except AccountError as refused:
            browser_sessions.add_flash_messages(request, str(refused))
            return RedirectResponse(TWO_FACTOR_PATH, HTTPStatus.SEE_OTHER)
        browser_sessions.add_flash_messages(request, texts.FACTOR_REMOVED)
        return RedirectResponse('/account', HTTPStatus.SEE_OTHER)


def _draw_setup(viewer: Viewer, setup: TotpSetup, required_step: RequiredStep | None, error_message: str) -> None:
    with (
        form_page(texts.FACTOR_TITLE, viewer, TWO_FACTOR_PATH),
        form('sheet', texts.FACTOR_SET_UP, error_message=error_message),
    ):
        if required_step is RequiredStep.SECOND_FACTOR:
            paragraph(texts.FACTOR_REQUIRED)
        paragraph(texts.FACTOR_STEP_APP)
        qr_code_uri = segno.make(setup.provisioning_uri, micro=False).svg_data_uri(scale=4, border=3, light='#fff')
        ui.element('img').classes('qr').props.update({'src': qr_code_uri, 'alt': texts.FACTOR_PICTURE})
        with ui.element('p').classes('secret'):
            ui.label(f'{texts.FACTOR_KEY}:')
            ui.label(setup.secret).classes('lettered')
        paragraph(texts.FACTOR_STEP_CODE)
        field(texts.FACTOR_CODE, 'code', 'one-time-code', 'text', autofocus=True)
        field(texts.PASSWORD, 'password', 'current-password')


def _draw_removal(viewer: Viewer, error_message: str) -> None:
    removal_form = form('sheet', texts.FACTOR_REMOVE, action=f'{TWO_FACTOR_PATH}/remove', error_message=error_message)
    with form_page(texts.FACTOR_TITLE, viewer, TWO_FACTOR_PATH), removal_form:
        paragraph(texts.FACTOR_REMOVE_HINT)
        field(texts.PASSWORD, 'password', 'current-password', autofocus=True)


def _draw_recovery_codes(viewer: Viewer, recovery_codes: Sequence[str], next_url: str) -> None:
    with form_page(texts.FACTOR_CODES_TITLE, viewer, TWO_FACTOR_PATH), ui.element('section').classes('sheet'):
        paragraph(texts.FACTOR_CODES_HINT)
        with ui.element('ul').classes('codes'):
            for code in recovery_codes:
                with ui.element('li'):
                    ui.label(code).classes('lettered')
        ui.link(texts.FACTOR_CODES_SAVED, next_url).classes('press')
