"""A sign-in at the identity provider: who enters, under which account, and which responses are refused."""

import asyncio
import logging
from typing import Any

import pytest
from sqlalchemy import insert, select

from models import AuditEvent, Role
from services import texts
from services.accounts.accounts import AccountError
from services.accounts.identity import AllowedAccounts
from services.accounts.secret_columns import forget_data_key
from services.database.engine import Database
from services.database.tables import ACCOUNT_TABLE, OIDC_SESSION_TABLE, ORGANIZATION_TABLE
from services.dictionaries.name_folding import fold_entry_name
from services.oidc.claims import ClaimedUser
from services.oidc.oidc_accounts import OidcAccounts
from services.oidc.oidc_errors import OidcSignInError
from services.oidc.oidc_sign_in import SIGN_IN_TIMEOUT
from tests.helpers.auth_services import OTHER_CLIENT, AuthServices
from tests.helpers.fake_identity_provider import ISSUER, OidcServices

LABEL = 'ИЭМК'


def message(text: str) -> str:
    """Return the pattern of a whole message to the user."""
    return f'^{text.format(label=LABEL)}$'.replace('(', r'\(').replace(')', r'\)')


def account_names(database: Database) -> list[str]:
    statement = select(ACCOUNT_TABLE.c.name).order_by(ACCOUNT_TABLE.c.id)
    return list(database.read_sync(lambda session: session.scalars(statement).all()))


def add_organizations(database: Database, *names: str) -> None:
    folded = {name: fold_entry_name(name) for name in names}
    rows = [{'name': name, 'name_key': key, 'folded_name': key} for name, key in folded.items()]
    database.write_sync(lambda session: session.execute(insert(ORGANIZATION_TABLE), rows) and None)


async def test_a_user_gets_an_account_and_a_session(oidc: OidcServices) -> None:
    oidc.provider.claims |= {'preferred_username': 'Anna.Petrova@Region.test', 'sid': 'sid-1'}
    identity = await oidc.identity(await oidc.sign_in())
    assert identity
    assert (identity.name, identity.role, identity.scope) == ('anna.petrova@region.test', Role.WEB_ADMIN, None)
    assert identity.is_external
    assert oidc.events(AuditEvent.SIGNED_IN) == [(identity.name, 'через ИЭМК')]
    assert oidc.events(AuditEvent.USER_CHANGED) == [
        (identity.name, 'добавлен при первом входе через ИЭМК, роль WebAdmin')
    ]


async def test_the_request_has_pkce_state_and_nonce(oidc: OidcServices) -> None:
    first, _ = await oidc.begin()
    second, _ = await oidc.begin()
    assert first['code_challenge_method'] == 'S256'
    assert first['response_type'] == 'code'
    assert first['scope'] == 'openid'
    assert all(first[name] != second[name] for name in ('state', 'nonce', 'code_challenge'))
    assert 'acr_values' not in first


async def test_the_code_is_exchanged_with_the_verifier_and_the_secret(oidc: OidcServices) -> None:
    await oidc.sign_in()
    request = next(request for request in oidc.provider.requests if request.url.path.endswith('token'))
    assert b'code_verifier=' in request.content
    assert b'secret' not in request.content
    assert request.headers['authorization'].startswith('Basic ')


async def test_a_provider_without_basic_authentication_gets_the_secret_in_the_form(oidc: OidcServices) -> None:
    oidc.provider.metadata['token_endpoint_auth_methods_supported'] = ['client_secret_post']
    await oidc.sign_in()
    request = next(request for request in oidc.provider.requests if request.url.path.endswith('token'))
    assert b'client_id=journal&client_secret=secret' in request.content
    assert 'authorization' not in request.headers


