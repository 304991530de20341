"""Calls in words: the outcome, by whom and when, the note, and what became of the call."""

from datetime import date, tzinfo

from models import CallOutcome
from services import texts
from services.call_list.call_entries import CompletedCall
from services.call_list.earlier_calls import EarlierCall
from services.call_list.latest_call import LatestCall
from services.call_list.message_calls import Call
from services.formats import date_and_minute, day, day_and_minute, day_and_month, integer


def describe_call(call: Call, zone: tzinfo) -> str:
    """Describe a call in lines: its outcome, by whom and when; its note; what became of it."""
    outcome = f'{describe_outcome(call)} · {date_and_minute(call.called_at, zone)}'
    return '\n'.join(filter(None, (outcome, call.note, describe_sequel(call, zone))))


def describe_latest_call(call: LatestCall, zone: tzinfo, today: date) -> str:
    """Describe the latest call in a line, the most important first: «Не дозвонились (2) · anna, 28.11».

    A call of another year than that of `today` has the year.
    """
    if call.outcome is None:
        return texts.CALLS_CALLING.format(by=call.called_by)
    outcome = texts.CALLS_OUTCOMES[call.outcome]
    if call.outcome is CallOutcome.NOT_REACHED and call.attempts > 1:
        outcome = texts.CALLS_LATEST_IN_VAIN.format(outcome=outcome, attempts=integer(call.attempts))
    called_on = call.called_at.astimezone(zone).date()
    written = day_and_month(call.called_at, zone) if called_on.year == today.year else day(called_on)
    words = texts.CALLS_LATEST.format(outcome=outcome, by=call.called_by, day=written)
    again = texts.CALLS_CALL_AGAIN.format(time=day_and_minute(call.again_at, zone)) if call.again_at else ''
    return ' · '.join(filter(None, (words, again, texts.CALLS_PENDING_AGAIN if call.is_pending else '')))


def describe_outcome(call: Call | CompletedCall) -> str:
    """Describe the outcome of a call, and by whom it was made: «Дозвонились · anna»."""
    return texts.CALLS_RESULT.format(outcome=texts.CALLS_OUTCOMES[call.outcome], by=call.called_by)


def describe_sequel(call: Call, zone: tzinfo) -> str:
    """Describe what became of a call: whether its recipient is to be called again; empty if it is the last one."""
    if not isinstance(call, EarlierCall):
        return texts.CALLS_CALL_AGAIN.format(time=date_and_minute(call.again_at, zone)) if call.again_at else ''
    put_back = texts.CALLS_PUT_BACK if call.reopened_by else texts.CALLS_RETURNED
    template = texts.CALLS_UNDONE if call.is_undone else put_back
    return template.format(by=call.reopened_by, time=date_and_minute(call.reopened_at, zone))
