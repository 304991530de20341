"""Sessions: timeouts, ends, notification of open pages, required steps."""

import asyncio
from collections.abc import Collection
from datetime import timedelta

import pytest
from sqlalchemy import text

from models import Role
from services.accounts.accounts import AccountError, RequiredStep
from services.accounts.passwords import PasswordPolicy
from services.accounts.sessions import SessionLimits
from services.database.engine import Database
from tests.helpers.auth_services import (
    FIRST_CLIENT,
    OTHER_CLIENT,
    PASSWORD,
    AuthServices,
    checked_identity,
)

NEW = 'совсем другой пароль'
TIMEOUT_SECONDS = 2
"""Seconds within which an open page has to learn that its session has ended."""


@pytest.fixture
def auth(database: Database) -> AuthServices:
    """The services of sign-in, with an administrator and a user."""
    made = AuthServices(database)
    made.add('chief', 'Admin')
    made.add('ivanov')
    return made


async def test_a_session_is_found_by_its_identifier_only(auth: AuthServices, database: Database) -> None:
    identifier = await auth.sign_in('ivanov')
    signed = await auth.sessions.find(identifier)
    assert signed is not None
    assert (signed.identity.name, signed.required_step) == ('ivanov', None)
    assert not await auth.is_signed_in(identifier + 'x')
    assert not await auth.is_signed_in('')
    stored = database.read_sync(
        lambda session: session.execute(text('SELECT hash FROM account_session')).scalars().all()
    )
    assert stored == [signed.key]
    assert identifier not in stored


async def test_a_session_ends_after_fifteen_minutes_of_inactivity(auth: AuthServices) -> None:
    identifier = await auth.sign_in('ivanov')
    auth.advance_clock(minutes=14, seconds=59)
    assert await auth.is_signed_in(identifier)
    auth.advance_clock(seconds=1)
    assert not await auth.is_signed_in(identifier)


async def test_activity_extends_a_session_and_is_written_once_a_minute(auth: AuthServices) -> None:
    identifier = await auth.sign_in('ivanov')
    signed = await auth.sessions.find(identifier)
    assert signed is not None

    async def seen() -> float:
        (line,) = await auth.sessions.list_for(signed.identity.id)
        return (auth.time - line.seen_at).total_seconds()

    auth.advance_clock(seconds=59)
    auth.sessions.watcher.record_activity(signed.key)
    await auth.sessions.watcher.check()
    assert await seen() == 59, 'written too soon'
    auth.advance_clock(seconds=1)
    await auth.sessions.watcher.check()
    assert await seen() == 1, 'the time of the activity is stored, not the time of writing'
    auth.advance_clock(minutes=14, seconds=58)
    assert await auth.is_signed_in(identifier)
    auth.advance_clock(seconds=1)
    assert not await auth.is_signed_in(identifier)


async def test_a_session_ends_after_twelve_hours_despite_activity(auth: AuthServices) -> None:
    identifier = await auth.sign_in('ivanov')
    for _ in range(71):
        auth.advance_clock(minutes=10)
        if signed := await auth.sessions.find(identifier):
            auth.sessions.watcher.record_activity(signed.key)
        await auth.sessions.watcher.check()
    assert await auth.is_signed_in(identifier)
    auth.advance_clock(minutes=10)
    assert not await auth.is_signed_in(identifier)


async def test_a_short_idle_timeout_counts_from_the_last_activity(database: Database) -> None:
    auth = AuthServices(database, limits=SessionLimits(idle_timeout=timedelta(minutes=1)))
    auth.add('ivanov')
    identifier = await auth.sign_in('ivanov')
    for _ in range(30):
        auth.advance_clock(seconds=10)
        signed = await auth.sessions.find(identifier)
        assert signed is not None
        auth.sessions.watcher.record_activity(signed.key)
        await auth.sessions.watcher.check()


@pytest.mark.parametrize('reason', ['sign-out', 'block', 'role', 'password', 'reset', 'ended by an administrator'])
async def test_a_session_ends_at_once(auth: AuthServices, reason: str) -> None:
    identifier, other = await auth.sign_in('ivanov'), await auth.sign_in('ivanov', OTHER_CLIENT)
    bystander = await auth.sign_in('chief')
    signed = await auth.sessions.find(identifier)
    assert signed is not None
    chief = await auth.users.find('chief')
    if reason == 'sign-out':
        await auth.sessions.end(signed.key)
    elif reason == 'block':
        await auth.users.block(chief, signed.identity)
    elif reason == 'role':
        await auth.users.set_role(chief, signed.identity, Role.USER)
    elif reason == 'password':
        entered = await auth.authentication.change_password(signed, PASSWORD, NEW, FIRST_CLIENT)
        assert await auth.is_signed_in(entered.identifier)
    elif reason == 'reset':
        await auth.users.reset_password(chief, signed.identity)
    else:
        await auth.users.end_sessions(chief, signed.identity)
    assert not await auth.is_signed_in(identifier)
    assert await auth.is_signed_in(other) is (reason == 'sign-out')
    assert await auth.is_signed_in(bystander)


