"""Sessions: when they end, and what they let a person do."""

import asyncio
from collections.abc import Collection, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from models import Role
from services.accounts.accounts import AccountRefused, Duty
from services.accounts.passwords import Policy
from services.accounts.sessions import Limits
from services.database.engine import Database
from tests.helpers.auth_services import ELSEWHERE, HOME, PASSWORD, Gate, quick_hashes

NEW = 'совсем другой пароль'
SOON = 2
"""Seconds within which an open page must know that its session has ended."""


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with quick_hashes():
        yield


@pytest.fixture
def gate(database: Database) -> Gate:
    """The way in, with an administrator and a person."""
    made = Gate(database)
    made.add('chief', 'Admin')
    made.add('ivanov')
    return made


async def test_a_session_is_known_by_its_identifier_alone(gate: Gate, database: Database) -> None:
    identifier = await gate.enter('ivanov')
    signed = await gate.sessions.find(identifier)
    assert signed is not None
    assert (signed.person.name, signed.duty) == ('ivanov', None)
    assert not await gate.is_in(identifier + 'x')
    assert not await gate.is_in('')
    kept = database.read_now(lambda session: session.execute(text('SELECT hash FROM account_session')).scalars().all())
    assert kept == [signed.key]
    assert identifier not in kept


async def test_it_ends_after_a_quarter_of_an_hour_in_which_nothing_was_done(gate: Gate) -> None:
    identifier = await gate.enter('ivanov')
    gate.pass_time(minutes=14, seconds=59)
    assert await gate.is_in(identifier)
    gate.pass_time(seconds=1)
    assert not await gate.is_in(identifier)


async def test_deeds_keep_it_and_are_written_once_a_minute(gate: Gate) -> None:
    identifier = await gate.enter('ivanov')
    signed = await gate.sessions.find(identifier)
    assert signed is not None

    async def seen() -> float:
        (line,) = await gate.sessions.of(signed.person.id)
        return (gate.time - line.seen_at).total_seconds()

    gate.pass_time(seconds=59)
    gate.sessions.touch(signed.key)
    await gate.sessions.look()
    assert await seen() == 59, 'written too soon'
    gate.pass_time(seconds=1)
    await gate.sessions.look()
    assert await seen() == 1, 'the deed, and not the moment of writing'
    gate.pass_time(minutes=14, seconds=58)
    assert await gate.is_in(identifier)
    gate.pass_time(seconds=1)
    assert not await gate.is_in(identifier)


async def test_it_ends_after_twelve_hours_whatever_is_done(gate: Gate) -> None:
    identifier = await gate.enter('ivanov')
    for _ in range(71):
        gate.pass_time(minutes=10)
        if signed := await gate.sessions.find(identifier):
            gate.sessions.touch(signed.key)
        await gate.sessions.look()
    assert await gate.is_in(identifier)
    gate.pass_time(minutes=10)
    assert not await gate.is_in(identifier)


async def test_one_minute_of_idleness_counts_from_the_last_deed(database: Database) -> None:
    gate = Gate(database, limits=Limits(idle=timedelta(minutes=1)))
    gate.add('ivanov')
    identifier = await gate.enter('ivanov')
    for _ in range(30):
        gate.pass_time(seconds=10)
        signed = await gate.sessions.find(identifier)
        assert signed is not None
        gate.sessions.touch(signed.key)
        await gate.sessions.look()


@pytest.mark.parametrize('reason', ['sign-out', 'block', 'role', 'password', 'reset', 'ended by an administrator'])
async def test_it_ends_at_once(gate: Gate, reason: str) -> None:
    identifier, other = await gate.enter('ivanov'), await gate.enter('ivanov', ELSEWHERE)
    bystander = await gate.enter('chief')
    signed = await gate.sessions.find(identifier)
    assert signed is not None
    chief = await gate.users.find('chief')
    if reason == 'sign-out':
        await gate.sessions.end(signed.key)
    elif reason == 'block':
        await gate.users.block(chief, signed.person)
    elif reason == 'role':
        await gate.users.set_role(chief, signed.person, Role.USER)
    elif reason == 'password':
        entered = await gate.entrance.change_password(signed, PASSWORD, NEW, HOME)
        assert await gate.is_in(entered.identifier)
    elif reason == 'reset':
        await gate.users.reset(chief, signed.person)
    else:
        await gate.users.end_sessions(chief, signed.person)
    assert not await gate.is_in(identifier)
    assert await gate.is_in(other) is (reason == 'sign-out')
    assert await gate.is_in(bystander)


