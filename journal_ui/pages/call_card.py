"""A person to call, and a call that was made, as they stand in the call-back list."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from nicegui import ui

from journal_ui.components.html_table import Tag
from journal_ui.filters.basic_filters import FIELD
from models import CallOutcome
from services import texts
from services.call_list.call_list_service import LONGEST_NOTE
from services.call_list.call_queries import Call, Made, Undelivered
from services.formats import minute, phone

NOTE = {key: value for key, value in FIELD.items() if key != 'clearable'}
FOCUS = 'setTimeout(() => document.querySelector("#c{id}{inside}")?.focus(), 0)'
"""After the page has shown what is to have the focus."""


@dataclass(frozen=True)
class Desk:
    """Who calls, and what he can do."""

    me: str
    """The name of his account."""
    zone: tzinfo
    is_over: Callable[[datetime | None], bool]
    take: Callable[['CallCard'], Awaitable[None]]
    give_back: Callable[['CallCard'], Awaitable[None]]
    finish: Callable[['CallCard', CallOutcome], Awaitable[None]]


class CallCard:
    """A person to call, on one page."""

    def __init__(self, call: Call, desk: Desk) -> None:
        """Draw it into the list that is open."""
        self.call = call
        self.note = ''
        """What the operator has written down so far."""
        self._desk = desk
        with ui.element('li').classes('call') as self.element:
            with ui.element('div').classes('whom'):
                Tag('h2', call.name)
                ui.label(phone(call.key.phone)).classes('phone')
            self._told = ui.element('ul').classes('told')
            self._act = ui.element('div').classes('act')
        self._tell()
        self._offer()

    @property
    def is_mine(self) -> bool:
        """Whether the person is taken by who looks at the page."""
        return self.call.claim is not None and self.call.claim.by == self._desk.me

    @property
    def is_free(self) -> bool:
        """Whether anybody may take the person."""
        return self.call.claim is None

    def renew(self, call: Call) -> None:
        """Show what has become of it; what did not change stays as it is, a note that is being written too."""
        old, self.call = self.call, call
        if old.messages != call.messages:
            self._tell()
        if old.claim != call.claim:
            self._offer()

    def focus(self) -> None:
        """Put the focus where the operator goes on: into the note of a person who is his, else on «Взять»."""
        inside = ' input' if self.is_mine else ' button'
        ui.run_javascript(FOCUS.format(id=self._act.id, inside=inside))

    def _tell(self) -> None:
        self._told.clear()
        with self._told:
            for message in self.call.messages:
                self._message(message)

    def _message(self, message: Undelivered) -> None:
        over = self._desk.is_over(message.appointment_at)
        with ui.element('li').classes('over' if over else ''):
            with ui.element('div').classes('when'):
                ui.label(minute(message.appointment_at, self._desk.zone) or texts.CALLS_NO_APPOINTMENT).classes('time')
                if over:
                    ui.label(texts.CALLS_OVER).classes('late')
                ui.label(message.organization).classes('where').props['title'] = message.organization
            ui.label(message.text).classes('said')
            with ui.element('div').classes('why'):
                ui.label(message.error_name or message.error_code or texts.CALLS_UNNAMED_ERROR).classes('tone failed')
                if message.advice:
                    ui.label(message.advice)

    def _offer(self) -> None:
        """Offer what can be done with the person now."""
        call, claim = self.call, self.call.claim
        for mark, holds in (('mine', self.is_mine), ('held', not self.is_free and not self.is_mine)):
            self.element.classes(add=mark if holds else None, remove=None if holds else mark)
        self._act.clear()
        with self._act:
            if claim is None:
                take = ui.button(texts.CALLS_TAKE, on_click=lambda: self._desk.take(self), color=None)
                take.props('flat').classes('framed').props['aria-label'] = texts.CALLS_TAKE_WHOM.format(name=call.name)
                return
            time = minute(claim.at, self._desk.zone).split()[-1]
            if not self.is_mine:
                ui.label(texts.CALLS_HELD.format(name=claim.by, time=time)).classes('holder')
                return
            ui.label(texts.CALLS_MINE.format(time=time)).classes('holder')
            self._ending()

    def _ending(self) -> None:
        """Offer the ends of a call."""
        note = ui.input(texts.CALLS_NOTE, value=self.note, on_change=lambda e: setattr(self, 'note', e.value or ''))
        note.props.update(NOTE | {'maxlength': LONGEST_NOTE, 'autocomplete': 'off'})
        with ui.element('div').classes('ends').props(f'role=group aria-label="{texts.CALLS_DONE}"'):
            ui.label(f'{texts.CALLS_DONE}:').props('aria-hidden=true')
            for outcome, words in texts.CALLS_OUTCOMES.items():
                end = ui.button(words, on_click=lambda outcome=outcome: self._desk.finish(self, outcome), color=None)
                end.props('flat').classes('framed')
        back = ui.button(texts.CALLS_GIVE_BACK, on_click=lambda: self._desk.give_back(self), color=None)
        back.props('flat').classes('linklike')


def draw_made(made: Made, zone: tzinfo, put_back: Callable[[Made], Awaitable[None]]) -> None:
    """Draw a call that was made: who, when, what came of it; it can be put back."""
    with ui.element('li').classes('call made'):
        with ui.element('div').classes('whom'):
            Tag('h2', made.name)
            ui.label(phone(made.phone)).classes('phone')
        with ui.element('div').classes('said'):
            outcome = texts.CALLS_OUTCOMES[made.outcome]
            ui.label(texts.CALLS_SAID.format(outcome=outcome, by=made.by, time=minute(made.at, zone)))
            if made.note:
                ui.label(made.note).classes('note')
        with ui.element('div').classes('act'):
            back = ui.button(texts.CALLS_GIVE_BACK, on_click=lambda: put_back(made), color=None)
            back.props('flat').classes('linklike')
            back.props['aria-label'] = texts.CALLS_GIVE_BACK_WHOM.format(name=made.name)
