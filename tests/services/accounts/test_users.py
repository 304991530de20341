"""What an administrator does to accounts, and what nobody can do."""

import asyncio
from collections.abc import Iterator

import pytest

from models import Role
from services.accounts.accounts import AccountRefused, Person
from services.database.engine import Database
from tests.helpers.auth_services import PASSWORD, Gate, quick_hashes


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with quick_hashes():
        yield


@pytest.fixture
def gate(database: Database) -> Gate:
    """Accounts with an administrator and a person."""
    made = Gate(database)
    made.add('chief', 'Admin')
    made.add('ivanov')
    return made


@pytest.fixture
async def chief(gate: Gate) -> Person:
    """The administrator."""
    return await gate.users.find('chief')


@pytest.fixture
async def ivanov(gate: Gate) -> Person:
    """The person."""
    return await gate.users.find('Ivanov')


async def test_an_added_user_gets_a_password_to_be_changed(gate: Gate, chief: Person) -> None:
    added, password = await gate.users.add(chief, ' Petrov ', Role.USER)
    assert (added.name, added.role) == ('petrov', Role.USER)
    assert await gate.accounts.sign_in('petrov', password) == added
    users = {user.person.name: user for user in await gate.users.all()}
    assert list(users) == ['chief', 'ivanov', 'petrov']
    assert users['petrov'].must_change
    assert users['petrov'].signed_in_at is None
    for name, line in (('Petrov', 'уже есть'), ('two words', 'не подходит')):
        with pytest.raises(AccountRefused, match=line):
            await gate.users.add(chief, name, Role.USER)


async def test_a_blocked_user_is_told_so_if_the_password_is_right(gate: Gate, chief: Person, ivanov: Person) -> None:
    await gate.users.block(chief, ivanov)
    with pytest.raises(AccountRefused, match='Учётная запись заблокирована'):
        await gate.accounts.sign_in('ivanov', PASSWORD)
    assert await gate.accounts.sign_in('ivanov', 'a wrong password') is None
    await gate.users.unblock(chief, ivanov)
    assert await gate.accounts.sign_in('ivanov', PASSWORD) == ivanov


async def test_a_reset_password_is_new_and_must_be_changed(gate: Gate, chief: Person, ivanov: Person) -> None:
    password = await gate.users.reset(chief, ivanov)
    assert await gate.accounts.sign_in('ivanov', PASSWORD) is None
    assert await gate.accounts.sign_in('ivanov', password) == ivanov
    assert [user.must_change for user in await gate.users.all()] == [False, True]


async def test_nobody_locks_himself_out(gate: Gate, chief: Person, ivanov: Person) -> None:
    for attempt in (gate.users.block(chief, chief), gate.users.set_role(chief, chief, Role.USER)):
        with pytest.raises(AccountRefused, match='Со своей учётной записью'):
            await attempt
    for attempt in (gate.users.block(None, chief), gate.users.set_role(None, chief, Role.WEB_ADMIN)):
        with pytest.raises(AccountRefused, match='последний действующий'):
            await attempt
    assert await gate.accounts.sign_in('chief', PASSWORD) == chief
    await gate.users.set_role(chief, ivanov, Role.ADMIN)
    await gate.users.block(None, chief)
    with pytest.raises(AccountRefused, match='последний действующий'):
        await gate.users.block(None, ivanov)


async def test_two_administrators_do_not_take_each_others_role_at_once(gate: Gate, database_url: str) -> None:
    gate.add('second', 'Admin')
    chief, second = await gate.users.find('chief'), await gate.users.find('second')
    another = Database(database_url)
    other = Gate(another)
    outcomes = await asyncio.gather(
        gate.users.block(chief, second), other.users.block(second, chief), return_exceptions=True
    )
    another.close()
    assert [type(outcome) for outcome in outcomes].count(AccountRefused) == 1
    assert [user.blocked_at is None for user in await gate.users.all() if user.person.role == Role.ADMIN].count(
        True
    ) == 1


async def test_who_is_no_administrator_any_more_changes_nothing(gate: Gate, chief: Person, ivanov: Person) -> None:
    gate.add('second', 'Admin')
    await gate.users.set_role(None, chief, Role.WEB_ADMIN)
    for attempt in (
        gate.users.block(chief, ivanov),
        gate.users.reset(chief, ivanov),
        gate.users.add(chief, 'petrov', Role.ADMIN),
        gate.users.set_role(ivanov, chief, Role.USER),
    ):
        with pytest.raises(AccountRefused, match='больше не Admin'):
            await attempt
    assert len(await gate.users.all()) == 3
    assert await gate.accounts.sign_in('ivanov', PASSWORD) == ivanov


async def test_a_user_who_is_not_there_is_named(gate: Gate) -> None:
    with pytest.raises(AccountRefused, match='Пользователя nobody нет'):
        await gate.users.find('nobody')
