"""A sign-in that was checked before a change of the account does not succeed after it."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import closing
from dataclasses import replace
from typing import Any

import pyotp
import pytest
from sqlalchemy import text
from sqlmodel import Session, func, select

from models import Account, AccountSession, KnownDevice, Role
from services.accounts.accounts import AccountError, ClientInfo, Identity
from services.accounts.sessions import MAX_SESSIONS, ActiveSession
from services.database.engine import Database
from tests.helpers.auth_services import FIRST_CLIENT, OTHER_CLIENT, PASSWORD, AuthServices

OTHER_PASSWORD = 'другой длинный пароль'
WAIT_SECONDS = 30


@pytest.fixture
def auth(database: Database) -> AuthServices:
    """The services of sign-in."""
    return AuthServices(database)


@pytest.fixture
def ivanov(auth: AuthServices) -> Identity:
    """A user."""
    return auth.add('ivanov')


async def open_session(auth: AuthServices, client: ClientInfo = FIRST_CLIENT) -> ActiveSession:
    """Sign the user in."""
    session = await auth.sessions.find(await auth.sign_in('ivanov', client))
    assert session is not None
    return session


async def set_up_factor(auth: AuthServices, session: ActiveSession) -> pyotp.TOTP:
    """Turn the second factor on."""
    totp = pyotp.TOTP((await auth.factor.begin_setup(session)).secret.replace(' ', ''))
    await auth.factor.confirm_setup(session, totp.at(auth.time))
    return totp


def change_by_owner(auth: AuthServices, session: ActiveSession) -> Awaitable[object]:
    """Change the password."""
    return auth.authentication.change_password(session, PASSWORD, OTHER_PASSWORD, FIRST_CLIENT)


CHANGES: dict[str, Callable[[AuthServices, ActiveSession], Awaitable[object]]] = {
    'password changed': change_by_owner,
    'blocked': lambda auth, session: auth.users.block(None, session.identity),
    'reset': lambda auth, session: auth.users.reset_password(None, session.identity),
    'second factor on': set_up_factor,
    'role changed': lambda auth, session: auth.users.set_role(None, session.identity, Role.USER),
}


async def run_after(
    change: Callable[[], Awaitable[object]],
    sign_in: Coroutine[Any, Any, object],
    auth: AuthServices,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Check a sign-in, then make a change, and then let the sign-in begin its session."""
    checked, changed = asyncio.Event(), asyncio.Event()
    create = auth.sessions.create

    async def create_after_the_change(*arguments: object, **options: object) -> object:
        checked.set()
        await changed.wait()
        return await create(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(auth.sessions, 'create', create_after_the_change)
    late = asyncio.create_task(sign_in)
    await checked.wait()
    monkeypatch.setattr(auth.sessions, 'create', create)
    await change()
    changed.set()
    await late


@pytest.mark.parametrize('change', CHANGES.values(), ids=CHANGES)
async def test_a_sign_in_that_was_checked_before_a_change_is_refused_after_it(
    auth: AuthServices,
    ivanov: Identity,
    change: Callable[[AuthServices, ActiveSession], Awaitable[object]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner = await open_session(auth)
    late = auth.authentication.sign_in('ivanov', PASSWORD, OTHER_CLIENT)
    with pytest.raises(AccountError, match='только что изменилась'):
        await run_after(lambda: change(auth, owner), late, auth, monkeypatch)
    assert not any(session.address == OTHER_CLIENT.address for session in await auth.sessions.list_for(ivanov.id))


async def test_a_code_that_was_checked_before_its_session_ended_opens_nothing_after_it(
    auth: AuthServices, ivanov: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    totp = await set_up_factor(auth, await open_session(auth))
    half_open = await open_session(auth, OTHER_CLIENT)
    auth.advance_clock(seconds=30)
    late = auth.authentication.submit_code(half_open, totp.at(auth.time), OTHER_CLIENT)
    with pytest.raises(AccountError, match='только что изменилась'):
        await run_after(lambda: auth.sessions.end(half_open.key), late, auth, monkeypatch)
    assert not any(session.address == OTHER_CLIENT.address for session in await auth.sessions.list_for(ivanov.id))


@pytest.mark.parametrize('change', ['password changed', 'blocked', 'reset'])
async def test_a_code_that_was_due_before_a_change_opens_nothing_after_it(
    auth: AuthServices, ivanov: Identity, change: str
) -> None:
    owner = await open_session(auth)
    totp = await set_up_factor(auth, owner)
    half_open = await open_session(auth, OTHER_CLIENT)
    await CHANGES[change](auth, owner)
    auth.advance_clock(seconds=30)
    with pytest.raises(AccountError):
        await auth.authentication.submit_code(half_open, totp.at(auth.time), OTHER_CLIENT)


async def sign_in_late(auth: AuthServices, session: ActiveSession) -> object:
    """Sign in from another browser."""
    return await auth.authentication.sign_in('ivanov', PASSWORD, OTHER_CLIENT)


@pytest.mark.parametrize('late', [sign_in_late, change_by_owner])
async def test_what_is_checked_while_another_node_changes_the_account_waits_for_it(
    auth: AuthServices,
    ivanov: Identity,
    database: Database,
    late: Callable[[AuthServices, ActiveSession], Awaitable[object]],
) -> None:
    owner, loop, released = await open_session(auth), asyncio.get_running_loop(), threading.Event()
    held = asyncio.Event()

    def block(session: Session) -> str:
        account = session.get(Account, ivanov.id, with_for_update=True)
        assert account is not None
        account.blocked_at = auth.time
        session.flush()
        loop.call_soon_threadsafe(held.set)
        released.wait(WAIT_SECONDS)
        return account.password_hash

    with closing(Database(database.url.render_as_string(hide_password=False))) as other_node:
        blocking = asyncio.create_task(other_node.write(block))
        await asyncio.wait_for(held.wait(), WAIT_SECONDS)
        waiting = asyncio.ensure_future(late(auth, owner))
        while database.dialect == 'postgresql' and not await database.read(is_waiting_for_a_lock):
            await asyncio.sleep(0.01)
        released.set()
        password_hash = await blocking
    with pytest.raises(AccountError):
        await waiting
    stored = select(Account.password_hash).where(Account.id == ivanov.id)
    assert await database.read(lambda session: session.exec(stored).one()) == password_hash


def is_waiting_for_a_lock(session: Session) -> bool:
    """Return whether a transaction of this database waits for another one."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    return bool(session.execute(waiting).scalar_one())


async def test_of_two_changes_of_a_password_at_once_one_succeeds(auth: AuthServices, ivanov: Identity) -> None:
    first, second = await open_session(auth), await open_session(auth)
    outcomes = await asyncio.gather(
        auth.authentication.change_password(first, PASSWORD, OTHER_PASSWORD, FIRST_CLIENT),
        auth.authentication.change_password(second, PASSWORD, f'{OTHER_PASSWORD} второй', FIRST_CLIENT),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, AccountError) for outcome in outcomes) == 1


async def test_five_wrong_codes_end_the_session_in_which_the_code_was_due(auth: AuthServices, ivanov: Identity) -> None:
    totp = await set_up_factor(auth, await open_session(auth))
    half_open = await open_session(auth)
    auth.advance_clock(seconds=30)
    wrong = asyncio.gather(
        *(
            auth.authentication.submit_code(half_open, 'wrong', replace(FIRST_CLIENT, address=f'203.0.113.{number}'))
            for number in range(30)
        ),
        return_exceptions=True,
    )
    assert all(isinstance(outcome, AccountError) for outcome in await wrong)
    assert await auth.sessions.find(half_open.key) is None
    with pytest.raises(AccountError, match='Войдите с паролем ещё раз'):
        await auth.authentication.submit_code(half_open, totp.at(auth.time), OTHER_CLIENT)


async def test_turning_the_second_factor_on_or_off_ends_the_other_sessions(
    auth: AuthServices, ivanov: Identity
) -> None:
    session, _ = await open_session(auth), await open_session(auth, OTHER_CLIENT)
    totp = await set_up_factor(auth, session)
    assert [found.key for found in await auth.sessions.list_for(ivanov.id)] == [session.key]
    auth.advance_clock(seconds=30)
    entered = await auth.authentication.submit_code(await open_session(auth), totp.at(auth.time), OTHER_CLIENT)
    auth.advance_clock(seconds=30)
    await auth.factor.remove(session, totp.at(auth.time))
    assert not await auth.is_signed_in(entered.identifier)
    assert [found.key for found in await auth.sessions.list_for(ivanov.id)] == [session.key]


async def test_an_account_has_ten_sessions_at_most(auth: AuthServices, ivanov: Identity, database: Database) -> None:
    identifiers = []
    for _ in range(MAX_SESSIONS + 2):
        identifiers.append(await auth.sign_in('ivanov'))
        auth.advance_clock(seconds=1)
    alive = [await auth.is_signed_in(identifier) for identifier in identifiers]
    assert alive == [False, False, *[True] * MAX_SESSIONS]
    await set_up_factor(auth, await open_session(auth))
    for _ in range(MAX_SESSIONS + 2):
        await auth.sign_in('ivanov')

    def count(session: Session) -> int:
        return session.exec(select(func.count()).where(AccountSession.code_due == True)).one()  # noqa: E712

    assert await database.read(count) == MAX_SESSIONS


async def test_a_new_password_forgets_every_device_but_the_present_one(
    auth: AuthServices, ivanov: Identity, database: Database
) -> None:
    stolen = await auth.authentication.sign_in('ivanov', PASSWORD, OTHER_CLIENT)
    entered = await auth.authentication.sign_in('ivanov', PASSWORD, FIRST_CLIENT)
    session = await auth.sessions.find(entered.identifier)
    assert session is not None
    assert stolen.device_token != entered.device_token
    own = replace(FIRST_CLIENT, device_token=entered.device_token)
    await auth.authentication.change_password(session, PASSWORD, OTHER_PASSWORD, own)

    def devices(session: Session) -> int:
        return session.exec(select(func.count()).select_from(KnownDevice)).one()

    assert await database.read(devices) == 1
    await auth.users.reset_password(None, ivanov)
    assert await database.read(devices) == 0


async def test_old_devices_are_forgotten(auth: AuthServices, ivanov: Identity, database: Database) -> None:
    for _ in range(25):
        await auth.sign_in('ivanov')
        auth.advance_clock(hours=1)
    assert await database.read(lambda session: len(session.exec(select(KnownDevice)).all())) == 20
    auth.advance_clock(days=366)
    await auth.sign_in('ivanov')
    assert await database.read(lambda session: len(session.exec(select(KnownDevice)).all())) == 1
