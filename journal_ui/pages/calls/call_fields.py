"""The calls about a message in its opened row: whether the recipient was called, by whom and when, and the notes."""

from collections.abc import Iterator
from datetime import tzinfo

from journal_ui.list_page.grid.data_grid import DetailField, TimelineEntry
from models import CallOutcome, MessageStatus
from services import texts
from services.call_list.call_words import describe_outcome, describe_sequel
from services.call_list.earlier_calls import EarlierCall
from services.call_list.message_calls import Call, MessageCalls
from services.formats import date_and_minute


def call_fields(message_calls: MessageCalls, status: MessageStatus, zone: tzinfo) -> Iterator[DetailField]:
    """Yield the field of the calls; none for a sent message about which nobody has called."""
    entries = [_call_entry(call, zone) for call in message_calls.calls]
    if claim := message_calls.claim:
        calling = texts.CALLS_CALLING_NOW.format(by=claim.claimed_by)
        entries.insert(0, TimelineEntry(date_and_minute(claim.claimed_at, zone), calling, 'waiting'))
    if entries:
        yield DetailField(texts.CALLS_ABOUT_MESSAGE, timeline=entries)
    elif status is not MessageStatus.SENT:
        yield DetailField(texts.CALLS_ABOUT_MESSAGE, texts.CALLS_NOT_RECORDED, 'none')


def _call_entry(call: Call, zone: tzinfo) -> TimelineEntry:
    note = texts.CALLS_QUOTED_NOTE.format(note=call.note) if call.note else ''
    text = ' · '.join(filter(None, (describe_outcome(call), note, describe_sequel(call, zone))))
    is_reached = call.outcome is CallOutcome.REACHED and not isinstance(call, EarlierCall)
    return TimelineEntry(date_and_minute(call.called_at, zone), text, 'sent' if is_reached else '')