async def test_a_user_is_known_by_subject_and_not_by_name(oidc: OidcServices) -> None:
    local = oidc.auth.add('anna', 'Admin')
    first = await oidc.identity(await oidc.sign_in())
    oidc.provider.claims['preferred_username'] = 'renamed'
    second = await oidc.identity(await oidc.sign_in())
    oidc.provider.claims |= {'sub': 'another-id', 'preferred_username': 'anna'}
    third = await oidc.identity(await oidc.sign_in())
    assert first
    assert second
    assert third
    assert first.id == second.id != local.id
    assert account_names(oidc.database) == ['anna', 'anna-2', 'anna-3']
    assert (third.name, third.role) == ('anna-3', Role.WEB_ADMIN)


async def test_a_password_is_of_no_use_for_such_an_account(oidc: OidcServices) -> None:
    await oidc.sign_in()
    for password in ('', ' ', 'anna'):
        with pytest.raises(AccountError, match=texts.SIGN_IN_REFUSED):
            await oidc.auth.authentication.sign_in('anna', password, OTHER_CLIENT)
        oidc.auth.advance_clock(hours=1)


async def test_an_administrator_sets_neither_password_nor_role(oidc: OidcServices) -> None:
    admin = oidc.auth.add('chief', 'Admin')
    identity = await oidc.identity(await oidc.sign_in())
    assert identity
    expected = texts.ACCOUNT_EXTERNAL.format(name='anna')
    with pytest.raises(AccountError, match=expected):
        await oidc.auth.users.reset_password(admin, identity)
    with pytest.raises(AccountError, match=expected):
        await oidc.auth.users.set_role(admin, identity, Role.ADMIN)


async def test_a_blocked_account_does_not_enter(oidc: OidcServices) -> None:
    admin = oidc.auth.add('chief', 'Admin')
    identifier = await oidc.sign_in()
    identity = await oidc.identity(identifier)
    assert identity
    await oidc.auth.users.block(admin, identity)
    assert await oidc.identity(identifier) is None
    with pytest.raises(OidcSignInError, match=texts.SIGN_IN_BLOCKED):
        await oidc.sign_in()
    assert oidc.events(AuditEvent.OIDC_SIGN_IN_REFUSED) == [('anna', texts.ACCESS_OIDC_BLOCKED)]


@pytest.mark.parametrize(
    'roles', [..., None, [], 'none', ['webadmin'], [['WebAdmin']], {'WebAdmin': True}, 7, 'a' * 10**4]
)
async def test_without_a_role_nobody_enters(oidc: OidcServices, roles: object) -> None:
    oidc.provider.claims['roles'] = roles
    if roles is ...:
        del oidc.provider.claims['roles']
    with pytest.raises(OidcSignInError, match=message(texts.OIDC_NO_ROLE)):
        await oidc.sign_in()
    assert account_names(oidc.database) == []
    assert oidc.events(AuditEvent.OIDC_SIGN_IN_REFUSED) == [('anna', texts.ACCESS_OIDC_NO_ROLE)]


@pytest.mark.parametrize(
    ('roles', 'expected'),
    [('Admin', Role.ADMIN), (['other', 'WebAdmin', 'Admin'], Role.ADMIN), (['WebAdmin', 1, None], Role.WEB_ADMIN)],
)
async def test_of_several_roles_the_highest_counts(oidc: OidcServices, roles: object, expected: Role) -> None:
    oidc.provider.claims['roles'] = roles
    identity = await oidc.identity(await oidc.sign_in())
    assert identity
    assert identity.role is expected


async def test_roles_are_mapped_from_a_nested_claim(database: Database) -> None:
    oidc = OidcServices(database, role_claim='realm_access.roles', roles={'sms-operator': Role.USER})
    oidc.provider.claims['realm_access'] = {'roles': ['Admin', 'sms-operator']}
    identity = await oidc.identity(await oidc.sign_in())
    assert identity
    assert identity.role is Role.USER


