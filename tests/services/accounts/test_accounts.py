"""Accounts: credentials, passwords, the first administrator, preferences."""

import asyncio
import time
from datetime import UTC, datetime
from statistics import median
from typing import Final

import pytest
from sqlmodel import Session, select, update

from models import Account, Role
from services.accounts import passwords
from services.accounts.accounts import AccountError, Accounts, Identity
from services.accounts.identity import AllowedAccounts
from services.accounts.passwords import (
    PasswordPolicy,
    common_passwords,
    hash_context,
    hash_password,
    random_password,
    verify_password,
)
from services.database.engine import Database
from tests.helpers.auth_services import PASSWORD, checked_identity

ISSUER: Final = 'https://id.example'
NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def accounts(database: Database) -> Accounts:
    """Accounts in an empty database."""
    return Accounts(database)


def stored_accounts(database: Database) -> dict[str, tuple[str, str]]:
    """Return the role and the password hash by name."""

    def read(session: Session) -> dict[str, tuple[str, str]]:
        return {account.name: (account.role, account.password_hash) for account in session.exec(select(Account))}

    return database.read_sync(read)


async def test_the_case_of_the_name_does_not_matter(accounts: Accounts) -> None:
    added = accounts.add(' Королёва ', 'webadmin', PASSWORD)
    assert (added.name, added.role) == ('королёва', Role.WEB_ADMIN)
    for name in ('Королёва', 'королёва', '  КОРОЛЁВА '):
        assert await checked_identity(accounts, name, PASSWORD) == added


@pytest.mark.parametrize('password', ['', 'верный пароль 😀', PASSWORD + ' ', PASSWORD.upper(), 'x' * 5_000_000])
async def test_a_wrong_password_is_rejected(accounts: Accounts, password: str) -> None:
    accounts.add('ivanov', 'User', PASSWORD)
    assert await checked_identity(accounts, 'ivanov', password) is None


@pytest.mark.parametrize('name', ['', 'nobody', 'iva%', '\0', "' OR 1=1 --", 'я' * 1_000_000, 'ivanov\n'])
async def test_an_unknown_name_is_rejected(accounts: Accounts, name: str) -> None:
    accounts.add('ivanov', 'User', PASSWORD)
    identity = await checked_identity(accounts, name, PASSWORD)
    assert identity is None or name.strip() == 'ivanov'


async def test_the_same_letters_of_another_keyboard_are_the_same_password(accounts: Accounts) -> None:
    accounts.add('ivanov', 'User', 'йод и ёлка, длинный')
    assert await checked_identity(accounts, 'ivanov', 'йод и ёлка, длинный')


async def test_the_password_is_stored_as_an_argon2id_hash(accounts: Accounts, database: Database) -> None:
    accounts.add('ivanov', 'User', PASSWORD)
    assert stored_accounts(database)['ivanov'][1].startswith('$argon2id$')


async def test_a_hash_with_other_parameters_is_renewed_at_sign_in(accounts: Accounts, database: Database) -> None:
    accounts.add('ivanov', 'User', PASSWORD)
    old = stored_accounts(database)['ivanov'][1]
    hash_context.update(argon2__time_cost=2)
    assert await checked_identity(accounts, 'ivanov', 'a wrong password') is None
    assert stored_accounts(database)['ivanov'][1] == old
    identity = await checked_identity(accounts, 'ivanov', PASSWORD)
    renewed = stored_accounts(database)['ivanov'][1]
    assert ',t=2,' in renewed
    assert identity is not None
    assert await checked_identity(accounts, 'ivanov', PASSWORD) == identity
    assert stored_accounts(database)['ivanov'][1] == renewed


