"""The page `/login`, and what its form and «Выйти» are answered with."""

from http import HTTPStatus

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from nicegui import app, ui

from journal_ui import guard, sessions
from journal_ui.door import Door
from journal_ui.frame import frame
from services import texts
from services.accounts import Accounts
from services.query import Busy, Unavailable

REFUSED = 'sign_in_refused'
"""Where a session keeps why its last try failed, until the page is drawn again."""


def install(accounts: Accounts, door: Door) -> None:
    """Open `/login` and `/logout`; `door` hears of everybody."""

    @ui.page('/login', title=texts.SIGN_IN_TITLE)
    def login(request: Request, redirect_to: str = '') -> Response | None:
        if request.state.person:
            return RedirectResponse(guard.local_path(redirect_to), HTTPStatus.SEE_OTHER)
        _draw()
        return None

    @app.post('/login')
    async def sign_in(request: Request, redirect_to: str = '') -> Response:
        form = await request.form()
        name, password = (str(form.get(field, '')) for field in ('name', 'password'))
        try:
            person = await accounts.sign_in(name, password)
            await (door.entered(request, person) if person else door.refused(request, name))
        except (Unavailable, Busy):
            return _again(request, name, texts.SIGN_IN_UNAVAILABLE)
        if person is None:
            return _again(request, name, texts.SIGN_IN_REFUSED)
        await sessions.sign_in(request, person)
        return RedirectResponse(guard.local_path(redirect_to), HTTPStatus.SEE_OTHER)

    @app.post('/logout')
    async def sign_out(request: Request) -> Response:
        sessions.sign_out(request)
        await door.left(request, request.state.person)
        return RedirectResponse('/login', HTTPStatus.SEE_OTHER)


def _again(request: Request, name: str, reason: str) -> Response:
    """Lead back to the page, which says why; an address never tells who tried."""
    app.storage.user[REFUSED] = [name[:64], reason]
    return RedirectResponse(request.url.include_query_params(), HTTPStatus.SEE_OTHER)


def _draw() -> None:
    """Draw the form: a plain one, so that passwords go to the server once, and password managers know it."""
    name, reason = app.storage.user.pop(REFUSED, ('', ''))
    with frame(texts.SIGN_IN_TITLE, None), ui.element('form').classes('sign-in').props('method=post'):
        with ui.element('h1'):
            ui.label(texts.SIGN_IN_TITLE)
        _field(texts.USER_NAME, 'name', 'username', 'text', name, focus=not name)
        _field(texts.PASSWORD, 'password', 'current-password', 'password', '', focus=bool(name))
        ui.label(reason).classes('refusal').props('role=alert')
        ui.button(texts.SIGN_IN, color=None).props('type=submit unelevated')


def _field(label: str, name: str, purpose: str, kind: str, value: str, *, focus: bool) -> None:
    with ui.element('label').classes('entry'):
        ui.label(label)
        field = ui.element('input').props(f'name={name} type={kind} autocomplete={purpose} required')
        field.props('autocapitalize=off spellcheck=false').props['value'] = value
        if focus:
            field.props('autofocus')
