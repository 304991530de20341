"""The paging bar above the list (docs/manual.md S12): page size, page number and totals."""

from collections.abc import Callable
from dataclasses import dataclass

from nicegui import ui

from journal_ui.components import icons
from journal_ui.components.buttons import IconButton, TextButton
from journal_ui.components.fields import Select, TextField
from journal_ui.components.html_element import HtmlElement, text_divs
from journal_ui.nicegui_patches.lean_element import LeanElement
from services import formats, texts
from services.lists.query_protocol import PAGE_SIZES, Totals

PAGING_FIELD_PROPS = {'outlined': True, 'dense': True, 'hide-bottom-space': True}


@dataclass(frozen=True)
class ListPosition:
    """The part of a result that is displayed."""

    page_number: int
    row_count: int
    """The number of rows on the page."""


class PagingBar:
    """The paging bar of one page; it has no access to the rows."""

    def __init__(
        self,
        page_size: int,
        *,
        on_page_change: Callable[[int], None],
        on_size_change: Callable[[int], None],
        on_refresh: Callable[[], None],
    ) -> None:
        """Draw the bar.

        Args:
            page_size: rows on a page.
            on_page_change: receives the number of the page that the user goes to.
            on_size_change: receives the page size that the user selects.
            on_refresh: is called when the user asks for the new rows.
        """
        self.page_size = page_size = page_size if page_size in PAGE_SIZES else PAGE_SIZES[-1]
        self._new_row_count = 0
        self._on_refresh = on_refresh
        self._new_rows_button: TextButton | None = None
        self._on_page_change = on_page_change
        self._position: ListPosition | None = None
        self._totals: Totals | None = None
        with LeanElement().classes('paging').props(f'role=group aria-label="{texts.PAGES}"'):
            with LeanElement().classes('size').props(f'data-label="{texts.PAGE_SIZE}:"'):
                options = {each: str(each) for each in PAGE_SIZES}
                self._size_select = Select(
                    texts.PAGE_SIZE, options, page_size, lambda chosen: self._change_page_size(chosen, on_size_change)
                )
                self._size_select.props.update(PAGING_FIELD_PROPS | {'options-dense': True, 'behavior': 'menu'})
            with LeanElement().classes('turn'):
                self._first_button = IconButton(icons.FIRST_PAGE, texts.FIRST_PAGE, lambda: self._on_page_change(1))
                self._previous_button = IconButton(
                    icons.PREVIOUS_PAGE, texts.PREVIOUS_PAGE, lambda: self._on_page_change(self.page_number - 1)
                )
                self._previous_button.classes('back')
                self._page_input = TextField('1', lambda typed: None).classes('number')
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
            self.suggestions_slot = LeanElement()
            """The container of the buttons of narrower searches."""
            self._result_summary = HtmlElement('div').classes('found').props('role=status')
            self.tools = LeanElement().classes('tools')
            """The container of the buttons for the list and for the whole result."""
        self.refresh()

    def clear(self) -> None:
        """Show that nothing is searched."""
        self.clear_new_rows()
        self._position = self._totals = None
        self.refresh()

    def set_page_size(self, size: int) -> None:
        """Show a page size that does not come from the user."""
        self.page_size = size
        self._size_select.value = size

    def set_position(self, position: ListPosition, totals: Totals | None = None) -> None:
        """Show which rows of the result are displayed, and the totals if they are known already."""
        self._position, self._totals = position, totals or self._totals
        self.refresh()

    def set_totals(self, totals: Totals) -> None:
        """Show the totals of the result."""
        self._totals = totals
        self.refresh()

    def clear_totals(self) -> None:
        """Discard the totals; they remain displayed with the old rows until new rows or totals are set."""
        self._totals = None

    def add_new_rows(self, count: int) -> None:
        """Add to the number of rows that are new since the search; the list itself does not change."""
        self._new_row_count += count
        if not self._new_row_count:
            return
        if self._new_rows_button is None:  # most pages never need it
            with self._new_rows_slot:
                self._new_rows_button = TextButton('', self._on_refresh)
                self._new_rows_button.classes('chip')
        self._new_rows_button.set_text(texts.NEW_ROWS.format(count=formats.integer(self._new_row_count)))

    def clear_new_rows(self) -> None:
        """Reset the number of new rows, because the list contains them."""
        self._new_row_count = 0
        if self._new_rows_button:
            self._new_rows_button.delete()
            self._new_rows_button = None

    @property
    def row_count(self) -> int | None:
        """The number of rows in the result, once counted."""
        return self._totals.count if self._totals else None

    @property
    def page_number(self) -> int:
        """The number of the page that is displayed."""
        return self._position.page_number if self._position else 1

    @property
    def _page_count(self) -> int | None:
        return None if self.row_count is None else max(1, -(-self.row_count // self.page_size))

    def _change_page_size(self, size: int, on_size_change: Callable[[int], None]) -> None:
        if size != self.page_size:
            self.page_size = size
            on_size_change(size)

    def _go_to_typed_page(self) -> None:
        digits = ''.join(filter(str.isdecimal, self._page_input.value))
        if digits and self._position:
            self._on_page_change(max(1, min(int(digits), self._page_count or int(digits))))
        else:
            self.refresh()

    def refresh(self) -> None:
        """Draw the current position and totals."""
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
