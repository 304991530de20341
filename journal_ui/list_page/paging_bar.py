"""The paging bar above the list (spec S12): rows on a page, the page, what was found in all."""

from collections.abc import Callable
from dataclasses import dataclass

from nicegui import ui

from journal_ui.components import icons
from journal_ui.components.buttons import IconButton
from journal_ui.components.html_element import HtmlElement, text_divs
from journal_ui.components.select import Select
from journal_ui.nicegui_patches.lean_element import LeanElement
from services import formats, texts
from services.lists.query_protocol import PAGE_SIZES, Totals

PAGING_FIELD_PROPS = {'outlined': True, 'dense': True, 'hide-bottom-space': True, '_autocomplete': ()}


@dataclass(frozen=True)
class ListPosition:
    """Where in a result the list stands."""

    page_number: int
    row_count: int
    """How many rows are on the page."""


class PagingBar:
    """Turns pages; knows no rows."""

    def __init__(
        self,
        page_size: int,
        *,
        on_page_change: Callable[[int], None],
        on_size_change: Callable[[int], None],
        on_refresh: Callable[[], None],
    ) -> None:
        """Draw the bar; `turn` is asked for a page by its number, `resize` for so many rows, `renew` for the new."""
        self.page_size = page_size = page_size if page_size in PAGE_SIZES else PAGE_SIZES[-1]
        self._new_row_count = 0
        self._on_refresh = on_refresh
        self._new_rows_button: ui.button | None = None
        self._on_page_change = on_page_change
        self._position: ListPosition | None = None
        self._totals: Totals | None = None
        with LeanElement().classes('paging').props(f'role=group aria-label="{texts.PAGES}"'):
            with LeanElement().classes('size').props(f'data-label="{texts.PAGE_SIZE}:"'):
                options = {each: str(each) for each in PAGE_SIZES}
                self._size_select = Select(
                    texts.PAGE_SIZE, options, page_size, lambda chosen: self._change_page_size(chosen, on_size_change)
                )
                self._size_select.props.update(
                    PAGING_FIELD_PROPS
                    | {'options-dense': True, 'behavior': 'menu', 'dropdown-icon': icons.CHEVRON_DOWN}
                )
            with LeanElement().classes('turn'):
                self._first_button = IconButton(icons.FIRST_PAGE, texts.FIRST_PAGE, lambda: self._on_page_change(1))
                self._previous_button = IconButton(
                    icons.PREVIOUS_PAGE, texts.PREVIOUS_PAGE, lambda: self._on_page_change(self.page_number - 1)
                )
                self._previous_button.classes('back')
                self._page_input = ui.input(value='1').classes('number')
                self._page_input.props.update(
                    PAGING_FIELD_PROPS | {'inputmode': 'numeric', 'maxlength': 9, 'autocomplete': 'off'}
                )
                self._page_input.props['aria-label'] = texts.PAGE_NUMBER
                self._page_input.on('keydown.enter', self._go_to_typed_page, [])
                self._page_input.on('blur', self.refresh, [])
                self._page_count_label = ui.label().classes('of')
                self._next_button = IconButton(
                    icons.NEXT_PAGE, texts.NEXT_PAGE, lambda: self._on_page_change(self.page_number + 1)
                )
                self._next_button.classes('forward')
                self._last_button = IconButton(
                    icons.LAST_PAGE, texts.LAST_PAGE, lambda: self._on_page_change(self._page_count or 1)
                )
            self._new_rows_slot = LeanElement().classes('news').props('role=status')
            self._result_summary = HtmlElement('div').classes('found').props('role=status')
            self.tools = LeanElement().classes('tools')
            """Room for what can be done with the list, and with all that was found."""
        self.refresh()

    def clear(self) -> None:
        """Show that nothing has been searched for."""
        self.clear_new_rows()
        self._position = self._totals = None
        self.refresh()

    def set_page_size(self, size: int) -> None:
        """Show that a page has so many rows, which the person did not choose just now."""
        self.page_size = size
        self._size_select.value = size

    def set_position(self, position: ListPosition, totals: Totals | None = None) -> None:
        """Show which rows of the result are in the list, and what it adds up to where that is known by them."""
        self._position, self._totals = position, totals or self._totals
        self.refresh()

    def set_totals(self, totals: Totals) -> None:
        """Show what the result adds up to."""
        self._totals = totals
        self.refresh()

    def clear_totals(self) -> None:
        """Know no totals; the old ones stay in sight, as the old rows do, until rows come or `show` is called."""
        self._totals = None

    def add_new_rows(self, count: int) -> None:
        """Add to the number of rows that are new since the search; the list itself stays under the hand."""
        self._new_row_count += count
        if not self._new_row_count:
            return
        if self._new_rows_button is None:  # most pages never have one
            with self._new_rows_slot:
                self._new_rows_button = ui.button(on_click=self._on_refresh, color=None).props('flat').classes('chip')
        self._new_rows_button.set_text(texts.NEW_ROWS.format(count=formats.integer(self._new_row_count)))

    def clear_new_rows(self) -> None:
        """Tell of none: they are in the list."""
        self._new_row_count = 0
        if self._new_rows_button:
            self._new_rows_button.delete()
            self._new_rows_button = None

    @property
    def row_count(self) -> int | None:
        """How many rows the result has, once counted."""
        return self._totals.count if self._totals else None

    @property
    def page_number(self) -> int:
        """The page in the list."""
        return self._position.page_number if self._position else 1

    @property
    def _page_count(self) -> int | None:
        return None if self.row_count is None else max(1, -(-self.row_count // self.page_size))

    def _change_page_size(self, size: int, on_size_change: Callable[[int], None]) -> None:
        if size != self.page_size:
            self.page_size = size
            on_size_change(size)

    def _go_to_typed_page(self) -> None:
        digits = ''.join(filter(str.isdecimal, self._page_input.value or ''))
        if digits and self._position:
            # The page that comes says its number. Said here too, the old number would come back from the browser as if
            # typed, at times after the new one.
            self._on_page_change(max(1, min(int(digits), self._page_count or int(digits))))
        else:
            self.refresh()

    def refresh(self) -> None:
        """Show what is known by now."""
        position, page_count = self._position, self._page_count
        self._page_input.value = str(self.page_number)
        self._page_input.set_enabled(position is not None)
        self._page_count_label.text = (
            f'{texts.OF}\N{NO-BREAK SPACE}{formats.integer(page_count)}' if position and page_count else ''
        )
        is_full_page = position is not None and position.row_count == self.page_size
        self._first_button.set_enabled(self.page_number > 1)
        self._previous_button.set_enabled(self.page_number > 1)
        self._next_button.set_enabled(is_full_page and (page_count is None or self.page_number < page_count))
        self._last_button.set_enabled(position is not None and page_count is not None and self.page_number < page_count)
        self._result_summary.set_html(text_divs(('sum', self._sum_text()), ('range', self._range_text(position))))

    def _range_text(self, position: ListPosition | None) -> str:
        if not position or not position.row_count:
            return ''
        first = (position.page_number - 1) * self.page_size + 1
        range_text = f'{formats.integer(first)}–{formats.integer(first + position.row_count - 1)}'
        count = '…' if self.row_count is None else formats.integer(self.row_count)
        return f'{range_text} {texts.OF_ALL} {count}'.replace(' ', '\N{NO-BREAK SPACE}')

    def _sum_text(self) -> str:
        if not self._totals or self._totals.cost is None or not self._totals.count:
            return ''
        return texts.RESULT_SUM.format(sum=formats.money(self._totals.cost))
