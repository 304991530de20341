"""Composition of what sign-in by OpenID Connect needs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.accounts.sessions import Sessions
from services.database.engine import Database
from services.keys.data_key import DataKey
from services.oidc.oidc_accounts import OidcAccounts
from services.oidc.oidc_sessions import OidcSessions
from services.oidc.oidc_settings import OidcSettings
from services.oidc.oidc_sign_in import OidcSignIn
from services.oidc.oidc_sign_out import OidcSignOut
from services.oidc.provider_http import ProviderHttp
from services.oidc.provider_metadata import ProviderDirectory
from services.oidc.role_refresh import RoleRefresh
from services.oidc.token_set import TokenClient
from services.oidc.token_validation import TokenValidator

CALLBACK_PATH: Final = '/login/oidc/callback'
"""Where the identity provider sends the browser back; to be registered there."""


@dataclass(frozen=True)
class OpenIdConnect:
    """Sign-in, sign-out and roles by one identity provider."""

    settings: OidcSettings
    sign_in: OidcSignIn
    sign_out: OidcSignOut
    role_refresh: RoleRefresh


def create_openid_connect(
    settings: OidcSettings | None,
    database: Database,
    sessions: Sessions,
    data_key: DataKey,
    now: Callable[[], datetime],
    http: ProviderHttp | None = None,
) -> OpenIdConnect | None:
    """Compose the services of an identity provider; None without one. Nothing is requested yet."""
    if settings is None:
        return None
    http = http or ProviderHttp()
    directory = ProviderDirectory(settings.issuer, http)
    validator = TokenValidator(settings, directory, now)
    tokens = TokenClient(settings, directory, http, now)
    accounts = OidcAccounts(database, settings.issuer, settings.label, now)
    oidc_sessions = OidcSessions(database, data_key, settings.issuer, now)
    return OpenIdConnect(
        settings=settings,
        sign_in=OidcSignIn(settings, directory, validator, tokens, accounts, oidc_sessions, sessions, data_key, now),
        sign_out=OidcSignOut(settings, directory, validator, oidc_sessions, sessions),
        role_refresh=RoleRefresh(settings, validator, tokens, accounts, oidc_sessions, sessions, now),
    )
