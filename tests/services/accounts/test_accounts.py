"""Accounts: who may sign in, and who learns what from trying."""

import asyncio
import time
from collections.abc import Iterator
from statistics import median

import pytest
from sqlmodel import Session, select

from models import Account, Role
from services.accounts import passwords
from services.accounts.accounts import AccountRefused, Accounts, Person
from services.accounts.passwords import Policy, common, context, hash_password, random_password, verify_password
from services.database.engine import Database
from tests.helpers.auth_services import PASSWORD, quick_hashes


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with quick_hashes():
        yield


@pytest.fixture
def accounts(database: Database) -> Accounts:
    """Accounts in a database of the test's own."""
    return Accounts(database)


def stored(database: Database) -> dict[str, tuple[str, str]]:
    """Give the role and the hash under every name."""

    def read(session: Session) -> dict[str, tuple[str, str]]:
        return {account.name: (account.role, account.password_hash) for account in session.exec(select(Account))}

    return database.read_now(read)


async def test_name_and_password_let_in_whatever_the_case_of_the_name(accounts: Accounts) -> None:
    added = accounts.add(' Королёва ', 'webadmin', PASSWORD)
    assert (added.name, added.role) == ('королёва', Role.WEB_ADMIN)
    for name in ('Королёва', 'королёва', '  КОРОЛЁВА '):
        assert await accounts.sign_in(name, PASSWORD) == added
    assert await accounts.person(added.id) == added


@pytest.mark.parametrize('password', ['', 'верный пароль 😀', PASSWORD + ' ', PASSWORD.upper(), 'x' * 5_000_000])
async def test_another_password_does_not(accounts: Accounts, password: str) -> None:
    accounts.add('ivanov', 'User', PASSWORD)
    assert await accounts.sign_in('ivanov', password) is None


@pytest.mark.parametrize('name', ['', 'nobody', 'iva%', '\0', "' OR 1=1 --", 'я' * 1_000_000, 'ivanov\n'])
async def test_another_name_does_not(accounts: Accounts, name: str) -> None:
    accounts.add('ivanov', 'User', PASSWORD)
    person = await accounts.sign_in(name, PASSWORD)
    assert person is None or name.strip() == 'ivanov'


async def test_the_same_letters_of_another_keyboard_are_the_same_password(accounts: Accounts) -> None:
    accounts.add('ivanov', 'User', 'йод и ёлка, длинный')
    assert await accounts.sign_in('ivanov', 'йод и ёлка, длинный')


async def test_the_password_is_kept_as_argon2id_alone(accounts: Accounts, database: Database) -> None:
    accounts.add('ivanov', 'User', PASSWORD)
    assert stored(database)['ivanov'][1].startswith('$argon2id$')


async def test_a_hash_with_other_parameters_is_renewed_at_sign_in(accounts: Accounts, database: Database) -> None:
    accounts.add('ivanov', 'User', PASSWORD)
    old = stored(database)['ivanov'][1]
    context.update(argon2__time_cost=2)
    assert await accounts.sign_in('ivanov', 'a wrong password') is None
    assert stored(database)['ivanov'][1] == old
    person = await accounts.sign_in('ivanov', PASSWORD)
    renewed = stored(database)['ivanov'][1]
    assert ',t=2,' in renewed
    assert person is not None
    assert person == await accounts.person(person.id)
    assert await accounts.sign_in('ivanov', PASSWORD) == person
    assert stored(database)['ivanov'][1] == renewed


