"""The way in: how fast one may try, and the second factor."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pyotp
import pytest

from services.accounts.accounts import AccountRefused, Duty, TooSoon, Visitor
from services.accounts.login_throttle import WAITS, Slowing
from services.accounts.second_factor import CODES
from services.accounts.sessions import SignedIn
from services.database.engine import Database
from tests.helpers.auth_services import ELSEWHERE, HOME, PASSWORD, Gate, quick_hashes


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with quick_hashes():
        yield


@pytest.fixture
def gate(database: Database) -> Gate:
    """The way in, with a person."""
    made = Gate(database)
    made.add('ivanov')
    return made


async def fail(gate: Gate, visitor: Visitor, name: str = 'ivanov', times: int = 1) -> None:
    """Try a wrong password, waiting each time as long as is asked for at the most."""
    for _ in range(times):
        with pytest.raises(AccountRefused, match='Неверное имя'):
            await gate.entrance.sign_in(name, 'a wrong password', visitor)
        gate.pass_time(seconds=WAITS[-1])


async def waits(gate: Gate, visitor: Visitor, name: str = 'ivanov', password: str = PASSWORD) -> bool:
    """Say whether a try is refused because it comes too soon."""
    try:
        await gate.entrance.sign_in(name, password, visitor)
    except TooSoon:
        return True
    except AccountRefused:
        return False
    return False


# Slowing


async def test_a_name_that_nobody_has_is_slowed_in_the_same_words(gate: Gate) -> None:
    said: dict[str, list[str]] = {'ivanov': [], 'nobody': []}
    for name, answers in said.items():
        for _ in range(5):
            with pytest.raises(AccountRefused) as refused:
                await gate.entrance.sign_in(name, 'a wrong password', replace(HOME, address=name))
            answers.append(str(refused.value))
    assert said['ivanov'] == said['nobody']
    assert 'Неверное имя' in said['ivanov'][2], 'a slip of the finger is forgiven'
    assert 'через 1\N{NO-BREAK SPACE}с' in said['ivanov'][3]


async def test_the_wait_grows_and_has_an_end(gate: Gate) -> None:
    await fail(gate, HOME, times=2)
    for wait in (*WAITS[2:], WAITS[-1]):
        with pytest.raises(AccountRefused, match='Неверное имя'):
            await gate.entrance.sign_in('ivanov', 'a wrong password', HOME)
        gate.pass_time(seconds=wait - 0.5)
        with pytest.raises(TooSoon, match='через 1\N{NO-BREAK SPACE}с'):
            await gate.entrance.sign_in('ivanov', PASSWORD, HOME)
        gate.pass_time(seconds=0.5)
    assert await gate.enter('ivanov')


async def test_a_stranger_does_not_lock_anybody_out(gate: Gate) -> None:
    entered = await gate.entrance.sign_in('ivanov', PASSWORD, HOME)
    await fail(gate, ELSEWHERE, times=20)
    await waits(gate, ELSEWHERE, password='a wrong password')
    assert await waits(gate, ELSEWHERE), 'not even with the right password'
    assert not await waits(gate, HOME), 'another address is not held up'
    known = replace(ELSEWHERE, device=entered.device)
    assert not await waits(gate, known), 'nor a device that is known, behind the same address'


async def test_many_addresses_at_one_account_are_slowed_each(gate: Gate) -> None:
    for number in range(10):
        await fail(gate, replace(HOME, address=f'203.0.113.{number}'))
    fresh = replace(HOME, address='203.0.113.200')
    with pytest.raises(AccountRefused, match='Неверное имя'):
        await gate.entrance.sign_in('ivanov', 'a wrong password', fresh)
    with pytest.raises(TooSoon, match='через 30'):
        await gate.entrance.sign_in('ivanov', 'a wrong password', fresh)


async def test_one_address_at_many_accounts_is_slowed(gate: Gate) -> None:
    for number in range(20):
        await waits(gate, ELSEWHERE, name=f'name{number}')
    assert await waits(gate, ELSEWHERE, name='ivanov')
    assert not await waits(gate, HOME)


async def test_a_known_device_is_slowed_by_its_own_failures(gate: Gate) -> None:
    entered = await gate.entrance.sign_in('ivanov', PASSWORD, HOME)
    known = replace(HOME, device=entered.device)
    await fail(gate, known, times=5)
    await waits(gate, known, password='a wrong password')
    assert await waits(gate, known)


async def test_tries_at_once_do_not_slip_through(gate: Gate) -> None:
    tries = [gate.entrance.sign_in('ivanov', 'a wrong password', HOME) for _ in range(20)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(not isinstance(outcome, TooSoon) for outcome in outcomes) == 3


async def test_a_household_with_many_addresses_is_one() -> None:
    slowing = Slowing(lambda: 0.0)
    for number in range(3):
        slowing.begin('ivanov', f'2001:db8::{number}')
    with pytest.raises(TooSoon):
        slowing.begin('ivanov', '2001:db8::ffff')
    slowing.begin('ivanov', '2001:db8:1::1')


# The second factor


@pytest.fixture
async def signed(gate: Gate) -> SignedIn:
    """A session of the person, who has no second factor yet."""
    found = await gate.sessions.find(await gate.enter('ivanov'))
    assert found is not None
    return found


@pytest.fixture
async def telephone(gate: Gate, signed: SignedIn) -> pyotp.TOTP:
    """What counts the codes; not confirmed yet."""
    setup = await gate.factor.begin(signed)
    assert (await gate.factor.begin(signed)) == setup, 'a slip of the finger would mean scanning again'
    assert setup.address.startswith('otpauth://totp/')
    return pyotp.TOTP(setup.secret.replace(' ', ''))


async def test_it_is_set_up_by_a_code_and_asked_for_at_the_next_sign_in(
    gate: Gate, signed: SignedIn, telephone: pyotp.TOTP
) -> None:
    with pytest.raises(AccountRefused, match='Код не подходит'):
        await gate.factor.confirm(signed, '000000' if telephone.at(gate.time) != '000000' else '000001')
    assert await gate.factor.left(signed.person.id) is None
    codes = await gate.factor.confirm(signed, telephone.at(gate.time))
    assert len(set(codes)) == CODES == await gate.factor.left(signed.person.id)

    half = await gate.sessions.find(await gate.enter('ivanov'))
    assert half is not None
    assert half.duty is Duty.CODE
    with pytest.raises(AccountRefused, match='Код не подходит'):
        await gate.entrance.give_code(half, telephone.at(gate.time), HOME)
    gate.pass_time(seconds=30)
    entered = await gate.entrance.give_code(half, telephone.at(gate.time), HOME)
    whole = await gate.sessions.find(entered.identifier)
    assert whole is not None
    assert whole.duty is None
    assert await gate.sessions.find(half.key) is None
    assert whole.key != half.key


@pytest.mark.parametrize(('steps', 'right'), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_the_clock_of_a_telephone_may_be_off_by_a_step(
    gate: Gate, signed: SignedIn, telephone: pyotp.TOTP, steps: int, right: bool
) -> None:
    await gate.factor.confirm(signed, telephone.at(gate.time))
    gate.pass_time(minutes=5)
    assert await gate.factor.accepts(signed.person.id, telephone.at(gate.time, counter_offset=steps)) is right


async def test_a_code_works_once_and_an_older_one_no_more(gate: Gate, signed: SignedIn, telephone: pyotp.TOTP) -> None:
    await gate.factor.confirm(signed, telephone.at(gate.time))
    gate.pass_time(minutes=5)
    present = telephone.at(gate.time)
    assert await gate.factor.accepts(signed.person.id, f' {present[:3]} {present[3:]}')
    assert not await gate.factor.accepts(signed.person.id, present)
    assert not await gate.factor.accepts(signed.person.id, telephone.at(gate.time, counter_offset=-1))
    assert await gate.factor.accepts(signed.person.id, telephone.at(gate.time, counter_offset=1))


async def test_a_recovery_code_works_once(gate: Gate, signed: SignedIn, telephone: pyotp.TOTP) -> None:
    first, second, *_ = await gate.factor.confirm(signed, telephone.at(gate.time))
    assert await gate.factor.accepts(signed.person.id, first.lower())
    assert not await gate.factor.accepts(signed.person.id, first)
    assert await gate.factor.left(signed.person.id) == CODES - 1
    both = await asyncio.gather(*(gate.factor.accepts(signed.person.id, second) for _ in range(5)))
    assert sum(both) == 1
    assert not await gate.factor.accepts(signed.person.id, '')


async def test_guessing_codes_is_slowed_and_the_time_for_it_ends(
    gate: Gate, signed: SignedIn, telephone: pyotp.TOTP
) -> None:
    await gate.factor.confirm(signed, telephone.at(gate.time))
    identifier = await gate.enter('ivanov')
    half = await gate.sessions.find(identifier)
    assert half is not None
    for _ in range(3):
        with pytest.raises(AccountRefused, match='Код не подходит'):
            await gate.entrance.give_code(half, 'wrong', HOME)
    with pytest.raises(TooSoon):
        await gate.entrance.give_code(half, 'wrong', HOME)
    gate.pass_time(minutes=10)
    assert await gate.sessions.find(identifier) is None


async def test_it_is_removed_with_its_codes_by_its_owner_or_with_a_reset(
    gate: Gate, signed: SignedIn, telephone: pyotp.TOTP
) -> None:
    (code, *_) = await gate.factor.confirm(signed, telephone.at(gate.time))
    await gate.factor.remove(signed)
    assert await gate.factor.left(signed.person.id) is None
    assert not await gate.factor.accepts(signed.person.id, code)
    setup = await gate.factor.begin(signed)
    again = pyotp.TOTP(setup.secret.replace(' ', ''))
    assert again.secret != telephone.secret
    await gate.factor.confirm(signed, again.at(gate.time))
    await gate.users.reset(None, signed.person)
    assert await gate.factor.left(signed.person.id) is None


async def test_an_installation_may_ask_it_of_everybody(database: Database) -> None:
    gate = Gate(database, require_second_factor=True)
    gate.add('ivanov')
    identifier = await gate.enter('ivanov')
    signed = await gate.sessions.find(identifier)
    assert signed is not None
    assert signed.duty is Duty.SECOND_FACTOR
    setup = await gate.factor.begin(signed)
    await gate.factor.confirm(signed, pyotp.TOTP(setup.secret.replace(' ', '')).at(gate.time))
    signed = await gate.sessions.find(identifier)
    assert signed is not None
    assert signed.duty is None
