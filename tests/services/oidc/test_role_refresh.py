"""The roles of signed-in users are read anew: what is taken away ends sessions, an outage does not at once."""

from datetime import timedelta

import httpx
import pytest

from models import AuditEvent, Role
from services import texts
from services.accounts.sessions import SessionLimits
from services.database.engine import Database
from services.oidc.oidc_errors import InvalidTokenError
from services.oidc.role_refresh import OUTAGE_GRACE
from tests.helpers.fake_identity_provider import OidcServices, signed, signed_logout

LONG_LIMITS = SessionLimits(idle_timeout=timedelta(days=2), absolute_timeout=timedelta(days=2))


@pytest.fixture
def oidc(database: Database) -> OidcServices:
    """The services with sessions that do not end by themselves; the test runs on each engine."""
    return OidcServices(database, limits=LONG_LIMITS)


async def refresh(oidc: OidcServices, **later: float) -> int:
    """Read the roles that are due after a time; return how many there were."""
    oidc.auth.advance_clock(**later)
    return await oidc.openid_connect.role_refresh.refresh_due()


def ended(oidc: OidcServices) -> list[str]:
    return [what for _, what in oidc.events(AuditEvent.OIDC_SESSIONS_ENDED)]


def reason(text: str) -> str:
    return texts.ACCESS_OIDC_ENDED.format(reason=text)


async def test_an_unchanged_role_leaves_the_session(oidc: OidcServices) -> None:
    identifier = await oidc.sign_in()
    assert await refresh(oidc, minutes=14) == 0
    oidc.provider.tokens['refresh_token'] = 'refresh-2'
    assert await refresh(oidc, minutes=2) == 1
    assert await refresh(oidc) == 0
    assert await oidc.identity(identifier)
    await refresh(oidc, minutes=16)
    assert [b'refresh-1' in request.content for request in oidc.provider.requests if b'refresh' in request.content] == [
        True,
        False,
    ]


async def test_another_role_changes_the_account_and_ends_its_sessions(oidc: OidcServices) -> None:
    first, second = await oidc.sign_in(), await oidc.sign_in()
    oidc.provider.claims['roles'] = ['Admin']
    await refresh(oidc, minutes=16)
    assert await oidc.identity(first) is None
    assert await oidc.identity(second) is None
    assert oidc.events(AuditEvent.OIDC_ACCOUNT_CHANGED) == [('anna', 'роль Admin')]
    identity = await oidc.identity(await oidc.sign_in())
    assert identity
    assert identity.role is Role.ADMIN


async def test_a_vanished_role_ends_every_session_of_the_user(oidc: OidcServices) -> None:
    first, second = await oidc.sign_in(), await oidc.sign_in()
    oidc.provider.claims['roles'] = ['other']
    await refresh(oidc, minutes=16)
    assert await oidc.identity(first) is None
    assert await oidc.identity(second) is None
    assert reason(texts.ACCESS_OIDC_NO_ROLE) in ended(oidc)


async def test_a_revoked_grant_ends_its_session(oidc: OidcServices) -> None:
    identifier = await oidc.sign_in()
    oidc.provider.answers['token'] = httpx.Response(400, json={'error': 'invalid_grant'})
    await refresh(oidc, minutes=16)
    assert await oidc.identity(identifier) is None
    assert ended(oidc) == [reason(texts.ACCESS_OIDC_REVOKED)]


@pytest.mark.parametrize(
    'answer',
    [
        httpx.Response(503, text='down'),
        httpx.Response(200, text='<html>'),
        httpx.Response(400, json={'error': 'invalid_client'}),
        httpx.Response(302, headers={'location': 'https://evil.test'}),
    ],
)
async def test_an_outage_ends_a_session_only_after_the_grace(oidc: OidcServices, answer: httpx.Response) -> None:
    identifier = await oidc.sign_in()
    oidc.provider.answers['token'] = answer
    await refresh(oidc, minutes=16)
    assert await oidc.identity(identifier)
    assert await refresh(oidc, minutes=2) == 1
    await refresh(oidc, seconds=OUTAGE_GRACE.total_seconds())
    assert await oidc.identity(identifier) is None
    assert ended(oidc) == [reason(texts.ACCESS_OIDC_OUTAGE)]


