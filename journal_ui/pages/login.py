"""Sign-in (`/login`), the code of the second factor (`/login/code`) and sign-out (`/logout`)."""

from http import HTTPStatus

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from nicegui import app, ui

from journal_ui.components.buttons import TextButton
from journal_ui.components.forms import field, form
from journal_ui.components.html_element import TextTag
from journal_ui.layout.page_layout import page_layout
from journal_ui.security import auth_middleware, browser_sessions
from journal_ui.security.sign_in_audit import SignInAudit
from services import texts
from services.accounts.accounts import AccountError, RequiredStep
from services.accounts.sessions import ActiveSession
from services.composition import Services
from services.errors import DatabaseError

CODE_PATH = auth_middleware.REQUIRED_STEP_PATHS[RequiredStep.CODE]


def install(services: Services, sign_in_audit: SignInAudit) -> None:
    """Register `/login`, `/login/code` and `/logout`; `sign_in_audit` records failed sign-ins and sign-outs."""
    authentication, session_service, tls = services.authentication, services.sessions, services.settings.tls

    async def reject_sign_in(request: Request, reason: str, name: str, displayed_name: str | None = None) -> Response:
        try:
            await sign_in_audit.record_failed_sign_in(request, name)
        except DatabaseError:
            reason = texts.DATABASE_DOWN_RETRY
        return redirect_with_error(request, reason, name[:64] if displayed_name is None else displayed_name)

    @ui.page(auth_middleware.LOGIN_PATH, title=texts.SIGN_IN_TITLE)
    def login(request: Request, redirect_to: str = '') -> Response | None:
        session: ActiveSession | None = request.state.signed
        if session:
            target = (
                auth_middleware.REQUIRED_STEP_PATHS[session.required_step]
                if session.required_step
                else auth_middleware.safe_redirect_path(redirect_to)
            )
            return RedirectResponse(target, HTTPStatus.SEE_OTHER)
        _draw_sign_in(*browser_sessions.pop_flash_messages(request))
        return None

    @app.post(auth_middleware.LOGIN_PATH)
    async def sign_in(request: Request, redirect_to: str = '') -> Response:
        form_data = await request.form()
        name, password = str(form_data.get('name', '')), str(form_data.get('password', ''))
        try:
            new_session = await authentication.sign_in(name, password, browser_sessions.visitor(request))
        except DatabaseError:
            return redirect_with_error(request, texts.DATABASE_DOWN_RETRY, name[:64])
        except AccountError as error:
            return await reject_sign_in(request, str(error), name)
        if old_session := request.state.signed:
            await session_service.end(old_session.key)
        response = RedirectResponse(auth_middleware.safe_redirect_path(redirect_to), HTTPStatus.SEE_OTHER)
        return await browser_sessions.start_session(request, response, new_session, tls=tls)

    @ui.page(CODE_PATH, title=texts.CODE_TITLE)
    def code_page(request: Request, redirect_to: str = '') -> Response | None:
        if request.state.signed.required_step is not RequiredStep.CODE:
            return RedirectResponse(auth_middleware.safe_redirect_path(redirect_to), HTTPStatus.SEE_OTHER)
        _draw_code(*browser_sessions.pop_flash_messages(request))
        return None

    @app.post(CODE_PATH)
    async def submit_code(request: Request, redirect_to: str = '') -> Response:
        session: ActiveSession = request.state.signed
        code = str((await request.form()).get('code', ''))
        try:
            new_session = await authentication.submit_code(session, code, browser_sessions.visitor(request))
        except DatabaseError:
            return redirect_with_error(request, texts.DATABASE_DOWN_RETRY)
        except AccountError as error:
            return await reject_sign_in(request, str(error), session.identity.name, displayed_name='')
        response = RedirectResponse(auth_middleware.safe_redirect_path(redirect_to), HTTPStatus.SEE_OTHER)
        return await browser_sessions.start_session(request, response, new_session, tls=tls)

    @app.post(auth_middleware.LOGOUT_PATH)
    async def sign_out(request: Request) -> Response:
        await session_service.end(request.state.signed.key)
        await sign_in_audit.record_sign_out(request, request.state.person)
        request.session.clear()
        return RedirectResponse(auth_middleware.LOGIN_PATH, HTTPStatus.SEE_OTHER)


def redirect_with_error(request: Request, error_message: str, user_name: str = '') -> Response:
    """Redirect to the page of the form, which shows the error.

    The message and the user name travel in the session, so that no URL holds a user name.
    """
    browser_sessions.add_flash_messages(request, error_message, user_name)
    return RedirectResponse(request.url.include_query_params(), HTTPStatus.SEE_OTHER)


def _draw_sign_in(error_message: str = '', user_name: str = '') -> None:
    with page_layout(texts.SIGN_IN_TITLE, None), form('sign-in', texts.SIGN_IN, error_message=error_message):
        TextTag('h1', texts.SIGN_IN_TITLE)
        field(texts.USER_NAME, 'name', 'username', 'text', value=user_name, autofocus=not user_name)
        field(texts.PASSWORD, 'password', 'current-password', autofocus=bool(user_name))


def _draw_code(error_message: str = '', _: str = '') -> None:
    with page_layout(texts.CODE_TITLE, None), ui.element('div').classes('sign-in'):
        with form('inner', texts.CODE_SEND, error_message=error_message):
            TextTag('h1', texts.CODE_TITLE)
            TextTag('p', texts.CODE_HINT)
            field(texts.FACTOR_CODE, 'code', 'one-time-code', 'text', autofocus=True)
        with ui.element('form').props(f'method=post action={auth_middleware.LOGOUT_PATH}'):
            TextButton(texts.CODE_OTHER_USER, submit=True).classes('linklike')
