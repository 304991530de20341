"""Sign-in (`/login`), the code of the second factor (`/login/code`) and sign-out (`/logout`).

Both pages are plain HTML, without a script and a socket.
"""

from http import HTTPStatus
from urllib.parse import quote, urlsplit

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup
from nicegui import app

from journal_ui.layout.plain_page import (
    LINK_BUTTON,
    OUTLINED_BUTTON,
    PRIMARY_BUTTON,
    error_line,
    folded,
    paragraph,
    plain_field,
    plain_form,
    plain_link,
    plain_page,
)
from journal_ui.pages.oidc.oidc_sign_out_page import signed_out_page
from journal_ui.security import auth_middleware, browser_sessions
from journal_ui.security.sign_in_audit import SignInAudit
from services import texts
from services.accounts.accounts import AccountError, RequiredStep
from services.accounts.authentication import NewSession
from services.accounts.sessions import ActiveSession
from services.composition import Services
from services.errors import DatabaseError
from services.formats import date_and_minute, integer, plural
from services.oidc.oidc_settings import EVERY_LOCAL_ACCOUNT
from services.settings import Settings

CODE_PATH = auth_middleware.REQUIRED_STEP_PATHS[RequiredStep.CODE]


def install(services: Services, sign_in_audit: SignInAudit) -> None:
    """Register `/login`, `/login/code` and `/logout`; `sign_in_audit` records failed sign-ins and sign-outs."""
    authentication, session_service, tls = services.authentication, services.sessions, services.settings.tls
    openid_connect = services.openid_connect

    async def begin(request: Request, redirect_to: str, new_session: NewSession) -> Response:
        response = RedirectResponse(auth_middleware.safe_redirect_path(redirect_to), HTTPStatus.SEE_OTHER)
        await browser_sessions.start_session(request, response, new_session, tls=tls)
        if failed := new_session.failed_attempts:
            notice = texts.FAILED_ATTEMPTS.format(
                count=integer(failed.count),
                times=plural(failed.count, texts.TIMES_FORMS),
                time=date_and_minute(failed.last_at, services.settings.zone),
                address=failed.last_address,
            )
            browser_sessions.set_notice(request, notice)
        return response

    async def reject_sign_in(
        request: Request, error: AccountError, name: str, displayed_name: str | None = None
    ) -> Response:
        reason = str(error)
        try:
            await sign_in_audit.record_failed_sign_in(request, name, error)
        except DatabaseError:
            reason = texts.DATABASE_DOWN_RETRY
        return redirect_with_error(request, reason, name[:64] if displayed_name is None else displayed_name)

    @app.get(auth_middleware.LOGIN_PATH)
    async def login(request: Request, redirect_to: str = '') -> Response:
        session: ActiveSession | None = request.state.signed
        if session:
            target = (
                auth_middleware.REQUIRED_STEP_PATHS[session.required_step]
                if session.required_step
                else auth_middleware.safe_redirect_path(redirect_to)
            )
            return RedirectResponse(target, HTTPStatus.SEE_OTHER)
        messages = browser_sessions.pop_flash_messages(request)
        if openid_connect is None:
            return plain_page(texts.SIGN_IN_TITLE, _password_form(*messages))
        return _provider_page(services.settings, redirect_to, *messages)

    @app.post(auth_middleware.LOGIN_PATH)
    async def sign_in(request: Request, redirect_to: str = '') -> Response:
        form_data = await request.form()
        name, password = str(form_data.get('name', '')), str(form_data.get('password', ''))
        try:
            new_session = await authentication.sign_in(name, password, browser_sessions.visitor(request, tls=tls))
        except DatabaseError:
            return redirect_with_error(request, texts.DATABASE_DOWN_RETRY, name[:64])
        except AccountError as error:
            return await reject_sign_in(request, error, name)
        if old_session := request.state.signed:
            await session_service.end(old_session.key)
        return await begin(request, redirect_to, new_session)

    @app.get(CODE_PATH)
    async def code_page(request: Request, redirect_to: str = '') -> Response:
        if request.state.signed.required_step is not RequiredStep.CODE:
            return RedirectResponse(auth_middleware.safe_redirect_path(redirect_to), HTTPStatus.SEE_OTHER)
        return _code_page(*browser_sessions.pop_flash_messages(request))

    @app.post(CODE_PATH)
    async def submit_code(request: Request, redirect_to: str = '') -> Response:
        session: ActiveSession = request.state.signed
        code = str((await request.form()).get('code', ''))
        try:
            new_session = await authentication.submit_code(session, code, browser_sessions.visitor(request, tls=tls))
        except DatabaseError:
            return redirect_with_error(request, texts.DATABASE_DOWN_RETRY)
        except AccountError as error:
            return await reject_sign_in(request, error, session.identity.name, displayed_name='')
        return await begin(request, redirect_to, new_session)

    @app.post(auth_middleware.LOGOUT_PATH)
    async def sign_out(request: Request) -> Response:
        session: ActiveSession = request.state.signed
        # The page with the button follows the response to its form, and not the end of the session to `/login`.
        browser_sessions.mark_form_sent(session, urlsplit(request.headers.get('referer', '')).path)
        await session_service.end(session.key)
        await sign_in_audit.record_sign_out(request, request.state.person)
        request.session.clear()
        if openid_connect and session.identity.is_external:
            return await signed_out_page(request, openid_connect, tls=tls)
        return RedirectResponse(auth_middleware.LOGIN_PATH, HTTPStatus.SEE_OTHER)