async def test_claims_that_the_token_lacks_come_from_user_info(oidc: OidcServices) -> None:
    oidc.provider.claims = {'sub': 'anna-id'}
    oidc.provider.user_info = {'preferred_username': 'from-user-info', 'roles': ['Admin']}
    identity = await oidc.identity(await oidc.sign_in())
    assert identity
    assert (identity.name, identity.role) == ('from-user-info', Role.ADMIN)
    oidc.provider.user_info['sub'] = 'another'
    with pytest.raises(OidcSignInError, match=message(texts.OIDC_INVALID)):
        await oidc.sign_in()


async def test_another_role_ends_the_other_sessions(oidc: OidcServices) -> None:
    first = await oidc.sign_in()
    second = await oidc.sign_in()
    assert await oidc.identity(first)
    oidc.provider.claims['roles'] = ['Admin']
    third = await oidc.identity(await oidc.sign_in())
    assert third
    assert third.role is Role.ADMIN
    assert await oidc.identity(first) is None
    assert await oidc.identity(second) is None
    assert oidc.events(AuditEvent.OIDC_ACCOUNT_CHANGED) == [('anna', 'роль Admin')]


async def test_organisations_are_those_of_the_claim(database: Database) -> None:
    add_organizations(database, 'ГБУЗ «Первая»', 'ГБУЗ «Вторая»', 'ГБУЗ «Третья»')
    oidc = OidcServices(database, organizations_claim='org.names')
    oidc.provider.claims['org'] = {'names': ['гбуз первая', 'ГБУЗ «Вторая»', 'Неизвестная', 7]}
    identity = await oidc.identity(await oidc.sign_in())
    assert identity
    assert identity.scope
    statement = select(ORGANIZATION_TABLE.c.name).where(ORGANIZATION_TABLE.c.id.in_(identity.scope.ids))
    names = database.read_sync(lambda session: set(session.scalars(statement)))
    assert names == {'ГБУЗ «Первая»', 'ГБУЗ «Вторая»'}
    assert oidc.events(AuditEvent.OIDC_ACCOUNT_CHANGED) == [
        ('anna', 'роль WebAdmin; организаций: 2; неизвестных организаций 1: «Неизвестная»')
    ]
    first = await oidc.sign_in()
    oidc.provider.claims['org'] = {'names': 'ГБУЗ «Третья»'}
    identity = await oidc.identity(await oidc.sign_in())
    assert identity
    assert identity.scope
    assert len(identity.scope.ids) == 1
    assert await oidc.identity(first) is None


@pytest.mark.parametrize('value', [..., None, [], '', 'Неизвестная', {'a': 1}, '\u200b', ['\x00']])
async def test_without_organisations_a_user_is_bound_to_nothing(database: Database, value: object) -> None:
    oidc = OidcServices(database, organizations_claim='org')
    oidc.provider.claims |= {} if value is ... else {'org': value}
    identity = await oidc.identity(await oidc.sign_in())
    assert identity
    assert identity.scope is not None
    assert identity.scope.ids == frozenset()


async def test_an_administrator_is_never_bound(database: Database) -> None:
    add_organizations(database, 'ГБУЗ «Первая»')
    oidc = OidcServices(database, organizations_claim='org')
    oidc.provider.claims['org'] = ['ГБУЗ «Первая»']
    identity = await oidc.identity(await oidc.sign_in())
    assert identity
    assert identity.scope
    oidc.provider.claims['roles'] = ['Admin']
    identity = await oidc.identity(await oidc.sign_in())
    assert identity
    assert (identity.role, identity.scope) == (Role.ADMIN, None)


