"""A period of two dates, typed as people write them or picked in a calendar (docs/manual.md S7)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from nicegui import ui

from journal_ui.components import icons
from journal_ui.components.buttons import IconButton, TextButton
from journal_ui.components.fields import TextField
from journal_ui.components.popup_menu import DROPDOWN_PROPS, PopupMenu
from journal_ui.filters.basic_filters import FIELD_PROPS, FilterControl, QueryDraft
from journal_ui.filters.typed_date import parse_date, quick_periods
from services import texts
from services.formats import day
from services.lists.query_protocol import Period


@dataclass(frozen=True)
class DateRangeFilter:
    """A period; the query receives a Period."""

    field: str
    label: str
    today: Callable[[], date]
    """Returns the current day on the journal's calendar."""
    css_flex: str = '0.5 1 318px'

    def draw(self, draft: QueryDraft[Any]) -> FilterControl:
        """See `Filter.draw`."""
        return DateRangeControl(self, draft)


class DateRangeControl:
    """The two dates as drawn on one page."""

    def __init__(self, definition: DateRangeFilter, draft: QueryDraft[Any]) -> None:
        self._definition = definition
        self._draft = draft
        with ui.element('div').classes('period').style(f'flex: {definition.css_flex}') as group:
            group.props['role'], group.props['aria-label'] = 'group', definition.label
            self._since = self._draw_date(texts.PERIOD_SINCE, self._period.since)
            self._until = self._draw_date(texts.PERIOD_UNTIL, self._period.until)

    @property
    def _period(self) -> Period:
        period: Period = self._draft.get_value(self._definition.field)
        return period

    def _draw_date(self, prefix: str, selected_date: date | None) -> 'DateInput':
        return DateInput(
            prefix,
            self._definition,
            selected_date,
            on_change=self._on_date_changed,
            on_incomplete_text=self._mark_edited,
            on_period=self._choose_period,
        )

    def reset(self) -> None:
        """See FilterControl."""
        self._since.set_date(self._period.since)
        self._until.set_date(self._period.until)

    def show_error(self, message: str) -> None:
        """See FilterControl."""
        self._since.show_error(message)

    def has_invalid_input(self) -> bool:
        """See FilterControl."""
        invalid = [box for box in (self._since, self._until) if box.has_invalid_input()]  # both show their errors
        return bool(invalid)

    def _choose_period(self, period: Period) -> None:
        self._draft.set_value(self._definition.field, period)
        self.reset()

    def _mark_edited(self) -> None:
        self._draft.edited_fields.add(self._definition.field)

    def _on_date_changed(self) -> None:
        self._draft.set_value(self._definition.field, Period(self._since.selected_date, self._until.selected_date))


class DateInput:
    """A date: a field with a button that opens a calendar."""

    def __init__(
        self,
        prefix: str,
        definition: DateRangeFilter,
        selected_date: date | None,
        *,
        on_change: Callable[[], None],
        on_incomplete_text: Callable[[], None],
        on_period: Callable[[Period], None],
    ) -> None:
        self.selected_date = selected_date
        self._today = definition.today
        self._on_period = on_period
        self._on_change = on_change
        self._on_incomplete_text = on_incomplete_text
        self._input = TextField(day(selected_date) if selected_date else '', self._on_text_changed)
        self._input.props.update(
            FIELD_PROPS
            | {'prefix': prefix, 'placeholder': texts.DAY_PLACEHOLDER, 'maxlength': 24, 'autocomplete': 'off'}
        )
        self._input.props['aria-invalid'] = 'false'
        self._input.props['aria-label'] = f'{definition.label} {prefix}'
        self._input.on('blur', self._normalize_text)
        name = f'{texts.CALENDAR} {prefix}'
        with self._input.add_slot('append'):
            calendar_button = IconButton(icons.CALENDAR, name)
        self._menu = PopupMenu(
            calendar_button, self._draw_calendar, name=name, props=DROPDOWN_PROPS, trigger_event='click.stop'
        )

    def set_date(self, selected_date: date | None) -> None:
        """Show a date, and remove the error message."""
        self.selected_date = selected_date
        self._input.value = day(selected_date) if selected_date else ''
        self.show_error(None)

    def show_error(self, message: str | None) -> None:
        """Show an error message at the field, or remove it with None."""
        self._input.error = message
        # A screen reader reads `aria-invalid` when the focus returns to the field. The attribute is set only when it
        # changes, because each update sends the field's text to the browser, where the user may be typing.
        invalid = 'true' if message else 'false'
        if self._input.props.get('aria-invalid') != invalid:
            self._input.props['aria-invalid'] = invalid

    def has_invalid_input(self) -> bool:
        """Return whether the text is no date, and show or remove the error message accordingly."""
        try:
            parse_date(self._input.value, self._today())
        except ValueError as error:
            self.show_error(str(error))
            return True
        self.show_error(None)
        return False

    def _on_text_changed(self, text: str) -> None:
        try:
            parsed_date = parse_date(text, self._today())
        except ValueError:
            self._on_incomplete_text()
            return  # the error is shown when the user leaves the field or searches, not while they type
        if parsed_date != self.selected_date:
            self.show_error(None)
            self.selected_date = parsed_date
            self._on_change()

    def _normalize_text(self) -> None:
        """Format the date as `дд.мм.гггг`, or show why the text is no date."""
        try:
            parsed_date = parse_date(self._input.value, self._today())
        except ValueError as error:
            self.show_error(str(error))
        else:
            self._input.value = day(parsed_date) if parsed_date else ''

    def _draw_calendar(self, menu: ui.menu) -> None:
        self._normalize_text()
        selected_text = day(self.selected_date) if self.selected_date else None
        with menu:
            with ui.element('div').classes('quick-periods').props(f'role=group aria-label="{texts.QUICK_PERIODS}"'):
                for name, period in quick_periods(self._today()).items():
                    TextButton(name, partial(self._on_period_chosen, period))
            ui.date(selected_text, mask='DD.MM.YYYY', on_change=lambda e: self._on_date_picked(e.value)).props(
                'minimal'
            )

    def _on_period_chosen(self, period: Period) -> None:
        self._on_period(period)
        self._menu.close()

    def _on_date_picked(self, date_text: str | None) -> None:
        if date_text and date_text != self._input.value:
            self._input.value = date_text
            self._on_text_changed(date_text)
            self._menu.close()
