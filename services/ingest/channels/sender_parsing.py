"""Parsers of the name under which a message was sent, and of the channel.

An SMS has the sender's name or number in its originating address: up to 11 characters of the GSM alphabet, or up to 20
digits, of which E.164 uses 15 (3GPP TS 23.040, 9.1.2.5). Gateways document the same limits. Names in messengers are
longer, 28 characters in Viber, and may be Cyrillic.
"""

import re
from typing import Final

from models import MessageChannel
from services import texts
from services.ingest.channels.sms_parts import GSM_ALPHABET, GSM_EXTENSION
from services.ingest.message_parsing import join_words, parse_optional
from services.ingest.validation import InvalidValueError, InvalidValueReason, MessageField

MAX_SENDER_LENGTH: Final = 64
MAX_SMS_SENDER_LENGTH: Final = 11
SMS_NUMBER: Final = re.compile(r'\+?\d{1,15}', re.ASCII)
LONG_NUMBER: Final = re.compile(r'\+[\d ()-]+|(?:[ ()-]*\d){10,}', re.ASCII)
"""A number with a plus or at least ten digits; a shorter one may be a name: «122-1»."""
NUMBER_SEPARATORS: Final = re.compile('[ ()-]')


def _fold_channel(name: str) -> str:
    """Return the form in which names of channels are compared: without case, spaces and hyphens."""
    return name.casefold().replace(' ', '').replace('-', '')


CHANNELS_BY_NAME: Final = {
    _fold_channel(name): channel for channel, title in texts.CHANNELS.items() for name in (channel.name, title)
}


def parse_sender(value: str) -> str | None:
    """Parse the name or the number under which a message was sent; return None for an empty value.

    A phone number loses its separators. Whether the channel allows the sender is checked by `check_sender`.
    """
    line = parse_optional(value, MessageField.SENDER, max_length=MAX_SENDER_LENGTH)
    return NUMBER_SEPARATORS.sub('', line) if line and LONG_NUMBER.fullmatch(line) else line


def parse_channel(value: str) -> MessageChannel | None:
    """Parse the code or the name of a channel («sms», «СМС», «e-mail»); return None for an empty value."""
    line = join_words(value)
    if not line:
        return None
    try:
        return CHANNELS_BY_NAME[_fold_channel(line)]
    except KeyError:
        choices = tuple(texts.CHANNELS.values())
        reason = InvalidValueReason.UNKNOWN_CHANNEL
        raise InvalidValueError(MessageField.CHANNEL, reason, line, choices=choices) from None


def check_sender(sender: str | None, channel: MessageChannel | None) -> None:
    """Check that a message which is known to be an SMS can have its sender; raises InvalidValueError."""
    if not sender or channel is not MessageChannel.SMS or SMS_NUMBER.fullmatch(sender):
        return
    if len(sender) > MAX_SMS_SENDER_LENGTH or not (GSM_ALPHABET | GSM_EXTENSION).issuperset(sender):
        raise InvalidValueError(MessageField.SENDER, InvalidValueReason.NOT_SMS_SENDER, sender)