async def test_an_unknown_name_costs_as_much_as_a_wrong_password(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    hash_context.update(argon2__time_cost=3, argon2__memory_cost=16 * 1024)
    accounts.add('ivanov', 'User', PASSWORD)
    accounts.warm_up()

    async def cost(name: str, password: str) -> float:
        began = time.perf_counter()
        assert await checked_identity(accounts, name, password) is None
        return time.perf_counter() - began

    known, unknown, overlong = [], [], []
    for _ in range(7):
        known.append(await cost('ivanov', 'a wrong password'))
        unknown.append(await cost('nobody', 'a wrong password'))
        overlong.append(await cost('ivanov', 'a wrong password' * 100))
    # Skipping a hash would make a difference of more than ten times. Another program can only add to a time.
    assert 0.5 < min(unknown) / min(known) < 2
    assert 0.5 < min(overlong) / min(known) < 2


async def test_hashing_leaves_the_event_loop_free_and_memory_bounded(accounts: Accounts) -> None:
    hash_context.update(argon2__time_cost=4, argon2__memory_cost=32 * 1024)
    accounts.warm_up()
    flood = asyncio.gather(*(checked_identity(accounts, 'nobody', 'a wrong password') for _ in range(6)))
    waits = []
    while not flood.done():
        began = time.perf_counter()
        await asyncio.sleep(0.001)
        waits.append(time.perf_counter() - began)
    assert len(waits) > 20
    assert median(waits) < 0.05
    assert passwords.HASHING_THREADS._max_workers == 2


async def test_the_first_start_creates_an_admin_once(accounts: Accounts, database: Database) -> None:
    password = accounts.create_first_admin()
    assert password is not None
    assert len(password) >= 20
    identity = await checked_identity(accounts, 'admin', password)
    assert identity is not None
    assert identity.role == Role.ADMIN
    assert accounts.create_first_admin() is None
    assert list(stored_accounts(database)) == ['admin']


async def test_no_admin_is_created_if_an_account_exists(accounts: Accounts, database: Database) -> None:
    accounts.add('ivanov', 'User', PASSWORD)
    assert accounts.create_first_admin() is None
    assert list(stored_accounts(database)) == ['ivanov']


def test_a_start_warns_if_nobody_could_sign_in_without_the_identity_provider(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    accounts = Accounts(database, allowed_accounts=AllowedAccounts('emergency', ISSUER))
    Accounts(database).warn_without_local_account()
    assert not caplog.messages

    accounts.warn_without_local_account()
    assert 'no account with a password' in caplog.text

    caplog.clear()
    accounts.add('emergency', 'Admin', PASSWORD)
    accounts.warn_without_local_account()
    assert not caplog.messages

    caplog.clear()
    database.write_sync(lambda session: session.execute(update(Account).values(blocked_at=NOW)))
    accounts.warn_without_local_account()
    assert 'blocked' in caplog.text


async def test_a_demonstration_sets_a_new_password_at_each_start(accounts: Accounts) -> None:
    first = accounts.reset_demonstration_admin()
    before = await checked_identity(accounts, 'admin', first)
    second = accounts.reset_demonstration_admin()
    after = await checked_identity(accounts, 'admin', second)
    assert await checked_identity(accounts, 'admin', first) is None
    assert before is not None
    assert after is not None
    assert before.id == after.id


@pytest.mark.parametrize(
    ('name', 'role', 'password', 'line'),
    [
        ('Ivanov', 'Admin', PASSWORD, 'Пользователь ivanov уже есть.'),
        ('petrov', 'Root', PASSWORD, '«Root» — нет такой роли. Есть: Admin, WebAdmin, User.'),
        ('petrov', 'User', 'x' * 11, 'Нужен пароль длиной от 12 до 128 знаков.'),
        ('petrov', 'User', 'x' * 129, 'Нужен пароль длиной от 12 до 128 знаков.'),
        ('', 'User', PASSWORD, 'Имя пользователя «» не подходит'),
        ('two words', 'User', PASSWORD, 'Имя пользователя «two words» не подходит'),
        ('x' * 65, 'User', PASSWORD, 'Имя пользователя'),
        ('nul\0', 'User', PASSWORD, 'Имя пользователя'),
    ],
)
def test_an_invalid_account_is_rejected(
    accounts: Accounts, database: Database, name: str, role: str, password: str, line: str
) -> None:
    accounts.add('ivanov', 'User', PASSWORD)
    with pytest.raises(AccountError) as refused:
        accounts.add(name, role, password)
    assert str(refused.value).startswith(line)
    assert list(stored_accounts(database)) == ['ivanov']


@pytest.mark.parametrize('length', [12, 128])
async def test_the_shortest_and_the_longest_password(accounts: Accounts, length: int) -> None:
    accounts.add('ivanov', 'User', 'ё' * length)
    assert await checked_identity(accounts, 'ivanov', 'ё' * length)


@pytest.mark.parametrize(('role', 'may'), [(Role.ADMIN, True), (Role.WEB_ADMIN, True), (Role.USER, False)])
def test_who_may_read_journals(role: Role, may: bool) -> None:
    assert Identity(id=1, name='x', role=role).may_read_journals is may


async def test_preferences_are_stored_for_each_account(accounts: Accounts) -> None:
    one = accounts.add('one', 'User', PASSWORD)
    two = accounts.add('two', 'User', PASSWORD)
    await accounts.set_preference(one.id, 'rows', 10)
    await accounts.set_preference(one.id, 'rows', 5)
    await accounts.set_preference(one.id, 'dark', True)
    assert await accounts.preferences(one.id) == {'rows': 5, 'dark': True}
    assert await accounts.preferences(two.id) == {}


def test_the_hash_parameters_are_those_of_rfc_9106() -> None:
    assert passwords.create_hash_context().hash('x').startswith('$argon2id$v=19$m=65536,t=3,p=4$')


def test_random_passwords_differ() -> None:
    assert random_password() != random_password()
    assert verify_password('x', hash_password('x')) == (True, None)


def test_three_thousand_common_passwords_are_rejected() -> None:
    assert len(common_passwords()) == 3000
    assert all(len(password) >= passwords.MIN_LENGTH for password in common_passwords())
    # Also with the same keys in the Russian layout, in another case, and in full-width letters.
    for password in ('qwertyqwerty', 'QwertyQwerty', 'йцукенйцукен', 'парольпароль', 'ｑｗｅｒｔｙｑｗｅｒｔｙ'):
        with pytest.raises(ValueError, match='слишком известен'):
            PasswordPolicy().check(password)
    PasswordPolicy().check('qwertyqwerty и ещё')


@pytest.mark.parametrize('password', ['все строчные буквы', 'Без Цифр И Знаков', 'БезЗнаков12345', 'без прописных 1'])
def test_composition_is_required_only_where_it_is_enabled(password: str) -> None:
    PasswordPolicy().check(password)
    with pytest.raises(ValueError, match='прописные и строчные'):
        PasswordPolicy(require_composition=True).check(password)
    PasswordPolicy(require_composition=True).check('Прописные, строчные и 1')
