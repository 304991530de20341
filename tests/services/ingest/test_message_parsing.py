"""Each value of a message as people write it, and the sentence about a value that cannot be parsed."""

from dataclasses import fields
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import MessageStatus
from services import texts
from services.ingest import message_parsing
from services.ingest.file_import.message_format import MESSAGE_FORMAT
from services.ingest.message_fields import DERIVED_ATTRIBUTES, MESSAGE_FIELDS
from services.ingest.message_parsing import IncomingMessage
from services.ingest.validation import InvalidValueError, InvalidValueReason, MessageField
from services.phones import ParsedPhone, PhoneProblem
from tests.helpers import factories

MOSCOW = ZoneInfo('Europe/Moscow')
BERLIN = ZoneInfo('Europe/Berlin')


@pytest.mark.parametrize(
    ('typed', 'cost'),
    [
        ('0,00', '0.00'),
        ('3,10', '3.10'),
        ('3.1', '3.10'),
        ('12', '12.00'),
        ('1 234,50', '1234.50'),
        ('1\N{NO-BREAK SPACE}234,5', '1234.50'),
        ('1\N{NARROW NO-BREAK SPACE}234,5', '1234.50'),
        (' 007 ', '7.00'),
        ('3,100', '3.10'),
        ('3.1000', '3.10'),
        ('3.10 руб.', '3.10'),
        ('3,10 ₽', '3.10'),
        ('3,10р.', '3.10'),
        ('3,10 РУБ', '3.10'),
        ('21 рубль', '21.00'),
        ('1 000 000,000 рублей', '1000000.00'),
        ('3.10 RUB', '3.10'),
        # Half to even: the errors of many roundings cancel each other out.
        ('3.1249', '3.12'),
        ('3.125', '3.12'),
        ('3.1250001', '3.13'),
        ('3,135', '3.14'),
        ('0.0049', '0.00'),
        ('-0,00', '0.00'),
        ('3.' + '1' * 200, '3.11'),
    ],
)
def test_it_parses_roubles(typed: str, cost: str) -> None:
    assert str(message_parsing.parse_cost(typed)) == cost


@pytest.mark.parametrize(
    ('typed', 'reason'),
    [
        ('', InvalidValueReason.MISSING),
        ('три рубля', InvalidValueReason.NOT_MONEY),
        ('3 10', InvalidValueReason.NOT_MONEY),
        ('12 34,50', InvalidValueReason.NOT_MONEY),
        ('3,10 USD', InvalidValueReason.NOT_MONEY),
        ('3 руб. 10 коп.', InvalidValueReason.NOT_MONEY),
        ('руб.', InvalidValueReason.NOT_MONEY),
        ('1,234.50', InvalidValueReason.AMBIGUOUS_MONEY),
        ('1.234,50 ₽', InvalidValueReason.AMBIGUOUS_MONEY),
        ('1,234,567', InvalidValueReason.AMBIGUOUS_MONEY),
        ('1 234.567.890', InvalidValueReason.AMBIGUOUS_MONEY),
        ('٣', InvalidValueReason.NOT_MONEY),
        ('NaN', InvalidValueReason.NOT_MONEY),
        ('1e5', InvalidValueReason.NOT_MONEY),
        ('-0,01', InvalidValueReason.NEGATIVE),
        ('−3,10', InvalidValueReason.NEGATIVE),
        ('-0,001', InvalidValueReason.NEGATIVE),
        ('1000000,01', InvalidValueReason.TOO_MUCH),
        ('9' * 200, InvalidValueReason.TOO_MUCH),
    ],
)
def test_it_refuses_what_is_no_sum(typed: str, reason: InvalidValueReason) -> None:
    with pytest.raises(InvalidValueError) as caught:
        message_parsing.parse_cost(typed)
    assert (caught.value.field, caught.value.reason) == (MessageField.COST, reason)


@given(st.integers(0, 100_000_000))
def test_every_amount_is_parsed_to_the_kopeck(kopecks: int) -> None:
    roubles = Decimal(kopecks) / 100
    assert message_parsing.parse_cost(f'{kopecks // 100},{kopecks % 100:02}') == roubles