async def test_after_an_outage_the_session_goes_on(oidc: OidcServices) -> None:
    identifier = await oidc.sign_in()
    oidc.provider.failure = httpx.ConnectError('down')
    await refresh(oidc, minutes=16)
    oidc.provider.failure = None
    await refresh(oidc, minutes=2)
    await refresh(oidc, seconds=OUTAGE_GRACE.total_seconds())
    assert await oidc.identity(identifier)


async def test_the_absolute_timeout_holds_during_an_outage(database: Database) -> None:
    oidc = OidcServices(database, limits=SessionLimits(timedelta(days=2), timedelta(hours=1)))
    identifier = await oidc.sign_in()
    oidc.provider.failure = httpx.ConnectError('down')
    await refresh(oidc, minutes=16)
    assert await oidc.identity(identifier)
    oidc.auth.advance_clock(minutes=50)
    assert await oidc.identity(identifier) is None


async def test_without_a_refresh_token_the_access_token_reads_the_role(oidc: OidcServices) -> None:
    oidc.provider.tokens = {'expires_in': 3600}
    identifier = await oidc.sign_in()
    oidc.provider.user_info = {'roles': ['WebAdmin']}
    await refresh(oidc, minutes=16)
    assert await oidc.identity(identifier)
    oidc.provider.answers['userinfo'] = httpx.Response(401)
    await refresh(oidc, minutes=16)
    assert await oidc.identity(identifier) is None
    assert ended(oidc) == [reason(texts.ACCESS_OIDC_REVOKED)]


async def test_an_expired_access_token_is_an_outage(oidc: OidcServices) -> None:
    oidc.provider.tokens = {'expires_in': 60}
    identifier = await oidc.sign_in()
    await refresh(oidc, minutes=16)
    assert await oidc.identity(identifier)
    assert oidc.provider.count('userinfo') == 0


async def test_a_token_about_another_user_changes_nothing(oidc: OidcServices) -> None:
    identifier = await oidc.sign_in()
    oidc.provider.id_token = signed(oidc.provider.token_claims(sub='chief', roles=['Admin'], exp=2**31))
    await refresh(oidc, minutes=16)
    identity = await oidc.identity(identifier)
    assert identity
    assert identity.role is Role.WEB_ADMIN


async def test_a_session_is_read_by_one_node(oidc: OidcServices) -> None:
    await oidc.sign_in()
    oidc.auth.advance_clock(minutes=16)
    oidc.provider.delay = 0.05
    other = OidcServices(oidc.database, limits=LONG_LIMITS)
    other.auth.time = oidc.auth.time
    first = await oidc.openid_connect.role_refresh.refresh_due()
    assert (first, await other.openid_connect.role_refresh.refresh_due()) == (1, 0)


async def test_the_task_reads_due_roles(oidc: OidcServices) -> None:
    identifier = await oidc.sign_in()
    oidc.provider.claims['roles'] = []
    oidc.auth.advance_clock(minutes=16)
    refresher = oidc.openid_connect.role_refresh
    await refresher.start()
    try:
        while await oidc.identity(identifier):
            pass
    finally:
        await refresher.stop()


@pytest.mark.parametrize('changes', [{'sid': 'sid-1', 'sub': ...}, {'sid': 'sid-1'}, {'sub': 'anna-id'}])
async def test_an_announced_end_is_accepted_once(oidc: OidcServices, changes: dict[str, object]) -> None:
    oidc.provider.claims['sid'] = 'sid-1'
    identifier = await oidc.sign_in()
    token = signed_logout(oidc.provider.logout_claims(**changes))
    await oidc.openid_connect.sign_out.end_announced(token, '192.0.2.9')
    assert await oidc.identity(identifier) is None
    assert ended(oidc) == [reason(texts.ACCESS_OIDC_SIGNED_OUT.format(label='ИЭМК'))]
    again = await oidc.sign_in()
    with pytest.raises(InvalidTokenError, match='jti'):
        await oidc.openid_connect.sign_out.end_announced(token, '192.0.2.9')
    assert await oidc.identity(again)


@pytest.mark.parametrize('changes', [{'sid': 'sid-1', 'sub': 'other'}, {'sid': 'other'}, {'sub': 'other'}])
async def test_an_announced_end_of_others_ends_nothing(oidc: OidcServices, changes: dict[str, object]) -> None:
    oidc.provider.claims['sid'] = 'sid-1'
    identifier = await oidc.sign_in()
    await oidc.openid_connect.sign_out.end_announced(signed_logout(oidc.provider.logout_claims(**changes)), '')
    assert await oidc.identity(identifier)
    assert ended(oidc) == []
