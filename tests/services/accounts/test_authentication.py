"""Sign-in: throttling and the second factor."""

import asyncio
from dataclasses import replace

import pyotp
import pytest

from services.accounts.accounts import AccountError, ClientInfo, RequiredStep, SignInThrottledError
from services.accounts.login_throttle import WAIT_SECONDS, LoginThrottle
from services.accounts.second_factor import RECOVERY_CODE_COUNT
from services.accounts.sessions import ActiveSession
from services.database.engine import Database
from tests.helpers.auth_services import FIRST_CLIENT, OTHER_CLIENT, PASSWORD, AuthServices


@pytest.fixture
def auth(database: Database) -> AuthServices:
    """The services of sign-in, with a user."""
    made = AuthServices(database)
    made.add('ivanov')
    return made


async def fail_sign_in(auth: AuthServices, visitor: ClientInfo, name: str = 'ivanov', times: int = 1) -> None:
    """Try a wrong password several times, with the longest wait after each attempt."""
    for _ in range(times):
        with pytest.raises(AccountError, match='Неверное имя'):
            await auth.authentication.sign_in(name, 'a wrong password', visitor)
        auth.advance_clock(seconds=WAIT_SECONDS[-1])


async def is_throttled(auth: AuthServices, visitor: ClientInfo, name: str = 'ivanov', password: str = PASSWORD) -> bool:
    """Return whether an attempt is rejected by the throttle."""
    try:
        await auth.authentication.sign_in(name, password, visitor)
    except SignInThrottledError:
        return True
    except AccountError:
        return False
    return False


async def is_accepted(auth: AuthServices, active_session: ActiveSession, code: str) -> bool:
    """Return whether a code of the second factor is valid."""
    try:
        await auth.factor.use_code(active_session, code)
    except AccountError:
        return False
    return True


# Throttling


async def test_an_unknown_name_is_throttled_with_the_same_messages(auth: AuthServices) -> None:
    messages: dict[str, list[str]] = {'ivanov': [], 'nobody': []}
    for name, answers in messages.items():
        for _ in range(5):
            with pytest.raises(AccountError) as refused:
                await auth.authentication.sign_in(name, 'a wrong password', replace(FIRST_CLIENT, address=name))
            answers.append(str(refused.value))
    assert messages['ivanov'] == messages['nobody']
    assert 'Неверное имя' in messages['ivanov'][2], 'the first failures cause no wait'
    assert 'через 1\N{NO-BREAK SPACE}с' in messages['ivanov'][3]


async def test_the_wait_grows_to_a_limit(auth: AuthServices) -> None:
    await fail_sign_in(auth, FIRST_CLIENT, times=2)
    for wait in (*WAIT_SECONDS[2:], WAIT_SECONDS[-1]):
        with pytest.raises(AccountError, match='Неверное имя'):
            await auth.authentication.sign_in('ivanov', 'a wrong password', FIRST_CLIENT)
        auth.advance_clock(seconds=wait - 0.5)
        with pytest.raises(SignInThrottledError, match='через 1\N{NO-BREAK SPACE}с'):
            await auth.authentication.sign_in('ivanov', PASSWORD, FIRST_CLIENT)
        auth.advance_clock(seconds=0.5)
    assert await auth.sign_in('ivanov')


async def test_another_client_cannot_lock_an_account(auth: AuthServices) -> None:
    entered = await auth.authentication.sign_in('ivanov', PASSWORD, FIRST_CLIENT)
    await fail_sign_in(auth, OTHER_CLIENT, times=20)
    await is_throttled(auth, OTHER_CLIENT, password='a wrong password')
    assert await is_throttled(auth, OTHER_CLIENT), 'the right password passes the throttle'
    assert not await is_throttled(auth, FIRST_CLIENT), 'another IP address is throttled'
    known = replace(OTHER_CLIENT, device_token=entered.device_token)
    assert not await is_throttled(auth, known), 'a known device behind the same IP address is throttled'


async def test_right_passwords_leave_no_failure(auth: AuthServices) -> None:
    for _ in range(8):
        assert not await is_throttled(auth, OTHER_CLIENT)


