"""`/account/factor`: one's own second factor is set up and removed here."""

from collections.abc import Sequence
from http import HTTPStatus

import segno
from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from nicegui import Client, app, ui
from nicegui.page import page

from journal_ui.components.forms import field, form, paragraph, sheets
from journal_ui.layout.page_layout import Viewer
from journal_ui.pages.login import again
from journal_ui.security import auth_middleware, browser_sessions
from services import texts
from services.accounts.accounts import AccountRefused, Duty
from services.accounts.second_factor import Setup
from services.accounts.sessions import SignedIn
from services.composition import Services
from services.lists.query_protocol import Busy, Unavailable

FACTOR = auth_middleware.DUTIES[Duty.SECOND_FACTOR]


def install(services: Services, watch: auth_middleware.Guard) -> None:
    """Open the page, and what its forms are sent to."""
    entrance, second = services.entrance, services.factor

    @ui.page(FACTOR)
    async def draw(request: Request) -> None:
        signed: SignedIn = request.state.signed
        viewer, reason = await watch.viewer(request), ''.join(browser_sessions.said(request)[:1])
        if await second.left(signed.person.id) is None:
            _draw_setup(viewer, await second.begin(signed), signed.duty, reason)
        else:
            _draw_removal(viewer, reason)

    @app.post(FACTOR)
    async def confirm(request: Request, redirect_to: str = '') -> Response:
        sent, signed = await request.form(), request.state.signed
        try:
            await entrance.prove(signed, str(sent.get('password', '')), browser_sessions.visitor(request))
            codes = await second.confirm(signed, str(sent.get('code', '')))
        except (Unavailable, Busy):
            return again(request, texts.SIGN_IN_UNAVAILABLE)
        except AccountRefused as refused:
            return again(request, str(refused))
        viewer = await watch.viewer(request)
        # Drawn in the answer itself: what is shown once has no address at which it could be asked for again.
        with Client(page(''), request=request) as client:
            _draw_codes(viewer, codes, auth_middleware.local_path(redirect_to) if signed.duty else '/account')
        return client.build_response(request)

    @app.post(f'{FACTOR}/remove')
    async def remove(request: Request) -> Response:
        sent, signed = await request.form(), request.state.signed
        try:
            await entrance.prove(signed, str(sent.get('password', '')), browser_sessions.visitor(request))
            await second.remove(signed)
        except (Unavailable, Busy):
            browser_sessions.say(request, texts.SIGN_IN_UNAVAILABLE)
            return RedirectResponse(FACTOR, HTTPStatus.SEE_OTHER)
        except AccountRefused as refused:
            browser_sessions.say(request, str(refused))
            return RedirectResponse(FACTOR, HTTPStatus.SEE_OTHER)
        browser_sessions.say(request, texts.FACTOR_REMOVED)
        return RedirectResponse('/account', HTTPStatus.SEE_OTHER)


def _draw_setup(viewer: Viewer, setup: Setup, duty: Duty | None, reason: str) -> None:
    with sheets(texts.FACTOR_TITLE, viewer, FACTOR), form('sheet', texts.FACTOR_SET_UP, reason=reason):
        if duty is Duty.SECOND_FACTOR:
            paragraph(texts.FACTOR_REQUIRED)
        paragraph(texts.FACTOR_STEP_APP)
        picture = segno.make(setup.address, micro=False).svg_data_uri(scale=4, border=3, light='#fff')
        ui.element('img').classes('qr').props.update({'src': picture, 'alt': texts.FACTOR_PICTURE})
        with ui.element('p').classes('secret'):
            ui.label(f'{texts.FACTOR_KEY}:')
            ui.label(setup.secret).classes('lettered')
        paragraph(texts.FACTOR_STEP_CODE)
        field(texts.FACTOR_CODE, 'code', 'one-time-code', 'text', focus=True)
        field(texts.PASSWORD, 'password', 'current-password')


def _draw_removal(viewer: Viewer, reason: str) -> None:
    removal = form('sheet', texts.FACTOR_REMOVE, action=f'{FACTOR}/remove', reason=reason)
    with sheets(texts.FACTOR_TITLE, viewer, FACTOR), removal:
        paragraph(texts.FACTOR_REMOVE_HINT)
        field(texts.PASSWORD, 'password', 'current-password', focus=True)


def _draw_codes(viewer: Viewer, codes: Sequence[str], onwards: str) -> None:
    with sheets(texts.FACTOR_CODES_TITLE, viewer, FACTOR), ui.element('section').classes('sheet'):
        paragraph(texts.FACTOR_CODES_HINT)
        with ui.element('ul').classes('codes'):
            for code in codes:
                with ui.element('li'):
                    ui.label(code).classes('lettered')
        ui.link(texts.FACTOR_CODES_KEPT, onwards).classes('press')
