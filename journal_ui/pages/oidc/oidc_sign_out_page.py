"""The page after a sign-out of a user of the identity provider, and the endpoint where the provider announces one."""

import logging
from http import HTTPStatus
from typing import Final

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from markupsafe import Markup
from nicegui import app

from journal_ui.layout.plain_page import hidden_field, paragraph, plain_form, plain_link, plain_page
from journal_ui.pages.oidc.oidc_sign_in_page import absolute_url
from journal_ui.security import auth_middleware, security_headers
from journal_ui.security.client_ip import client_ip
from journal_ui.security.failure_limiter import FailureLimiter
from services import texts
from services.accounts.sessions import ActiveSession
from services.composition import Services
from services.errors import DatabaseError
from services.oidc.oidc_errors import IdentityProviderError, InvalidTokenError
from services.oidc.oidc_sign_out import SignOutForm
from services.oidc.openid_connect import OpenIdConnect

FAILURES_PER_MINUTE: Final = 60
"""Invalid logout tokens per minute from an IP address; valid ones are not limited."""

log = logging.getLogger(__name__)


def install(services: Services) -> None:
    """Register the endpoint of Back-Channel Logout, if there is an identity provider.

    The provider sends a form to it, as no page may from elsewhere: the authentication middleware refuses forms of other
    origins, and a provider is no browser, so that its request names no origin.
    """
    openid_connect = services.openid_connect
    if openid_connect is None:
        return
    flow, limiter = openid_connect.sign_out, FailureLimiter(FAILURES_PER_MINUTE)

    @app.post(auth_middleware.OIDC_LOGOUT_PATH)
    async def end_announced(request: Request) -> Response:
        address = client_ip(request)
        if limiter.is_exceeded(address):
            return JSONResponse({'error': 'temporarily_unavailable'}, HTTPStatus.TOO_MANY_REQUESTS)
        token = (await request.form()).get('logout_token')
        try:
            await flow.end_announced(str(token or ''), address)
        except InvalidTokenError as error:
            limiter.count(address)
            log.warning('a logout token was refused (%s)', error)
            return JSONResponse({'error': 'invalid_request'}, HTTPStatus.BAD_REQUEST)
        except (IdentityProviderError, DatabaseError):
            return JSONResponse({'error': 'temporarily_unavailable'}, HTTPStatus.SERVICE_UNAVAILABLE)
        return Response()


async def prepare_sign_out(
    request: Request, openid_connect: OpenIdConnect | None, session: ActiveSession, *, tls: bool
) -> SignOutForm | None:
    """Return the form that signs the user of a session out at the identity provider; None if there is none."""
    if openid_connect is None or not session.identity.is_external:
        return None
    try:
        return await openid_connect.sign_out.form(
            session.key, absolute_url(request, auth_middleware.LOGIN_PATH, tls=tls)
        )
    except DatabaseError:
        return None


def signed_out_page(form: SignOutForm | None, label: str) -> Response:
    """Return the page that says that the user has left the journal, and leads out of the other system as well."""
    sign_in_link = plain_link(texts.SIGN_IN_AGAIN, auth_middleware.LOGIN_PATH, css_class='nicegui-link')
    if form is None:
        hint = paragraph(texts.SIGNED_OUT_ELSEWHERE.format(label=label))
        return plain_page(texts.SIGNED_OUT_TITLE, hint, sign_in_link)
    fields: list[Markup] = [hidden_field(name, value) for name, value in form.fields.items()]
    response = plain_page(
        texts.SIGNED_OUT_TITLE,
        paragraph(texts.SIGNED_OUT_STILL.format(label=label)),
        plain_form(texts.SIGN_OUT_ALSO.format(label=label), fields, action=form.url),
        sign_in_link,
    )
    # Only this page may send a form to the identity provider, which redirects it back.
    response.headers['Content-Security-Policy'] = security_headers.content_security_policy('', form.origin)
    return response
