"""Each value of a message as people write it, and the sentence about a value that cannot be parsed."""

from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import MessageStatus
from services.ingest import message_parsing
from services.ingest.csv_import.file_import import MESSAGE_FORMAT
from services.ingest.message_fields import MESSAGE_FIELDS
from services.ingest.message_parsing import IncomingMessage
from services.ingest.validation import InvalidValueError, InvalidValueReason, MessageField
from tests.helpers import factories

MOSCOW = ZoneInfo('Europe/Moscow')
BERLIN = ZoneInfo('Europe/Berlin')
TIME_FIELD = MessageField.SENT_AT


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
    ],
)
def test_it_parses_roubles(typed: str, cost: str) -> None:
    assert str(message_parsing.parse_cost(typed)) == cost


@pytest.mark.parametrize(
    ('typed', 'reason'),
    [
        ('', InvalidValueReason.MISSING),
        ('три рубля', InvalidValueReason.NOT_MONEY),
        ('1,234.50', InvalidValueReason.NOT_MONEY),
        ('٣', InvalidValueReason.NOT_MONEY),
        ('NaN', InvalidValueReason.NOT_MONEY),
        ('1e5', InvalidValueReason.NOT_MONEY),
        ('-0,01', InvalidValueReason.NEGATIVE),
        ('0,001', InvalidValueReason.FRACTION_OF_KOPECK),
        ('1000000,01', InvalidValueReason.TOO_MUCH),
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


@pytest.mark.parametrize(
    ('typed', 'moment'),
    [
        ('14.10.2021 18:48', datetime(2021, 10, 14, 15, 48, tzinfo=UTC)),
        (' 1.2.2026  9:05 ', datetime(2026, 2, 1, 6, 5, tzinfo=UTC)),
        ('20.11.2026 13:56:07', datetime(2026, 11, 20, 10, 56, 7, tzinfo=UTC)),
        ('', None),
        # Moscow put its clock back at two that night: 01:30 came twice, and the first is meant.
        ('26.10.2014 01:30', datetime(2014, 10, 25, 21, 30, tzinfo=UTC)),
    ],
)
def test_it_parses_local_time(typed: str, moment: datetime | None) -> None:
    assert message_parsing.parse_local_time(typed, TIME_FIELD, MOSCOW) == moment


@pytest.mark.parametrize(
    ('typed', 'reason'),
    [
        ('31.02.2026 10:00', InvalidValueReason.NOT_TIME),
        ('20.11.2026', InvalidValueReason.NOT_TIME),
        ('20.11.2026 24:00', InvalidValueReason.NOT_TIME),
        ('2026-11-20 10:00', InvalidValueReason.NOT_TIME),
        ('20.11.20266 10:00', InvalidValueReason.NOT_TIME),
        ('20.11.1999 10:00', InvalidValueReason.YEAR_OUT_OF_RANGE),
        ('20.11.2101 10:00', InvalidValueReason.YEAR_OUT_OF_RANGE),
        ('00.11.2026 10:00', InvalidValueReason.NOT_TIME),
    ],
)
def test_it_rejects_other_times(typed: str, reason: InvalidValueReason) -> None:
    with pytest.raises(InvalidValueError) as caught:
        message_parsing.parse_local_time(typed, TIME_FIELD, MOSCOW)
    assert (caught.value.field, caught.value.reason) == (TIME_FIELD, reason)


def test_it_rejects_an_hour_that_the_clock_skipped() -> None:
    with pytest.raises(InvalidValueError) as caught:
        message_parsing.parse_local_time('29.03.2026 02:30', TIME_FIELD, BERLIN)
    assert caught.value.reason == InvalidValueReason.SKIPPED_BY_CLOCK


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
    assert message_parsing.parse_phone('8 916 123-45-67') == '+79161234567'
    for typed, reason in (('+7 (916) 12', 'not_phone'), ('', 'missing'), ('9' * 5000, 'too_long')):
        with pytest.raises(InvalidValueError, match=reason):
            message_parsing.parse_phone(typed)


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
    for cost, reason in (('-0.01', 'negative'), ('0.001', 'fraction')):
        with pytest.raises(InvalidValueError, match=reason):
            factories.incoming_message(cost=Decimal(cost))


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
    assert {field.value for field in MessageField} == attributes
    assert set(factories.message_cells()) == set(MESSAGE_FORMAT.required)