@given(st.decimals(0, 1000, places=6))
def test_a_fraction_of_a_kopeck_is_rounded_to_the_nearest_and_half_to_even(roubles: Decimal) -> None:
    cost = message_parsing.parse_cost(f'{roubles:f}')
    error = abs(cost - roubles)
    assert error <= Decimal('0.005')
    assert cost == cost.quantize(Decimal('0.01'))
    if error == Decimal('0.005'):
        assert cost * 100 % 2 == 0


@pytest.mark.parametrize(('typed', 'parts'), [('', None), (' 1 ', 1), ('02', 2), ('255', 255)])
def test_it_parses_a_number_of_parts(typed: str, parts: int | None) -> None:
    assert message_parsing.parse_parts(typed) == parts


@pytest.mark.parametrize('typed', ['0', '256', '-1', '1,5', '٣', 'две', '9' * 5000])
def test_it_rejects_what_is_no_number_of_parts(typed: str) -> None:
    with pytest.raises(InvalidValueError, match='not_parts') as caught:
        message_parsing.parse_parts(typed)
    assert caught.value.field == MessageField.PARTS


def test_the_number_of_parts_is_the_senders_or_follows_from_the_text() -> None:
    assert factories.incoming_message(text='я' * 71).part_count == 2
    assert factories.incoming_message(text='я' * 71, parts=3).part_count == 3
    assert factories.incoming_message(text='').part_count is None


def test_it_parses_a_uuid_with_hyphens_only() -> None:
    assert message_parsing.parse_id(' C51FCA97-3846-45C5-9BC4-090C53980867 ') == UUID(
        'c51fca97-3846-45c5-9bc4-090c53980867'
    )
    for typed in ('не-uuid', '{c51fca97-3846-45c5-9bc4-090c53980867}', 'c51fca97384645c59bc4090c53980867'):
        with pytest.raises(InvalidValueError, match='not_uuid'):
            message_parsing.parse_id(typed)


def test_it_parses_kinds_and_statuses_in_any_case() -> None:
    assert message_parsing.parse_kind(' напоминание  ДС') == 'напоминание ДС'
    assert message_parsing.parse_status('ОТПРАВЛЕНО') == MessageStatus.SENT
    with pytest.raises(InvalidValueError, match='unknown_status'):
        message_parsing.parse_status('Доставляется')


def test_it_parses_names_without_extra_white_space() -> None:
    assert (
        message_parsing.parse_recipient_name(' Королёв\N{NO-BREAK SPACE} Иван\tПетрович\n') == 'Королёв Иван Петрович'
    )
    assert message_parsing.parse_organization('МО  «Химки» ') == 'МО «Химки»'
    assert message_parsing.parse_recipient_name('и' * 300) == 'и' * 300
    for typed, reason in (('  ', 'missing'), ('и' * 301, 'too_long'), ('Иван\x00ов', 'unreadable')):
        with pytest.raises(InvalidValueError, match=reason):
            message_parsing.parse_recipient_name(typed)


def test_it_parses_phones() -> None:
    assert message_parsing.parse_phone('8 916 123-45-67') == ParsedPhone('+79161234567')
    assert message_parsing.parse_phone(' 8 916 123-45-67\n8 903 123-45-67 ') == ParsedPhone(
        '+79161234567', '8 903 123-45-67'
    )