async def test_an_attack_from_the_same_address_does_not_delay_a_person_who_is_known_there(auth: AuthServices) -> None:
    auth.add('petrov')
    assert not await is_throttled(auth, OTHER_CLIENT)
    for number in range(20):
        await is_throttled(auth, OTHER_CLIENT, name=f'name{number}')
    assert await is_throttled(auth, OTHER_CLIENT, name='petrov'), 'the attack delays nobody'
    assert not await is_throttled(auth, replace(OTHER_CLIENT, browser='a new one'))


async def test_many_addresses_at_one_account_are_throttled_each(auth: AuthServices) -> None:
    for number in range(10):
        await fail_sign_in(auth, replace(FIRST_CLIENT, address=f'203.0.113.{number}'))
    fresh = replace(FIRST_CLIENT, address='203.0.113.200')
    with pytest.raises(AccountError, match='Неверное имя'):
        await auth.authentication.sign_in('ivanov', 'a wrong password', fresh)
    with pytest.raises(SignInThrottledError, match='через 30'):
        await auth.authentication.sign_in('ivanov', 'a wrong password', fresh)


async def test_one_address_at_many_accounts_is_throttled(auth: AuthServices) -> None:
    for number in range(20):
        await is_throttled(auth, OTHER_CLIENT, name=f'name{number}')
    assert await is_throttled(auth, OTHER_CLIENT, name='ivanov')
    assert not await is_throttled(auth, FIRST_CLIENT)


async def test_a_known_device_is_throttled_by_its_own_failures(auth: AuthServices) -> None:
    entered = await auth.authentication.sign_in('ivanov', PASSWORD, FIRST_CLIENT)
    known = replace(FIRST_CLIENT, device_token=entered.device_token)
    await fail_sign_in(auth, known, times=5)
    await is_throttled(auth, known, password='a wrong password')
    assert await is_throttled(auth, known)


