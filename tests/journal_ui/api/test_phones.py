"""Phone numbers that mailing systems submit, on both engines."""

import httpx
import pytest

from tests.helpers.api_requests import assert_problem, message_json


@pytest.mark.parametrize(
    ('changes', 'phone', 'note'),
    [
        ({'phone': '375291234567'}, '+375291234567', None),
        ({'phone': '998901234567'}, '+998901234567', None),
        ({'phone': '996555123456'}, '+996555123456', None),
        ({'phone': '80291234567'}, '+375291234567', None),
        ({'phone': '+7 (495) 123-45-67 доб. 12'}, '+74951234567', 'доб. 12'),
        ({'phone': '89161234567 / 89031234567'}, '+79161234567', '89031234567'),
        ({'phone': '89161234567', 'phone_note': 'доб. 12'}, '+79161234567', 'доб. 12'),
        ({'phone': '89161234567.0'}, '+79161234567', None),
    ],
)
async def test_a_number_is_stored_in_e164_with_its_note(
    client: httpx.AsyncClient, changes: dict[str, str], phone: str, note: str | None
) -> None:
    body = message_json(**changes)
    assert (await client.post('/messages', json=body)).json()['outcome'] == 'created'
    assert (await client.post('/messages', json=body)).json()['outcome'] == 'unchanged'
    stored = (await client.get(f'/messages/{body["id"]}')).json()
    assert (stored['phone'], stored['phone_note']) == (phone, note)


@pytest.mark.parametrize(
    ('phone', 'code'),
    [
        ('нет', 'not_phone'),
        ('1234567', 'phone_too_short'),
        ('+998 90 123-45-678', 'phone_too_long'),
        ('+7 123 456-78-90', 'no_such_phone'),
        ('7.9161E+10', 'phone_rounded'),
    ],
)
async def test_an_impossible_number_is_rejected_with_a_code(client: httpx.AsyncClient, phone: str, code: str) -> None:
    assert_problem(await client.post('/messages', json=message_json(phone=phone)), 422, code, 'phone')
