"""A message as plain text for a ticket: what support and providers need, and no more of the patient than they need."""

from collections.abc import Iterator
from datetime import tzinfo
from typing import Final

from models import MessageStatus
from models.message import is_cost_known
from services import texts
from services.formats import date_and_minute, money, plural
from services.ingest.anonymized_messages import is_anonymized
from services.ingest.message_parsing import IncomingMessage
from services.messages.message_details import MessageDetails
from services.receipts.provider_codes import ProviderCodes

LAST_DIGITS: Final = 4
INITIALS: Final = 3


def ticket_text(details: MessageDetails, delivery: str, link: str, zone: tzinfo, codes: ProviderCodes) -> str:
    """Describe a message in lines «title: value», without its text and its appointment.

    Args:
        details: the message with its history.
        delivery: what is known about its delivery, in words.
        link: the permanent link to the message.
        zone: the time zone of the times.
        codes: the codes of the providers, which know the names of these.
    """
    message = details.message
    times = {
        texts.QUEUED_AT: message.queued_at,
        texts.ATTEMPTED_AT: message.attempted_at if message.status is not MessageStatus.SENT else None,
        texts.SENT_AT: message.sent_at,
    }
    lines = {
        texts.CODE: str(message.id),
        texts.TICKET_LINK: link,
        texts.TICKET_PATIENT: shorten_person(message),
        texts.ORGANIZATION: message.organization,
        texts.KIND: message.kind,
        **{title: date_and_minute(moment, zone) for title, moment in times.items() if moment},
        texts.STATUS: texts.STATUSES[message.status],
        texts.DELIVERY: delivery,
        texts.TICKET_ERROR: ', '.join(part for part in (message.error_code, message.error_name) if part),
        texts.SENDER: message.sender or '',
        texts.CHANNEL: texts.CHANNELS[message.channel] if message.channel else '',
        texts.TICKET_PROVIDER: '; '.join(dict.fromkeys(_provider_ids(details, codes))),
        texts.TICKET_COST: _describe_cost(message),
    }
    return '\n'.join(f'{title}: {value}' for title, value in lines.items() if value)


def shorten_person(message: IncomingMessage) -> str:
    """Return the initials of the recipient and the last digits of the phone; empty for an anonymized message."""
    if is_anonymized(message):
        return ''
    words = [word for word in message.recipient_name.split() if word[0].isalpha()][:INITIALS]
    initials = ' '.join(f'{word[0].upper()}.' for word in words)
    return texts.TICKET_PERSON.format(initials=initials, digits=message.phone[-LAST_DIGITS:])


def _describe_cost(message: IncomingMessage) -> str:
    parts = plural(message.part_count, texts.PART_FORMS) if message.part_count else ''
    cost = money(message.cost) if is_cost_known(message.cost_source) else ''
    return ', '.join(part for part in (cost, parts) if part)


def _provider_ids(details: MessageDetails, codes: ProviderCodes) -> Iterator[str]:
    for event in details.events:
        if event.provider and event.provider_id:
            yield f'{codes.provider_name(event.provider)} {event.provider_id}'
