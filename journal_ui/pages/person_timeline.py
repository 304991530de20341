"""The timeline of a person as HTML: one element to NiceGUI, however many messages and calls it has."""

from collections.abc import Callable
from datetime import tzinfo

from markupsafe import Markup

from journal_ui.components.html_element import EMPTY_MARKUP, text_divs
from journal_ui.pages.message_columns import STATUS_CLASSES
from journal_ui.pages.message_link import link_path
from journal_ui.root_path import public_path
from models import MessageStatus
from services import texts
from services.call_list.call_words import describe_outcome, describe_sequel
from services.formats import date_and_minute
from services.messages.delivery import describe_error
from services.messages.message_codes import MIN_PREFIX_LENGTH
from services.person_story.person_story import OngoingCall, PersonStory, StoryCall, StoryMessage

ENTRY = Markup('<li class="{}"><div class="when">{}</div><div class="what">{}</div>{}</li>')
LINK = Markup('<a href="{}" title="{}" aria-label="{} {}">{}</a>')


def timeline_html(story: PersonStory, zone: tzinfo, describe_delivery: Callable[[StoryMessage], str]) -> Markup:
    """Return the entries of a story, the newest first, after the calls that are being made; every text is escaped."""
    ongoing = (_ongoing_call_html(call, story, zone) for call in story.ongoing_calls)
    entries = (
        _call_html(entry, zone)
        if isinstance(entry, StoryCall)
        else _message_html(entry, story, zone, describe_delivery(entry))
        for entry in story.entries
    )
    return EMPTY_MARKUP.join((*ongoing, *entries))


def _message_html(message: StoryMessage, story: PersonStory, zone: tzinfo, delivery: str) -> Markup:
    appointment = message.appointment_at and date_and_minute(message.appointment_at, zone)
    status = texts.STATUSES[message.status]
    error = describe_error(message.error_code, message.error_name) if message.status is MessageStatus.FAILED else ''
    facts = (
        _other_name(message.recipient_name, story),
        message.kind,
        message.organization,
        texts.PERSON_APPOINTMENT.format(time=appointment.replace(' ', '\N{NO-BREAK SPACE}')) if appointment else '',
    )
    lines = (
        (f'tone {STATUS_CLASSES[message.status]}', ': '.join(filter(None, (status, error)))),
        ('facts', ' · '.join(filter(None, facts))),
        ('text', message.text),
        ('facts', delivery),
    )
    code = str(message.id)[:MIN_PREFIX_LENGTH]
    link = LINK.format(public_path(link_path(message.id)), texts.PERSON_OPEN, texts.PERSON_OPEN, code, code)
    return ENTRY.format('message', date_and_minute(message.at, zone), _lines(*lines), link)


def _ongoing_call_html(call: OngoingCall, story: PersonStory, zone: tzinfo) -> Markup:
    lines = (
        ('tone waiting', texts.CALLS_CALLING.format(by=call.claim.claimed_by)),
        ('facts', _other_name(call.recipient_name, story)),
    )
    return ENTRY.format('phoned', date_and_minute(call.claim.claimed_at, zone), _lines(*lines), '')


def _other_name(name: str, story: PersonStory) -> str:
    """Return a name; empty if it is the one above the timeline."""
    return name if name != story.name else ''


def _call_html(entry: StoryCall, zone: tzinfo) -> Markup:
    call = entry.call
    lines = (
        ('call-title', texts.PERSON_CALL.format(call=describe_outcome(call))),
        ('text', call.note),
        ('facts', describe_sequel(call, zone)),
    )
    return ENTRY.format('phoned', date_and_minute(entry.at, zone), _lines(*lines), '')


def _lines(*lines: tuple[str, str]) -> Markup:
    return text_divs(*((css_class, text) for css_class, text in lines if text))
