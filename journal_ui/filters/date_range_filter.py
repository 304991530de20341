"""Two days that read as one thing (spec S7): typed `дд.мм.гггг` or taken from a calendar."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from nicegui import ui

from journal_ui.components import icons
from journal_ui.components.buttons import IconButton
from journal_ui.components.popup_menu import UNDER, Menu
from journal_ui.filters.basic_filters import FIELD, Control, Draft
from services import texts
from services.formats import day
from services.lists.query_protocol import Period

WRITTEN = re.compile(r'(\d{1,2})[./\-, ](\d{1,2})[./\-, ](\d+)|(\d{2})(\d{2})(\d{4})')
ISO = re.compile(r'(\d{4})-(\d{2})-(\d{2})')


def typed_day(text: str) -> date | None:
    """Read a day as people type it: `22.11.2026`, `1.2.2026`, `22112026`, `2026-11-22`; None for nothing.

    Raises:
        ValueError: there is no such day; the message is a sentence for the person.
    """
    text = text.strip()
    if not text:
        return None
    if iso := ISO.fullmatch(text):
        year, month, number = iso.groups()
    elif written := WRITTEN.fullmatch(text):
        number, month, year = (part for part in written.groups() if part)
    else:
        raise ValueError(texts.DAY_UNREADABLE)
    if len(year) != 4:
        raise ValueError(texts.YEAR_UNREADABLE)
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        raise ValueError(texts.NO_SUCH_DAY.format(day=text)) from None


@dataclass(frozen=True)
class PeriodFilter:
    """A period; the query gets a Period."""

    field: str
    label: str
    basis: str = '0.5 1 318px'

    def draw(self, draft: Draft[Any]) -> Control:
        """See Filter."""
        return PeriodControl(self, draft)


class PeriodControl:
    """The two days as drawn on one page."""

    def __init__(self, declared: PeriodFilter, draft: Draft[Any]) -> None:
        self._declared = declared
        self._draft = draft
        with ui.element('div').classes('period').style(f'flex: {declared.basis}') as group:
            group.props['role'], group.props['aria-label'] = 'group', declared.label
            self._since = DayBox(texts.PERIOD_SINCE, declared.label, self._changed)
            self._until = DayBox(texts.PERIOD_UNTIL, declared.label, self._changed)
        self.reset()

    def reset(self) -> None:
        """See Control."""
        period: Period = self._draft.get(self._declared.field)
        self._since.show(period.since)
        self._until.show(period.until)

    def refuse(self, sentence: str) -> None:
        """See Control."""
        self._since.refuse(sentence)

    def faulty(self) -> bool:
        """See Control."""
        return bool([box for box in (self._since, self._until) if box.faulty()])  # both have their say

    def _changed(self) -> None:
        self._draft.put(self._declared.field, Period(self._since.day, self._until.day))


class DayBox:
    """One day: a field with a calendar behind its button."""

    def __init__(self, side: str, label: str, changed: Any) -> None:
        self.day: date | None = None
        self._changed = changed
        self._box = ui.input(on_change=lambda e: self._read(e.value or ''))
        self._box.props.update(
            FIELD | {'prefix': side, 'placeholder': texts.DAY_PLACEHOLDER, 'maxlength': 24, 'autocomplete': 'off'}
        )
        self._box.props['aria-label'] = f'{label} {side}'
        self._box.on('blur', self._tidy)
        name = f'{texts.CALENDAR} {side}'
        with self._box.add_slot('append'):
            opener = IconButton(icons.CALENDAR, name)
        self._menu = Menu(opener, self._draw, name=name, props=UNDER, click='click.stop')

    def show(self, chosen: date | None) -> None:
        """Show a day, and no complaint."""
        self.day = chosen  # first, so that nothing has changed when the field tells of its new text
        self._box.value = day(chosen) if chosen else ''
        self.refuse(None)

    def refuse(self, sentence: str | None) -> None:
        """Say what is wrong with the day; None takes it back."""
        self._box.error = sentence
        # Without this a screen reader that comes back to the field takes it for a good one. Set only when it changes:
        # each time sends the field's text back to the browser, where the person may be typing on.
        invalid = 'true' if sentence else 'false'
        if self._box.props.get('aria-invalid') != invalid:
            self._box.props['aria-invalid'] = invalid

    def faulty(self) -> bool:
        """Say whether what was typed is no day; the field then says so."""
        try:
            typed_day(self._box.value or '')
        except ValueError as error:
            self.refuse(str(error))
            return True
        self.refuse(None)
        return False

    def _read(self, text: str) -> None:
        try:
            read = typed_day(text)
        except ValueError:
            return  # said when the person leaves the field or searches, not while he types
        if read != self.day:
            self.refuse(None)
            self.day = read
            self._changed()

    def _tidy(self) -> None:
        """Write the day as days are written here; a complaint of «Найти» stays, which may be told of first."""
        try:
            chosen = typed_day(self._box.value or '')
        except ValueError as error:
            self.refuse(str(error))
        else:
            self._box.value = day(chosen) if chosen else ''

    def _draw(self, menu: ui.menu) -> None:
        self._tidy()
        chosen = day(self.day) if self.day else None
        with menu:
            ui.date(chosen, mask='DD.MM.YYYY', on_change=lambda e: self._pick(e.value)).props('minimal')

    def _pick(self, chosen: str | None) -> None:
        if chosen and chosen != self._box.value:
            self._box.value = chosen
            self._menu.close()