async def test_open_pages_are_notified_of_an_end_by_another_process(auth: AuthServices, database_url: str) -> None:
    signed = await auth.sessions.find(await auth.sign_in('ivanov'))
    assert signed is not None
    ended: asyncio.Queue[Collection[str]] = asyncio.Queue()
    auth.sessions.watcher.watch_open_pages(lambda: [signed.key], ended.put_nowait)
    await auth.sessions.watcher.start()
    await asyncio.sleep(0)
    assert ended.empty()
    another = Database(database_url)
    other = AuthServices(another)
    await other.users.block(None, signed.identity)
    assert await asyncio.wait_for(ended.get(), TIMEOUT_SECONDS) == {signed.key}
    another.close()
    await auth.sessions.watcher.stop()


async def test_open_pages_are_notified_of_a_timeout(auth: AuthServices) -> None:
    signed = await auth.sessions.find(await auth.sign_in('ivanov'))
    assert signed is not None
    ended: list[Collection[str]] = []
    auth.sessions.watcher.watch_open_pages(lambda: [signed.key], ended.append)
    await auth.sessions.watcher.check()
    assert ended == []
    auth.advance_clock(minutes=15)
    await auth.sessions.watcher.check()
    assert ended == [{signed.key}]
    assert await auth.sessions.list_for(signed.identity.id) == []


async def test_a_user_lists_their_sessions_and_ends_the_others(auth: AuthServices) -> None:
    first = await auth.sign_in('ivanov')
    auth.advance_clock(minutes=1)
    second = await auth.sign_in('ivanov', OTHER_CLIENT)
    signed = await auth.sessions.find(second)
    assert signed is not None
    lines = await auth.sessions.list_for(signed.identity.id)
    assert [(line.address, line.agent) for line in lines] == [('198.51.100.7', 'curl'), ('192.0.2.1', 'Firefox')]
    await auth.sessions.end_others(signed)
    assert not await auth.is_signed_in(first)
    assert await auth.is_signed_in(second)


async def test_a_password_that_somebody_else_knows_must_be_changed(auth: AuthServices) -> None:
    auth.accounts.add('novice', 'User', PASSWORD)
    identifier = await auth.sign_in('novice')
    signed = await auth.sessions.find(identifier)
    assert signed is not None
    assert signed.required_step is RequiredStep.FIRST_PASSWORD
    for present, wanted, line in (
        ('a wrong password', NEW, 'Текущий пароль не подходит.'),
        (PASSWORD, PASSWORD, 'Новый пароль совпадает'),
        (PASSWORD, 'short', 'Нужен пароль длиной'),
        (PASSWORD, 'QwertyQwerty', 'Этот пароль слишком известен'),
    ):
        with pytest.raises(AccountError, match=line):
            await auth.authentication.change_password(signed, present, wanted, FIRST_CLIENT)
    entered = await auth.authentication.change_password(signed, PASSWORD, NEW, FIRST_CLIENT)
    changed = await auth.sessions.find(entered.identifier)
    assert changed is not None
    assert changed.required_step is None
    assert await checked_identity(auth.accounts, 'novice', PASSWORD) is None


async def test_passwords_expire_only_where_a_maximum_age_is_set(database: Database) -> None:
    auth = AuthServices(database, policy=PasswordPolicy(max_age_days=90))
    person = auth.add('ivanov')
    auth.advance_clock(days=89)
    signed = await auth.sessions.find(await auth.sign_in('ivanov'))
    assert signed is not None
    assert signed.required_step is None
    auth.advance_clock(days=1)
    signed = await auth.sessions.find(await auth.sign_in('ivanov'))
    assert signed is not None
    assert signed.required_step is RequiredStep.EXPIRED_PASSWORD
    await auth.authentication.change_password(signed, PASSWORD, NEW, FIRST_CLIENT)
    assert await auth.accounts.password_set_at(person.id) == auth.time