async def test_simultaneous_attempts_are_all_counted(auth: AuthServices) -> None:
    tries = [auth.authentication.sign_in('ivanov', 'a wrong password', FIRST_CLIENT) for _ in range(20)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(not isinstance(outcome, SignInThrottledError) for outcome in outcomes) == 3


async def test_an_ipv6_network_counts_as_one_address() -> None:
    throttle = LoginThrottle(lambda: 0.0)
    for number in range(3):
        throttle.register_attempt('ivanov', f'2001:db8::{number}')
    with pytest.raises(SignInThrottledError):
        throttle.register_attempt('ivanov', '2001:db8::ffff')
    throttle.register_attempt('ivanov', '2001:db8:1::1')


# The second factor


@pytest.fixture
async def signed(auth: AuthServices) -> ActiveSession:
    """A session of the user, who has no second factor yet."""
    active_session = await auth.sessions.find(await auth.sign_in('ivanov'))
    assert active_session is not None
    return active_session


@pytest.fixture
async def totp(auth: AuthServices, signed: ActiveSession) -> pyotp.TOTP:
    """The authenticator of the user; not confirmed yet."""
    setup = await auth.factor.begin_setup(signed)
    assert (await auth.factor.begin_setup(signed)) == setup, 'a wrong code would require another scan'
    assert setup.provisioning_uri.startswith('otpauth://totp/')
    return pyotp.TOTP(setup.secret.replace(' ', ''))


async def test_the_second_factor_is_confirmed_by_a_code_and_required_at_the_next_sign_in(
    auth: AuthServices, signed: ActiveSession, totp: pyotp.TOTP
) -> None:
    with pytest.raises(AccountError, match='Код не подходит'):
        await auth.factor.confirm_setup(signed, '000000' if totp.at(auth.time) != '000000' else '000001')
    assert await auth.factor.recovery_codes_left(signed.identity.id) is None
    codes = await auth.factor.confirm_setup(signed, totp.at(auth.time))
    assert len(set(codes)) == RECOVERY_CODE_COUNT == await auth.factor.recovery_codes_left(signed.identity.id)

    half = await auth.sessions.find(await auth.sign_in('ivanov'))
    assert half is not None
    assert half.required_step is RequiredStep.CODE
    with pytest.raises(AccountError, match='Код не подходит'):
        await auth.authentication.submit_code(half, totp.at(auth.time), FIRST_CLIENT)
    auth.advance_clock(seconds=30)
    entered = await auth.authentication.submit_code(half, totp.at(auth.time), FIRST_CLIENT)
    whole = await auth.sessions.find(entered.identifier)
    assert whole is not None
    assert whole.required_step is None
    assert await auth.sessions.find(half.key) is None
    assert whole.key != half.key


@pytest.mark.parametrize(('steps', 'right'), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_the_clock_of_a_phone_may_be_off_by_one_step(
    auth: AuthServices, signed: ActiveSession, totp: pyotp.TOTP, steps: int, right: bool
) -> None:
    await auth.factor.confirm_setup(signed, totp.at(auth.time))
    auth.advance_clock(minutes=5)
    assert await is_accepted(auth, signed, totp.at(auth.time, counter_offset=steps)) is right


async def test_a_code_is_valid_once_and_older_codes_are_not(
    auth: AuthServices, signed: ActiveSession, totp: pyotp.TOTP
) -> None:
    await auth.factor.confirm_setup(signed, totp.at(auth.time))
    auth.advance_clock(minutes=5)
    present = totp.at(auth.time)
    assert await is_accepted(auth, signed, f' {present[:3]} {present[3:]}')
    assert not await is_accepted(auth, signed, present)
    assert not await is_accepted(auth, signed, totp.at(auth.time, counter_offset=-1))
    assert await is_accepted(auth, signed, totp.at(auth.time, counter_offset=1))


async def test_a_recovery_code_works_once(auth: AuthServices, signed: ActiveSession, totp: pyotp.TOTP) -> None:
    first, second, *_ = await auth.factor.confirm_setup(signed, totp.at(auth.time))
    assert await is_accepted(auth, signed, first.lower())
    assert not await is_accepted(auth, signed, first)
    assert await auth.factor.recovery_codes_left(signed.identity.id) == RECOVERY_CODE_COUNT - 1
    both = await asyncio.gather(*(is_accepted(auth, signed, second) for _ in range(5)))
    assert sum(both) == 1
    assert not await is_accepted(auth, signed, '')


async def test_guessing_codes_is_throttled_and_limited_in_time(
    auth: AuthServices, signed: ActiveSession, totp: pyotp.TOTP
) -> None:
    await auth.factor.confirm_setup(signed, totp.at(auth.time))
    identifier = await auth.sign_in('ivanov')
    half = await auth.sessions.find(identifier)
    assert half is not None
    for _ in range(3):
        with pytest.raises(AccountError, match='Код не подходит'):
            await auth.authentication.submit_code(half, 'wrong', FIRST_CLIENT)
    with pytest.raises(SignInThrottledError):
        await auth.authentication.submit_code(half, 'wrong', FIRST_CLIENT)
    auth.advance_clock(minutes=10)
    assert await auth.sessions.find(identifier) is None


async def test_the_second_factor_is_removed_by_its_owner_or_by_a_reset(
    auth: AuthServices, signed: ActiveSession, totp: pyotp.TOTP
) -> None:
    code, other_code, *_ = await auth.factor.confirm_setup(signed, totp.at(auth.time))
    with pytest.raises(AccountError, match='Код не подходит'):
        await auth.factor.remove(signed, '000000')
    await auth.factor.remove(signed, other_code)
    assert await auth.factor.recovery_codes_left(signed.identity.id) is None
    assert not await is_accepted(auth, signed, code)
    setup = await auth.factor.begin_setup(signed)
    again = pyotp.TOTP(setup.secret.replace(' ', ''))
    assert again.secret != totp.secret
    await auth.factor.confirm_setup(signed, again.at(auth.time))
    await auth.users.reset_password(None, signed.identity)
    assert await auth.factor.recovery_codes_left(signed.identity.id) is None


async def test_an_installation_may_require_the_second_factor(database: Database) -> None:
    auth = AuthServices(database, require_second_factor=True)
    auth.add('ivanov')
    identifier = await auth.sign_in('ivanov')
    signed = await auth.sessions.find(identifier)
    assert signed is not None
    assert signed.required_step is RequiredStep.SECOND_FACTOR
    setup = await auth.factor.begin_setup(signed)
    await auth.factor.confirm_setup(signed, pyotp.TOTP(setup.secret.replace(' ', '')).at(auth.time))
    signed = await auth.sessions.find(identifier)
    assert signed is not None
    assert signed.required_step is None
