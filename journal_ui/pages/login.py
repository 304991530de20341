"""The way in: `/login`, the code of the second factor, and «Выйти»."""

from http import HTTPStatus

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from nicegui import app, ui

from journal_ui.components.forms import field, form, heading, paragraph
from journal_ui.layout.page_layout import frame
from journal_ui.security import auth_middleware, browser_sessions
from journal_ui.security.sign_in_audit import Door
from services import texts
from services.accounts.accounts import AccountRefused, Duty
from services.accounts.sessions import SignedIn
from services.composition import Services
from services.lists.query_protocol import Busy, Unavailable

CODE = auth_middleware.DUTIES[Duty.CODE]


def install(services: Services, door: Door) -> None:
    """Open `/login`, `/login/code` and `/logout`; `door` hears of everybody."""
    entrance, living, tls = services.entrance, services.sessions, services.settings.tls

    async def turned_away(request: Request, reason: str, name: str, shown: str | None = None) -> Response:
        try:
            await door.refused(request, name)
        except (Unavailable, Busy):
            reason = texts.SIGN_IN_UNAVAILABLE
        return again(request, reason, name[:64] if shown is None else shown)

    @ui.page(auth_middleware.LOGIN, title=texts.SIGN_IN_TITLE)
    def login(request: Request, redirect_to: str = '') -> Response | None:
        signed: SignedIn | None = request.state.signed
        if signed:
            target = auth_middleware.DUTIES[signed.duty] if signed.duty else auth_middleware.local_path(redirect_to)
            return RedirectResponse(target, HTTPStatus.SEE_OTHER)
        _draw(*browser_sessions.said(request))
        return None

    @app.post(auth_middleware.LOGIN)
    async def sign_in(request: Request, redirect_to: str = '') -> Response:
        sent = await request.form()
        name, password = (str(sent.get(each, '')) for each in ('name', 'password'))
        try:
            entered = await entrance.sign_in(name, password, browser_sessions.visitor(request))
        except (Unavailable, Busy):
            return again(request, texts.SIGN_IN_UNAVAILABLE, name[:64])
        except AccountRefused as refused:
            return await turned_away(request, str(refused), name)
        if signed := request.state.signed:
            await living.end(signed.key)
        answer = RedirectResponse(auth_middleware.local_path(redirect_to), HTTPStatus.SEE_OTHER)
        return await browser_sessions.enter(request, answer, entered, tls=tls)

    @ui.page(CODE, title=texts.CODE_TITLE)
    def code_page(request: Request, redirect_to: str = '') -> Response | None:
        if request.state.signed.duty is not Duty.CODE:
            return RedirectResponse(auth_middleware.local_path(redirect_to), HTTPStatus.SEE_OTHER)
        _draw_code(*browser_sessions.said(request))
        return None

    @app.post(CODE)
    async def give_code(request: Request, redirect_to: str = '') -> Response:
        code = str((await request.form()).get('code', ''))
        try:
            entered = await entrance.give_code(request.state.signed, code, browser_sessions.visitor(request))
        except (Unavailable, Busy):
            return again(request, texts.SIGN_IN_UNAVAILABLE)
        except AccountRefused as refused:
            return await turned_away(request, str(refused), request.state.signed.person.name, shown='')
        answer = RedirectResponse(auth_middleware.local_path(redirect_to), HTTPStatus.SEE_OTHER)
        return await browser_sessions.enter(request, answer, entered, tls=tls)

    @app.post(auth_middleware.LOGOUT)
    async def sign_out(request: Request) -> Response:
        await living.end(request.state.signed.key)
        await door.left(request, request.state.person)
        request.session.clear()
        return RedirectResponse(auth_middleware.LOGIN, HTTPStatus.SEE_OTHER)


def again(request: Request, reason: str, name: str = '') -> Response:
    """Lead back to the page, which says why; an address never tells who tried."""
    browser_sessions.say(request, reason, name)
    return RedirectResponse(request.url.include_query_params(), HTTPStatus.SEE_OTHER)


def _draw(reason: str = '', name: str = '') -> None:
    with frame(texts.SIGN_IN_TITLE, None), form('sign-in', texts.SIGN_IN, reason=reason):
        heading(texts.SIGN_IN_TITLE)
        field(texts.USER_NAME, 'name', 'username', 'text', value=name, focus=not name)
        field(texts.PASSWORD, 'password', 'current-password', focus=bool(name))


def _draw_code(reason: str = '', _: str = '') -> None:
    with frame(texts.CODE_TITLE, None), ui.element('div').classes('sign-in'):
        with form('inner', texts.CODE_SEND, reason=reason):
            heading(texts.CODE_TITLE)
            paragraph(texts.CODE_HINT)
            field(texts.FACTOR_CODE, 'code', 'one-time-code', 'text', focus=True)
        with ui.element('form').props(f'method=post action={auth_middleware.LOGOUT}'):
            ui.button(texts.CODE_LEAVE, color=None).props('type=submit flat').classes('linklike')