async def test_an_unknown_name_costs_as_much_as_a_wrong_password(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    context.update(argon2__time_cost=3, argon2__memory_cost=16 * 1024)
    accounts.add('ivanov', 'User', PASSWORD)
    accounts.prepare()

    async def cost(name: str, password: str) -> float:
        began = time.perf_counter()
        assert await accounts.sign_in(name, password) is None
        return time.perf_counter() - began

    known, unknown, overlong = [], [], []
    for _ in range(15):
        known.append(await cost('ivanov', 'a wrong password'))
        unknown.append(await cost('nobody', 'a wrong password'))
        overlong.append(await cost('ivanov', 'a wrong password' * 100))
    # Whole hashes are compared: skipping one would make a difference of ten times and more.
    assert 0.5 < median(unknown) / median(known) < 2
    assert 0.5 < median(overlong) / median(known) < 2


async def test_hashing_leaves_the_event_loop_free_and_memory_bounded(accounts: Accounts) -> None:
    context.update(argon2__time_cost=8, argon2__memory_cost=32 * 1024)
    accounts.prepare()
    flood = asyncio.gather(*(accounts.sign_in('nobody', 'a wrong password') for _ in range(8)))
    waits = []
    while not flood.done():
        began = time.perf_counter()
        await asyncio.sleep(0.001)
        waits.append(time.perf_counter() - began)
    assert len(waits) > 20
    assert median(waits) < 0.05
    assert passwords.HASHING_THREADS._max_workers == 2


async def test_the_first_start_makes_an_admin_once(accounts: Accounts, database: Database) -> None:
    password = accounts.first_admin()
    assert password is not None
    assert len(password) >= 20
    person = await accounts.sign_in('admin', password)
    assert person is not None
    assert person.role == Role.ADMIN
    assert accounts.first_admin() is None
    assert list(stored(database)) == ['admin']


async def test_nobody_is_made_where_somebody_can_sign_in(accounts: Accounts, database: Database) -> None:
    accounts.add('ivanov', 'User', PASSWORD)
    assert accounts.first_admin() is None
    assert list(stored(database)) == ['ivanov']


async def test_a_demonstration_makes_a_new_password_at_each_start(accounts: Accounts) -> None:
    first = accounts.demonstration_admin()
    before = await accounts.sign_in('admin', first)
    second = accounts.demonstration_admin()
    after = await accounts.sign_in('admin', second)
    assert await accounts.sign_in('admin', first) is None
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
def test_an_account_that_cannot_be_is_refused(
    accounts: Accounts, database: Database, name: str, role: str, password: str, line: str
) -> None:
    accounts.add('ivanov', 'User', PASSWORD)
    with pytest.raises(AccountRefused) as refused:
        accounts.add(name, role, password)
    assert str(refused.value).startswith(line)
    assert list(stored(database)) == ['ivanov']


@pytest.mark.parametrize('length', [12, 128])
async def test_the_shortest_and_the_longest_password(accounts: Accounts, length: int) -> None:
    accounts.add('ivanov', 'User', 'ё' * length)
    assert await accounts.sign_in('ivanov', 'ё' * length)


async def test_nobody_is_found_under_a_number_that_is_not_there(accounts: Accounts) -> None:
    assert await accounts.person(12345) is None


@pytest.mark.parametrize(('role', 'may'), [(Role.ADMIN, True), (Role.WEB_ADMIN, True), (Role.USER, False)])
def test_who_may_read_journals(role: Role, may: bool) -> None:
    assert Person(id=1, name='x', role=role).may_read_journals is may


async def test_what_a_person_chose_is_kept_for_that_person(accounts: Accounts) -> None:
    one = accounts.add('one', 'User', PASSWORD)
    two = accounts.add('two', 'User', PASSWORD)
    await accounts.set_preference(one.id, 'rows', 10)
    await accounts.set_preference(one.id, 'rows', 5)
    await accounts.set_preference(one.id, 'dark', True)
    assert await accounts.preferences(one.id) == {'rows': 5, 'dark': True}
    assert await accounts.preferences(two.id) == {}


def test_the_real_cost_is_what_rfc_9106_asks() -> None:
    assert passwords.today().hash('x').startswith('$argon2id$v=19$m=65536,t=3,p=4$')


def test_random_passwords_differ() -> None:
    assert random_password() != random_password()
    assert verify_password('x', hash_password('x')) == (True, None)


def test_three_thousand_of_the_commonest_that_are_long_enough_are_refused() -> None:
    assert len(common()) == 3000
    assert all(len(password) >= passwords.SHORTEST for password in common())
    # the same keys in the Russian layout, other case, letters of full width
    for password in ('qwertyqwerty', 'QwertyQwerty', 'йцукенйцукен', 'парольпароль', 'ｑｗｅｒｔｙｑｗｅｒｔｙ'):
        with pytest.raises(ValueError, match='слишком известен'):
            Policy().check(password)
    Policy().check('qwertyqwerty и ещё')


@pytest.mark.parametrize('password', ['все строчные буквы', 'Без Цифр И Знаков', 'БезЗнаков12345', 'без прописных 1'])
def test_composition_is_asked_for_only_where_it_was_switched_on(password: str) -> None:
    Policy().check(password)
    with pytest.raises(ValueError, match='прописные и строчные'):
        Policy(composition=True).check(password)
    Policy(composition=True).check('Прописные, строчные и 1')