def redirect_with_error(request: Request, error_message: str, user_name: str = '') -> Response:
    """Redirect to the page of the form, which shows the error.

    The message and the user name travel in the session, so that no URL holds a user name.
    """
    browser_sessions.add_flash_messages(request, error_message, user_name)
    return RedirectResponse(request.url.include_query_params(), HTTPStatus.SEE_OTHER)


def _provider_page(
    settings: Settings, redirect_to: str, error_message: str = '', user_name: str | None = None, *_: str
) -> Response:
    """Build the sign-in page of an installation with an identity provider; only a local sign-in has a user name."""
    label, target = settings.oidc_label, auth_middleware.safe_redirect_path(redirect_to)
    query = '' if target == '/' else f'?redirect_to={quote(target, safe="/")}'
    provider_error, local_error = ('', error_message) if user_name is not None else (error_message, '')
    form = _password_form(local_error, user_name or '', has_focus=bool(local_error), button_class=OUTLINED_BUTTON)
    is_restricted = settings.local_accounts != EVERY_LOCAL_ACCOUNT
    hint = paragraph(texts.OIDC_LOCAL_ONLY_HINT.format(label=label))
    local = (
        folded(texts.OIDC_LOCAL_ONLY, hint, form, is_open=bool(local_error))
        if is_restricted
        else Markup('<h2>{}</h2>{}').format(texts.OIDC_LOCAL, form)
    )
    return plain_page(
        texts.SIGN_IN_TITLE,
        error_line(provider_error),
        plain_link(texts.OIDC_SIGN_IN.format(label=label), auth_middleware.OIDC_SIGN_IN_PATH + query),
        local,
    )


def _password_form(
    error_message: str = '',
    user_name: str = '',
    *_: str,
    has_focus: bool = True,
    button_class: str = PRIMARY_BUTTON,
) -> Markup:
    fields = (
        plain_field(
            texts.USER_NAME,
            'name',
            'username',
            input_type='text',
            value=user_name,
            autofocus=has_focus and not user_name,
        ),
        plain_field(texts.PASSWORD, 'password', 'current-password', autofocus=has_focus and bool(user_name)),
    )
    return plain_form(texts.SIGN_IN, fields, error_message=error_message, button_class=button_class)


def _code_page(error_message: str = '', *_: str) -> Response:
    code_field = plain_field(texts.FACTOR_CODE, 'code', 'one-time-code', input_type='text', autofocus=True)
    return plain_page(
        texts.CODE_TITLE,
        paragraph(texts.CODE_HINT),
        plain_form(texts.CODE_SEND, (code_field,), error_message=error_message),
        plain_form(texts.CODE_OTHER_USER, action=auth_middleware.LOGOUT_PATH, button_class=LINK_BUTTON),
    )
