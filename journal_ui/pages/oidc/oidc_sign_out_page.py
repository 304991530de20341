"""The page after a sign-out of a user of the identity provider, and the endpoint where the provider announces one."""

import logging
from http import HTTPStatus
from typing import Final

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from nicegui import app

from journal_ui.layout.plain_page import paragraph, plain_link, plain_page
from journal_ui.root_path import absolute_url
from journal_ui.security import auth_middleware
from journal_ui.security.client_ip import client_ip
from journal_ui.security.failure_limiter import FailureLimiter
from services import texts
from services.composition import Services
from services.errors import DatabaseError
from services.oidc.oidc_errors import IdentityProviderError, InvalidTokenError
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


async def signed_out_page(request: Request, openid_connect: OpenIdConnect, *, tls: bool) -> Response:
    """Return the page that says that the user has left the journal, and leads out of the other system as well.

    The page comes first, because the policy of the page with the button allows no form to lead to another site.
    """
    label = openid_connect.settings.label
    url = await openid_connect.sign_out.url(absolute_url(request, auth_middleware.LOGIN_PATH, tls=tls))
    sign_in_link = plain_link(texts.SIGN_IN_AGAIN, auth_middleware.LOGIN_PATH, css_class='nicegui-link')
    if not url:
        hint = paragraph(texts.SIGNED_OUT_ELSEWHERE.format(label=label))
        return plain_page(texts.SIGNED_OUT_TITLE, hint, sign_in_link)
    return plain_page(
        texts.SIGNED_OUT_TITLE,
        paragraph(texts.SIGNED_OUT_STILL.format(label=label)),
        plain_link(texts.SIGN_OUT_ALSO.format(label=label), url),
        sign_in_link,
    )
