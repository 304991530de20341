"""User administration, and the changes that are rejected."""

import asyncio

import pytest

from models import Role
from services.accounts.accounts import AccountError, Identity
from services.database.engine import Database
from tests.helpers.auth_services import PASSWORD, AuthServices, checked_identity


@pytest.fixture
def auth(database: Database) -> AuthServices:
    """The services of sign-in, with an administrator and a user."""
    made = AuthServices(database)
    made.add('chief', 'Admin')
    made.add('ivanov')
    return made


@pytest.fixture
async def chief(auth: AuthServices) -> Identity:
    """The administrator."""
    return await auth.users.find('chief')


@pytest.fixture
async def ivanov(auth: AuthServices) -> Identity:
    """The user."""
    return await auth.users.find('Ivanov')


async def test_an_added_user_gets_a_password_to_be_changed(auth: AuthServices, chief: Identity) -> None:
    added, password = await auth.users.add(chief, ' Petrov ', Role.USER)
    assert (added.name, added.role) == ('petrov', Role.USER)
    assert await checked_identity(auth.accounts, 'petrov', password) == added
    users = {user.identity.name: user for user in await auth.users.list_all()}
    assert list(users) == ['chief', 'ivanov', 'petrov']
    assert users['petrov'].must_change
    assert users['petrov'].signed_in_at is None
    for name, line in (('Petrov', 'уже есть'), ('two words', 'не подходит')):
        with pytest.raises(AccountError, match=line):
            await auth.users.add(chief, name, Role.USER)


async def test_a_blocked_user_gets_the_reason_only_with_the_right_password(
    auth: AuthServices, chief: Identity, ivanov: Identity
) -> None:
    await auth.users.block(chief, ivanov)
    with pytest.raises(AccountError, match='Учётная запись заблокирована'):
        await checked_identity(auth.accounts, 'ivanov', PASSWORD)
    assert await checked_identity(auth.accounts, 'ivanov', 'a wrong password') is None
    await auth.users.unblock(chief, ivanov)
    assert await checked_identity(auth.accounts, 'ivanov', PASSWORD) == ivanov


async def test_a_reset_password_is_new_and_must_be_changed(
    auth: AuthServices, chief: Identity, ivanov: Identity
) -> None:
    password = await auth.users.reset_password(chief, ivanov)
    assert await checked_identity(auth.accounts, 'ivanov', PASSWORD) is None
    assert await checked_identity(auth.accounts, 'ivanov', password) == ivanov
    assert [user.must_change for user in await auth.users.list_all()] == [False, True]


async def test_the_last_administrator_and_the_own_account_are_protected(
    auth: AuthServices, chief: Identity, ivanov: Identity
) -> None:
    for attempt in (auth.users.block(chief, chief), auth.users.set_role(chief, chief, Role.USER)):
        with pytest.raises(AccountError, match='Со своей учётной записью'):
            await attempt
    for attempt in (auth.users.block(None, chief), auth.users.set_role(None, chief, Role.WEB_ADMIN)):
        with pytest.raises(AccountError, match='последний действующий'):
            await attempt
    assert await checked_identity(auth.accounts, 'chief', PASSWORD) == chief
    await auth.users.set_role(chief, ivanov, Role.ADMIN)
    await auth.users.block(None, chief)
    with pytest.raises(AccountError, match='последний действующий'):
        await auth.users.block(None, ivanov)


async def test_two_administrators_cannot_block_each_other_at_once(auth: AuthServices, database_url: str) -> None:
    auth.add('second', 'Admin')
    chief, second = await auth.users.find('chief'), await auth.users.find('second')
    another = Database(database_url)
    other = AuthServices(another)
    outcomes = await asyncio.gather(
        auth.users.block(chief, second), other.users.block(second, chief), return_exceptions=True
    )
    another.close()
    assert [type(outcome) for outcome in outcomes].count(AccountError) == 1
    assert [user.blocked_at is None for user in await auth.users.list_all() if user.identity.role == Role.ADMIN].count(
        True
    ) == 1


async def test_a_former_administrator_changes_nothing(auth: AuthServices, chief: Identity, ivanov: Identity) -> None:
    auth.add('second', 'Admin')
    await auth.users.set_role(None, chief, Role.WEB_ADMIN)
    for attempt in (
        auth.users.block(chief, ivanov),
        auth.users.reset_password(chief, ivanov),
        auth.users.add(chief, 'petrov', Role.ADMIN),
        auth.users.set_role(ivanov, chief, Role.USER),
    ):
        with pytest.raises(AccountError, match='больше не Admin'):
            await attempt
    assert len(await auth.users.list_all()) == 3
    assert await checked_identity(auth.accounts, 'ivanov', PASSWORD) == ivanov


async def test_an_unknown_user_is_named_in_the_error(auth: AuthServices) -> None:
    with pytest.raises(AccountError, match='Пользователя nobody нет'):
        await auth.users.find('nobody')
