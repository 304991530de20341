"""The name under which a message was sent and its channel, as people and programs write them."""

import pytest

from models import MessageChannel
from services import texts
from services.ingest.channels.sender_parsing import check_sender, parse_channel, parse_sender
from services.ingest.validation import InvalidValueError, InvalidValueReason, MessageField
from services.messages.reading.status_names import CHANNEL_NAMES
from tests.helpers.factories import incoming_message


@pytest.mark.parametrize(
    ('typed', 'sender'),
    [
        ('', None),
        (' \u200b ', None),
        ('  Mos\u200bOblMed ', 'MosOblMed'),
        ('\u202eMosOblMed', 'MosOblMed'),
        ('ZDRAV  MO', 'ZDRAV MO'),
        ('0122', '0122'),
        ('122-1', '122-1'),
        ('+7 (495) 123-45-67', '+74951234567'),
        ('7 495 123-45-67', '74951234567'),
        ('Здравоохранение МО', 'Здравоохранение МО'),
    ],
)
def test_a_sender_is_a_name_or_a_number(typed: str, sender: str | None) -> None:
    assert parse_sender(typed) == sender


@pytest.mark.parametrize(('typed', 'reason'), [('и' * 65, 'too_long'), ('Mos\x00Med', 'unreadable')])
def test_no_sender_is_so_long_or_has_control_characters(typed: str, reason: str) -> None:
    with pytest.raises(InvalidValueError, match=reason) as caught:
        parse_sender(typed)
    assert caught.value.field == MessageField.SENDER


@pytest.mark.parametrize(
    ('sender', 'is_possible'),
    [
        (None, True),
        ('MosOblMed-1', True),
        ('MosOblMed-12', False),
        ('МосОблЗдрав', False),
        ('0122', True),
        ('+79161234567', True),
        ('123456789012345', True),
        ('1234567890123456', False),
    ],
)
def test_an_sms_has_a_short_sender_in_the_gsm_alphabet(sender: str | None, is_possible: bool) -> None:
    for channel in (None, MessageChannel.VIBER):
        check_sender(sender, channel)
    if is_possible:
        check_sender(sender, MessageChannel.SMS)
        return
    with pytest.raises(InvalidValueError) as caught:
        check_sender(sender, MessageChannel.SMS)
    assert (caught.value.field, caught.value.reason) == (MessageField.SENDER, InvalidValueReason.NOT_SMS_SENDER)
    assert 'до 11 знаков латиницы' in caught.value.describe()


@pytest.mark.parametrize('channel', MessageChannel)
def test_a_channel_is_understood_by_its_code_and_by_its_name(channel: MessageChannel) -> None:
    for name in (CHANNEL_NAMES[channel], channel.name, texts.CHANNELS[channel], texts.CHANNELS[channel].upper()):
        assert parse_channel(f' {name} ') is channel


def test_people_write_channels_with_hyphens() -> None:
    assert parse_channel('E-mail') is MessageChannel.EMAIL
    assert parse_channel('Push уведомление') is MessageChannel.PUSH


def test_an_unknown_channel_is_rejected_with_the_known_ones() -> None:
    with pytest.raises(InvalidValueError) as caught:
        parse_channel('Голубиная почта')
    assert (caught.value.field, caught.value.reason) == (MessageField.CHANNEL, InvalidValueReason.UNKNOWN_CHANNEL)
    assert 'бывает: СМС, RCS, Viber' in caught.value.describe()
    assert parse_channel(' \u200b') is None


def test_only_an_sms_is_split_into_parts() -> None:
    text = 'я' * 71
    assert incoming_message(text=text).part_count == 2
    assert incoming_message(text=text, channel=MessageChannel.SMS).part_count == 2
    assert incoming_message(text=text, channel=MessageChannel.MAX).part_count is None
    assert incoming_message(text=text, channel=MessageChannel.MAX, parts=2).part_count == 2