async def test_open_pages_hear_of_an_end_by_another_process(gate: Gate, database_url: str) -> None:
    signed = await gate.sessions.find(await gate.enter('ivanov'))
    assert signed is not None
    heard: asyncio.Queue[Collection[str]] = asyncio.Queue()
    gate.sessions.follow(lambda: [signed.key], heard.put_nowait)
    await gate.sessions.start()
    await asyncio.sleep(0)
    assert heard.empty()
    another = Database(database_url)
    other = Gate(another)
    await other.users.block(None, signed.person)
    assert await asyncio.wait_for(heard.get(), SOON) == {signed.key}
    another.close()
    await gate.sessions.stop()


async def test_open_pages_hear_that_time_has_run_out(gate: Gate) -> None:
    signed = await gate.sessions.find(await gate.enter('ivanov'))
    assert signed is not None
    heard: list[Collection[str]] = []
    gate.sessions.follow(lambda: [signed.key], heard.append)
    await gate.sessions.look()
    assert heard == []
    gate.pass_time(minutes=15)
    await gate.sessions.look()
    assert heard == [{signed.key}]
    assert await gate.sessions.of(signed.person.id) == []


async def test_a_person_sees_his_sessions_and_ends_the_others(gate: Gate) -> None:
    first = await gate.enter('ivanov')
    gate.pass_time(minutes=1)
    second = await gate.enter('ivanov', ELSEWHERE)
    signed = await gate.sessions.find(second)
    assert signed is not None
    lines = await gate.sessions.of(signed.person.id)
    assert [(line.address, line.agent) for line in lines] == [('198.51.100.7', 'curl'), ('192.0.2.1', 'Firefox')]
    await gate.sessions.end_others(signed)
    assert not await gate.is_in(first)
    assert await gate.is_in(second)


async def test_a_password_that_somebody_else_knows_must_be_changed(gate: Gate) -> None:
    gate.accounts.add('novice', 'User', PASSWORD)
    identifier = await gate.enter('novice')
    signed = await gate.sessions.find(identifier)
    assert signed is not None
    assert signed.duty is Duty.FIRST_PASSWORD
    for present, wanted, line in (
        ('a wrong password', NEW, 'Текущий пароль не подходит.'),
        (PASSWORD, PASSWORD, 'Новый пароль совпадает'),
        (PASSWORD, 'short', 'Нужен пароль длиной'),
        (PASSWORD, 'QwertyQwerty', 'Этот пароль слишком известен'),
    ):
        with pytest.raises(AccountRefused, match=line):
            await gate.entrance.change_password(signed, present, wanted, HOME)
    entered = await gate.entrance.change_password(signed, PASSWORD, NEW, HOME)
    changed = await gate.sessions.find(entered.identifier)
    assert changed is not None
    assert changed.duty is None
    assert await gate.accounts.sign_in('novice', PASSWORD) is None


async def test_passwords_grow_old_only_where_that_is_asked_for(database: Database) -> None:
    gate = Gate(database, policy=Policy(days=90))
    person = gate.add('ivanov')
    gate.pass_time(days=89)
    signed = await gate.sessions.find(await gate.enter('ivanov'))
    assert signed is not None
    assert signed.duty is None
    gate.pass_time(days=1)
    signed = await gate.sessions.find(await gate.enter('ivanov'))
    assert signed is not None
    assert signed.duty is Duty.OLD_PASSWORD
    await gate.entrance.change_password(signed, PASSWORD, NEW, HOME)
    assert await gate.accounts.password_set_at(person.id) == gate.time
