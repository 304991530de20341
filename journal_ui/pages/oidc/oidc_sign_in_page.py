"""The two requests of a sign-in at the identity provider: the way there, and the way back."""

from http import HTTPStatus
from typing import Final

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from nicegui import app

from journal_ui.root_path import absolute_url
from journal_ui.security import auth_middleware, browser_sessions
from journal_ui.security.failure_limiter import FailureLimiter
from services import texts
from services.accounts.accounts import AccountError
from services.accounts.sessions import ActiveSession
from services.composition import Services
from services.errors import DatabaseError
from services.oidc.openid_connect import CALLBACK_PATH

FAILURES_PER_MINUTE: Final = 30
"""Failed sign-ins per minute from an IP address; each may cost a request to the identity provider."""
PENDING_KEY: Final = 'oidc'
"""Key in the session cookie of the sign-in that has begun, encrypted."""


def install(services: Services) -> None:
    """Register the endpoints, if there is an identity provider."""
    openid_connect, tls = services.openid_connect, services.settings.tls
    if openid_connect is None:
        return
    flow, limiter = openid_connect.sign_in, FailureLimiter(FAILURES_PER_MINUTE)

    @app.get(auth_middleware.OIDC_SIGN_IN_PATH)
    async def begin(request: Request, redirect_to: str = '') -> Response:
        target = auth_middleware.safe_redirect_path(redirect_to)
        if request.state.person:
            return RedirectResponse(target, HTTPStatus.SEE_OTHER)
        if request.headers.get('sec-fetch-site', 'none') not in {'same-origin', 'none'}:
            # Another site must not sign anybody in: the user presses the button.
            return RedirectResponse(auth_middleware.LOGIN_PATH, HTTPStatus.SEE_OTHER)
        try:
            url, pending = await flow.begin(absolute_url(request, CALLBACK_PATH, tls=tls), target)
        except AccountError as error:
            return redirect_to_sign_in(request, str(error))
        request.session[PENDING_KEY] = pending
        return RedirectResponse(url, HTTPStatus.SEE_OTHER)

    @app.get(CALLBACK_PATH)
    async def complete(request: Request) -> Response:
        client = browser_sessions.visitor(request, tls=tls)
        pending = str(request.session.pop(PENDING_KEY, ''))
        if limiter.is_exceeded(client.address):
            return redirect_to_sign_in(request, texts.OIDC_TOO_OFTEN)
        try:
            new_session, target = await flow.complete(pending, _single_parameters(request), client)
        except AccountError as error:
            limiter.count(client.address)
            return redirect_to_sign_in(request, str(error))
        except DatabaseError:
            return redirect_to_sign_in(request, texts.DATABASE_DOWN_RETRY)
        old_session: ActiveSession | None = request.state.signed
        if old_session:
            await services.sessions.end(old_session.key)
        response = RedirectResponse(auth_middleware.safe_redirect_path(target), HTTPStatus.SEE_OTHER)
        return await browser_sessions.start_session(request, response, new_session, tls=tls)


def redirect_to_sign_in(request: Request, error_message: str) -> Response:
    """Redirect to the sign-in page, which shows why the identity provider's user was not let in."""
    browser_sessions.add_flash_messages(request, error_message)
    return RedirectResponse(auth_middleware.LOGIN_PATH, HTTPStatus.SEE_OTHER)


def _single_parameters(request: Request) -> dict[str, str]:
    """Return the parameters of the query that occur once; one that occurs twice is ambiguous, and left out."""
    pairs = request.query_params.multi_items()
    names = [name for name, _ in pairs]
    return {name: value for name, value in pairs if names.count(name) == 1}