@pytest.mark.parametrize(
    ('typed', 'reason', 'words'),
    [
        ('', InvalidValueReason.MISSING, 'не заполнено'),
        ('+7 (916) 12', InvalidValueReason.NOT_PHONE, 'не номер телефона'),
        ('1234567', InvalidValueReason.PHONE_TOO_SHORT, 'слишком короткий номер'),
        ('+79161234567890', InvalidValueReason.PHONE_TOO_LONG, 'слишком длинный номер'),
        ('+71234567890', InvalidValueReason.NO_SUCH_PHONE, 'таких номеров не бывает'),
        ('7.9161E+10', InvalidValueReason.PHONE_ROUNDED, 'таблица округлила номер'),
        ('9' * 5000, InvalidValueReason.TOO_LONG, 'слишком длинное значение'),
        ('+7916\x00', InvalidValueReason.UNREADABLE, 'знаки'),
    ],
)
def test_it_rejects_phones_with_a_reason(typed: str, reason: InvalidValueReason, words: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        message_parsing.parse_phone(typed)
    assert (caught.value.field, caught.value.reason) == (MessageField.PHONE, reason)
    assert words in caught.value.describe()


@pytest.mark.parametrize('problem', PhoneProblem)
def test_each_problem_of_a_phone_is_a_reason(problem: PhoneProblem) -> None:
    assert InvalidValueReason(problem).value == problem.value


@pytest.mark.parametrize(
    ('phone', 'note', 'expected'),
    [
        ('89161234567', '', None),
        ('89161234567, 89031234567', '', '89031234567'),
        ('89161234567', 'доб. 12', 'доб. 12'),
        ('89161234567 доб. 12', 'доб. 12', 'доб. 12'),
        ('89161234567 доб. 12', 'мама', 'доб. 12; мама'),
    ],
)
def test_what_is_written_with_a_phone_is_stored_with_the_message(phone: str, note: str, expected: str | None) -> None:
    cells = factories.message_cells({texts.PHONE: phone, texts.PHONE_NOTE: note})
    message = MESSAGE_FORMAT.parse_row({MESSAGE_FORMAT.fields[column]: cells[column] for column in cells}, MOSCOW)
    assert (message.phone, message.phone_note) == ('+79161234567', expected)


def test_a_text_keeps_its_lines_and_all_printable_characters() -> None:
    assert (
        message_parsing.parse_text('Первая\r\nвторая\rтретья\tвсё <b>😊 =1+1')
        == 'Первая\nвторая\nтретья\tвсё <b>😊 =1+1'
    )
    assert message_parsing.parse_text('') == ''
    assert len(message_parsing.parse_text('ы' * 10_000)) == 10_000
    for typed, reason in (('ы' * 10_001, 'too_long'), ('\x00', 'unreadable'), ('\x1b[31m', 'unreadable')):
        with pytest.raises(InvalidValueError, match=reason):
            message_parsing.parse_text(typed)


def test_a_time_of_sending_belongs_to_a_sent_message() -> None:
    with pytest.raises(InvalidValueError, match='not_sent'):
        factories.incoming_message(status=MessageStatus.FAILED, sent_at=factories.SENT_AT)


def test_a_cost_is_whole_kopecks_from_every_source() -> None:
    with pytest.raises(InvalidValueError, match='negative'):
        factories.incoming_message(cost=Decimal('-0.01'))
    with pytest.raises(ValueError, match='fraction'):
        factories.incoming_message(cost=Decimal('0.001'))


@pytest.mark.parametrize('reason', InvalidValueReason)
def test_each_reason_has_a_sentence(reason: InvalidValueReason) -> None:
    sentence = InvalidValueError(MessageField.COST, reason, 'три рубля').describe()
    assert sentence.startswith('«Стоимость СМС, руб»: ')
    assert '{' not in sentence


def test_a_sentence_quotes_a_hostile_value_short_and_printable() -> None:
    sentence = InvalidValueError(MessageField.COST, InvalidValueReason.NOT_MONEY, '\x1b\n' + 'ы' * 5000).describe()
    assert sentence.isprintable()
    assert len(sentence) < 200


def test_every_field_is_described_once_and_accepted_by_every_source() -> None:
    attributes = {attribute.name for attribute in fields(IncomingMessage)}
    assert [definition.field for definition in MESSAGE_FIELDS] == list(MessageField)
    assert {field.value for field in MessageField} == attributes - DERIVED_ATTRIBUTES
    assert set(factories.message_cells()) == set(MESSAGE_FORMAT.required)