@pytest.mark.parametrize(
    ('claims', 'enters'),
    [
        ({'acr': '2'}, True),
        ({'amr': ['pwd', 'otp']}, True),
        ({'acr': '1', 'amr': ['pwd']}, False),
        ({}, False),
        ({'acr': ['2'], 'amr': ['pwd']}, False),
        ({'acr': '1', 'amr': ['pwd', 7]}, False),
    ],
)
async def test_the_second_factor_is_that_of_the_provider(
    database: Database, claims: dict[str, Any], enters: bool
) -> None:
    oidc = OidcServices(
        database, requires_second_factor=True, acr_values=frozenset({'2'}), amr_values=frozenset({'otp', 'mfa'})
    )
    oidc.provider.claims |= claims
    assert (await oidc.begin())[0]['acr_values'] == '2'
    if enters:
        assert await oidc.identity(await oidc.sign_in())
    else:
        with pytest.raises(OidcSignInError, match=message(texts.OIDC_NO_FACTOR)):
            await oidc.sign_in()
        assert oidc.events(AuditEvent.OIDC_SIGN_IN_REFUSED) == [('anna', texts.ACCESS_OIDC_NO_FACTOR)]


async def test_a_second_factor_of_user_info_does_not_count(database: Database) -> None:
    oidc = OidcServices(database, requires_second_factor=True, acr_values=frozenset({'2'}))
    del oidc.provider.claims['roles']
    oidc.provider.user_info = {'roles': ['Admin'], 'acr': '2'}
    with pytest.raises(OidcSignInError, match=message(texts.OIDC_NO_FACTOR)):
        await oidc.sign_in()


async def test_a_response_is_used_once_and_by_its_browser(oidc: OidcServices) -> None:
    parameters, pending = await oidc.begin()
    response = {'code': 'c', 'state': parameters['state']}
    await oidc.complete(pending, **response)
    requests = len(oidc.provider.requests)
    _, other_pending = await oidc.begin()
    for kept, changed in (
        (pending, response),  # replayed
        (other_pending, response),  # of another browser
        ('', response),
        ('gAAAAA', response),
        (other_pending, {'code': 'c'}),
        (other_pending, {'code': 'c', 'state': ''}),
        (other_pending, {'code': 'c', 'state': 'я' * 10_000}),
    ):
        with pytest.raises(OidcSignInError, match=message(texts.OIDC_NOT_BEGUN)):
            await oidc.complete(kept, **changed)
    assert len(oidc.provider.requests) == requests


async def test_a_response_is_used_once_by_concurrent_requests(oidc: OidcServices) -> None:
    parameters, pending = await oidc.begin()
    attempts = [oidc.complete(pending, code='c', state=parameters['state']) for _ in range(4)]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert sorted(isinstance(result, OidcSignInError) for result in results) == [False, True, True, True]
    assert oidc.provider.count('token') == 1


async def test_a_late_response_is_refused(oidc: OidcServices) -> None:
    parameters, pending = await oidc.begin()
    oidc.auth.time += SIGN_IN_TIMEOUT
    oidc.auth.advance_clock(seconds=1)
    with pytest.raises(OidcSignInError, match=message(texts.OIDC_NOT_BEGUN)):
        await oidc.complete(pending, code='c', state=parameters['state'])


@pytest.mark.parametrize('sends_issuer', [True, False])
@pytest.mark.parametrize('response', [{'iss': 'https://evil.test'}, {'iss': ''}, {}, {'iss': ISSUER}])
async def test_a_response_of_another_provider_is_refused(
    oidc: OidcServices, response: dict[str, str], sends_issuer: bool
) -> None:
    """A mix-up of providers (RFC 9207): the issuer must be named if the provider says that it does so."""
    oidc.provider.metadata['authorization_response_iss_parameter_supported'] = sends_issuer
    if response.get('iss') == ISSUER or not (response or sends_issuer):
        assert await oidc.identity(await oidc.sign_in(**response))
        return
    with pytest.raises(OidcSignInError, match=message(texts.OIDC_INVALID)):
        await oidc.sign_in(**response)
    assert oidc.provider.count('token') == 0


