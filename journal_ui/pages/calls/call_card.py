"""The entries of the call list: a recipient to call, and a completed call."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import partial
from uuid import UUID

from nicegui import ui

from journal_ui.components.buttons import TextButton
from journal_ui.components.html_element import TextTag
from journal_ui.components.phone_link import draw_phone_link
from journal_ui.components.popup_menu import PopupMenu
from journal_ui.filters.basic_filters import FIELD_PROPS
from journal_ui.pages.message_link import person_path
from journal_ui.root_path import public_path
from models import CallOutcome, MessageStatus
from services import texts
from services.audit.hash_chain import Actor
from services.call_list.call_entries import CompletedCall, PendingCall, UndeliveredMessage
from services.call_list.call_list_service import MAX_NOTE_LENGTH
from services.call_list.call_words import describe_call, describe_outcome
from services.call_list.earlier_calls import EarlierCall
from services.call_list.return_times import ReturnTime
from services.formats import date_and_minute, distinctive_part_first, plural

NOTE_INPUT_PROPS = {key: value for key, value in FIELD_PROPS.items() if key != 'clearable'}
FOCUS_JS = 'setTimeout(() => document.querySelector("#c{id}{inside}")?.focus(), 0)'
"""The focus is set after the element has been drawn."""


@dataclass(frozen=True)
class CallActions:
    """The user who calls, and their actions."""

    actor: Actor
    """The user."""
    zone: tzinfo
    is_past: Callable[[datetime | None], bool]
    describe_return: Callable[[ReturnTime], str]
    claim: Callable[['CallCard'], Awaitable[None]]
    release: Callable[['CallCard'], Awaitable[None]]
    complete: Callable[['CallCard', CallOutcome, ReturnTime | None], Awaitable[None]]


class CallCard:
    """A recipient to call, as drawn on one page."""

    def __init__(self, call: PendingCall, actions: CallActions, note: str = '') -> None:
        """Draw the card into the current container, with a note that was typed before."""
        self.call = call
        self.note = note
        """The note that the user has typed so far."""
        self._actions = actions
        with ui.element('li').classes('call') as self.element:
            with ui.element('div').classes('whom'):
                _draw_name(call.name, call.message_ids)
                draw_phone_link(call.key.phone)
                self._history = ui.element('div')
            self._message_list = ui.element('ul').classes('call-messages')
            self._action_area = ui.element('div').classes('act')
        self._draw_history()
        self._draw_messages()
        self._draw_actions()

    @property
    def is_claimed_by_me(self) -> bool:
        """Whether the user of this page has claimed the recipient."""
        return self.call.claim is not None and self.call.claim.claimed_by == self._actions.actor.name

    @property
    def is_unclaimed(self) -> bool:
        """Whether nobody has claimed the recipient."""
        return self.call.claim is None

    def update(self, call: PendingCall) -> None:
        """Show a changed call; unchanged parts are not redrawn, nor is a note that is being typed."""
        old, self.call = self.call, call
        if old.messages != call.messages:
            self._draw_messages()
        if old.claim != call.claim:
            self._draw_actions()
        if old.history != call.history:
            self._draw_history()

    def focus(self) -> None:
        """Focus the note if the user has claimed the recipient, else the button «Взять»."""
        target_selector = ' input' if self.is_claimed_by_me else ' button'
        ui.run_javascript(FOCUS_JS.format(id=self._action_area.id, inside=target_selector))

    def _draw_history(self) -> None:
        self._history.clear()
        with self._history:
            if attempts := self.call.attempts:
                words = plural(attempts, texts.CALLS_ATTEMPT_FORMS)
                ui.label(texts.CALLS_ATTEMPTS.format(attempts=words)).classes('tone waiting')
            draw_earlier_calls(self.call.history, self._actions.zone)

    def _draw_messages(self) -> None:
        self._message_list.clear()
        with self._message_list:
            for message in self.call.messages:
                self._draw_message(message)

    def _draw_message(self, message: UndeliveredMessage) -> None:
        is_past = self._actions.is_past(message.appointment_at)
        with ui.element('li').classes('over' if is_past else ''):
            with ui.element('div').classes('when'):
                ui.label(
                    date_and_minute(message.appointment_at, self._actions.zone) or texts.CALLS_NO_APPOINTMENT
                ).classes('time')
                if is_past:
                    ui.label(texts.CALLS_APPOINTMENT_PAST).classes('late')
                where = ui.label(distinctive_part_first(message.organization)).classes('where')
                where.props['title'] = message.organization
            ui.label(message.text).classes('text')
            with ui.element('div').classes('why'):
                error = message.error_name or message.error_code or texts.CALLS_UNNAMED_ERROR
                ui.label(error).classes('tone waiting' if message.status is MessageStatus.WAITING else 'tone failed')
                if message.advice:
                    ui.label(message.advice)

    def _draw_actions(self) -> None:
        """Draw the actions that are possible now."""
        call, claim = self.call, self.call.claim
        for css_class, applies in (
            ('mine', self.is_claimed_by_me),
            ('held', not self.is_unclaimed and not self.is_claimed_by_me),
        ):
            self.element.classes(add=css_class if applies else None, remove=None if applies else css_class)
        self._action_area.clear()
        with self._action_area:
            if claim is None:
                claim_button = TextButton(texts.CALLS_CLAIM, partial(self._actions.claim, self)).classes('framed')
                claim_button.props['aria-label'] = texts.CALLS_CLAIM_LABEL.format(name=call.name)
                return
            time = date_and_minute(claim.claimed_at, self._actions.zone).split()[-1]
            if not self.is_claimed_by_me:
                ui.label(texts.CALLS_CLAIMED_BY.format(name=claim.claimed_by, time=time)).classes('holder')
                return
            ui.label(texts.CALLS_CLAIMED_BY_YOU.format(time=time)).classes('holder')
            self._draw_outcome_buttons()

    def _draw_outcome_buttons(self) -> None:
        """Draw the note and the outcomes of a call."""
        note = ui.input(texts.CALLS_NOTE, value=self.note, on_change=lambda e: setattr(self, 'note', e.value or ''))
        note.props.update(NOTE_INPUT_PROPS | {'maxlength': MAX_NOTE_LENGTH, 'autocomplete': 'off'})
        with ui.element('div').classes('ends').props(f'role=group aria-label="{texts.CALLS_COMPLETE}"'):
            ui.label(f'{texts.CALLS_COMPLETE}:').props('aria-hidden=true')
            for outcome, words in texts.CALLS_OUTCOMES.items():
                if outcome is CallOutcome.NOT_REACHED:
                    button = TextButton(words).classes('framed').props('aria-haspopup=menu')
                    PopupMenu(button, self._draw_return_times, name=texts.CALLS_RETURN, props='role=menu')
                else:
                    button = TextButton(words, partial(self._actions.complete, self, outcome, None)).classes('framed')
                button.props['aria-label'] = texts.CALLS_OUTCOME_LABEL.format(outcome=words, name=self.call.name)
        release_button = TextButton(texts.CALLS_RELEASE, partial(self._actions.release, self)).classes('linklike')
        release_button.props['aria-label'] = texts.CALLS_RELEASE_LABEL.format(name=self.call.name)

    def _draw_return_times(self, menu: ui.menu) -> None:
        """Draw the times at which a recipient who was not reached may return to the list."""
        complete = partial(self._actions.complete, self, CallOutcome.NOT_REACHED)
        with menu:
            for returning in ReturnTime:
                words = self._actions.describe_return(returning)
                item = ui.menu_item(words, on_click=partial(complete, returning)).props('role=menuitem')
                if returning is ReturnTime.HALF_AN_HOUR:
                    item.props('autofocus')
            ui.menu_item(texts.CALLS_NO_RETURN, on_click=partial(complete, None)).props('role=menuitem')


def _draw_name(name: str, message_ids: Sequence[UUID]) -> None:
    """Draw the name of a recipient as a link to all messages to them."""
    with ui.element('h2'):
        link = TextTag('a', name)
        link.props.update({'href': public_path(person_path(message_ids[0])), 'title': texts.PERSON_LINK})


def draw_earlier_calls(history: Sequence[EarlierCall], zone: tzinfo) -> None:
    """Draw the earlier calls, with what was noted then."""
    for call in history:
        ui.label(describe_call(call, zone)).classes('earlier')


def draw_completed_call(
    completed_call: CompletedCall, zone: tzinfo, reopen: Callable[[CompletedCall], Awaitable[None]]
) -> None:
    """Draw a completed call with its outcome, and a button that reopens it."""
    with ui.element('li').classes('call completed'):
        with ui.element('div').classes('whom'):
            _draw_name(completed_call.name, completed_call.message_ids)
            draw_phone_link(completed_call.phone)
        with ui.element('div').classes('outcome'):
            ui.label(f'{describe_outcome(completed_call)} · {date_and_minute(completed_call.called_at, zone)}')
            if completed_call.again_at:
                ui.label(texts.CALLS_CALL_AGAIN.format(time=date_and_minute(completed_call.again_at, zone)))
            if completed_call.note:
                ui.label(completed_call.note).classes('note')
            draw_earlier_calls(completed_call.history, zone)
        with ui.element('div').classes('act'):
            reopen_button = TextButton(texts.CALLS_RELEASE, partial(reopen, completed_call)).classes('linklike')
            reopen_button.props['aria-label'] = texts.CALLS_RELEASE_LABEL.format(name=completed_call.name)