@pytest.mark.parametrize(
    ('error', 'expected'),
    [
        ('access_denied', texts.OIDC_CANCELLED),
        ('login_required', texts.OIDC_CANCELLED),
        ('temporarily_unavailable', texts.OIDC_UNAVAILABLE),
        ('invalid_scope', texts.OIDC_REFUSED),
        ('<script>alert(1)</script>', texts.OIDC_REFUSED),
        ('', texts.OIDC_REFUSED),
    ],
)
async def test_an_error_of_the_provider_is_a_plain_sentence(
    oidc: OidcServices, error: str, expected: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(OidcSignInError, match=message(expected)):
        await oidc.sign_in(error=error, error_description='raw text')
    assert 'raw text' not in caplog.text
    assert '<script>' not in caplog.text
    assert oidc.provider.count('token') == 0


@pytest.mark.parametrize('code', ['', 'c' * 5000])
async def test_without_a_code_nobody_enters(oidc: OidcServices, code: str) -> None:
    with pytest.raises(OidcSignInError, match=message(texts.OIDC_INVALID)):
        await oidc.sign_in(code=code)


async def test_the_page_to_open_travels_with_the_browser(oidc: OidcServices) -> None:
    for path, expected in (('/users?page=2', '/users?page=2'), ('/messages?x=' + 'я' * 900, '/')):
        parameters, pending = await oidc.begin(path)
        _, target = await oidc.openid_connect.sign_in.complete(
            pending, {'code': 'c', 'state': parameters['state']}, OTHER_CLIENT
        )
        assert target == expected
        assert len(pending) < 2600, 'The cookie would be too large.'


async def test_first_sign_ins_on_several_nodes_make_one_account(oidc: OidcServices) -> None:
    nodes = [Database(oidc.database.url.render_as_string(hide_password=False)) for _ in range(3)]
    users = [ClaimedUser(subject, 'anna', Role.USER, None) for subject in ('one', 'two')]
    accounts = [OidcAccounts(node, ISSUER, LABEL, oidc.auth.now) for node in nodes]
    try:
        entered = await asyncio.gather(*(each.enter(user, Role.USER, '') for each in accounts for user in users * 3))
    finally:
        for node in nodes:
            node.close()
    assert len({each.identity.id for each in entered}) == len(users)
    assert account_names(oidc.database) == ['anna', 'anna-2']


async def test_tokens_are_stored_encrypted_and_end_with_the_session(
    oidc: OidcServices, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    identifier = await oidc.sign_in()
    tokens = select(OIDC_SESSION_TABLE.c.tokens)
    (stored,) = oidc.database.read_sync(lambda session: session.scalars(tokens).all())
    for secret in ('refresh-1', 'access', 'eyJ'):
        assert secret not in stored
        assert f"'{secret}" not in caplog.text
    session = await oidc.auth.sessions.find(identifier)
    assert session
    await oidc.auth.sessions.end(session.key)
    assert oidc.database.read_sync(lambda session: session.scalars(tokens).all()) == []


async def test_without_the_provider_in_the_settings_the_session_ends(oidc: OidcServices) -> None:
    identifier = await oidc.sign_in()
    for allowed in (AllowedAccounts(), AllowedAccounts('', 'https://other.test')):
        assert await AuthServices(oidc.database, allowed_accounts=allowed).sessions.find(identifier) is None


async def test_only_the_emergency_account_enters_by_password(database: Database) -> None:
    before = AuthServices(database)
    for name in ('chief', 'emergency'):
        before.add(name, 'Admin')
    identifier = await before.sign_in('chief')
    auth = AuthServices(database, allowed_accounts=AllowedAccounts('emergency', ISSUER))
    assert await auth.sessions.find(identifier) is None
    assert await auth.is_signed_in(await auth.sign_in('emergency'))
    with pytest.raises(AccountError, match=texts.SIGN_IN_REFUSED):
        await auth.sign_in('chief')


async def test_a_lost_data_key_ends_the_sessions_whose_tokens_it_encrypts(oidc: OidcServices) -> None:
    oidc.auth.add('chief', 'Admin')
    local, external = await oidc.auth.sign_in('chief'), await oidc.sign_in()
    forget_data_key(oidc.database)
    assert await oidc.identity(external) is None
    assert await oidc.identity(local)
