"""The paging bar above the list (spec S12): rows on a page, the page, what was found in all."""

from collections.abc import Callable
from dataclasses import dataclass

from nicegui import ui

from journal_ui.components import icons
from journal_ui.components.buttons import IconButton
from journal_ui.components.html_element import Html, lines
from journal_ui.components.select import Choice
from journal_ui.nicegui_patches.lean_element import Light
from services import formats, texts
from services.lists.query_protocol import PAGE_SIZES, Totals

FIELD = {'outlined': True, 'dense': True, 'hide-bottom-space': True, '_autocomplete': ()}


@dataclass(frozen=True)
class Place:
    """Where in a result the list stands."""

    number: int
    rows: int
    """How many rows are on the page."""


class PagingBar:
    """Turns pages; knows no rows."""

    def __init__(
        self, size: int, *, turn: Callable[[int], None], resize: Callable[[int], None], renew: Callable[[], None]
    ) -> None:
        """Draw the bar; `turn` is asked for a page by its number, `resize` for so many rows, `renew` for the new."""
        self.size = size = size if size in PAGE_SIZES else PAGE_SIZES[-1]
        self._new = 0
        self._renew = renew
        self._chip: ui.button | None = None
        self._turn = turn
        self._place: Place | None = None
        self._totals: Totals | None = None
        with Light().classes('paging').props(f'role=group aria-label="{texts.PAGES}"'):
            with Light().classes('size').props(f'data-label="{texts.PAGE_SIZE}:"'):
                options = {each: str(each) for each in PAGE_SIZES}
                self._sizes = Choice(texts.PAGE_SIZE, options, size, lambda chosen: self._resize(chosen, resize))
                self._sizes.props.update(
                    FIELD | {'options-dense': True, 'behavior': 'menu', 'dropdown-icon': icons.DOWN}
                )
            with Light().classes('turn'):
                self._first = IconButton(icons.FIRST, texts.FIRST_PAGE, lambda: self._turn(1))
                self._back = IconButton(icons.BACK, texts.PREVIOUS_PAGE, lambda: self._turn(self.number - 1))
                self._back.classes('back')
                self._field = ui.input(value='1').classes('number')
                self._field.props.update(FIELD | {'inputmode': 'numeric', 'maxlength': 9, 'autocomplete': 'off'})
                self._field.props['aria-label'] = texts.PAGE_NUMBER
                self._field.on('keydown.enter', self._typed, [])
                self._field.on('blur', self.show, [])
                self._of = ui.label().classes('of')
                self._forward = IconButton(icons.FORWARD, texts.NEXT_PAGE, lambda: self._turn(self.number + 1))
                self._forward.classes('forward')
                self._last = IconButton(icons.LAST, texts.LAST_PAGE, lambda: self._turn(self._pages or 1))
            self._news = Light().classes('news').props('role=status')
            self._sums = Html('div').classes('found').props('role=status')
            self.tools = Light().classes('tools')
            """Room for what can be done with the list, and with all that was found."""
        self.show()

    def empty(self) -> None:
        """Show that nothing has been searched for."""
        self.forget_new()
        self._place = self._totals = None
        self.show()

    def show_size(self, size: int) -> None:
        """Show that a page has so many rows, which the person did not choose just now."""
        self.size = size
        self._sizes.value = size

    def place(self, place: Place, totals: Totals | None = None) -> None:
        """Show which rows of the result are in the list, and what it adds up to where that is known by them."""
        self._place, self._totals = place, totals or self._totals
        self.show()

    def totals(self, totals: Totals) -> None:
        """Show what the result adds up to."""
        self._totals = totals
        self.show()

    def forget_totals(self) -> None:
        """Know no totals; the old ones stay in sight, as the old rows do, until rows come or `show` is called."""
        self._totals = None

    def tell_new(self, number: int) -> None:
        """Add to the number of rows that are new since the search; the list itself stays under the hand."""
        self._new += number
        if not self._new:
            return
        if self._chip is None:  # most pages never have one
            with self._news:
                self._chip = ui.button(on_click=self._renew, color=None).props('flat').classes('chip')
        self._chip.set_text(texts.NEW_ROWS.format(count=formats.whole(self._new)))

    def forget_new(self) -> None:
        """Tell of none: they are in the list."""
        self._new = 0
        if self._chip:
            self._chip.delete()
            self._chip = None

    @property
    def count(self) -> int | None:
        """How many rows the result has, once counted."""
        return self._totals.count if self._totals else None

    @property
    def number(self) -> int:
        """The page in the list."""
        return self._place.number if self._place else 1

    @property
    def _pages(self) -> int | None:
        return None if self.count is None else max(1, -(-self.count // self.size))

    def _resize(self, size: int, resize: Callable[[int], None]) -> None:
        if size != self.size:
            self.size = size
            resize(size)

    def _typed(self) -> None:
        digits = ''.join(filter(str.isdecimal, self._field.value or ''))
        if digits and self._place:
            # The page that comes says its number. Said here too, the old number would come back from the browser as if
            # typed, at times after the new one.
            self._turn(max(1, min(int(digits), self._pages or int(digits))))
        else:
            self.show()

    def show(self) -> None:
        """Show what is known by now."""
        place, pages = self._place, self._pages
        self._field.value = str(self.number)
        self._field.set_enabled(place is not None)
        self._of.text = f'{texts.OF}\N{NO-BREAK SPACE}{formats.whole(pages)}' if place and pages else ''
        full = place is not None and place.rows == self.size
        self._first.enable(self.number > 1)
        self._back.enable(self.number > 1)
        self._forward.enable(full and (pages is None or self.number < pages))
        self._last.enable(place is not None and pages is not None and self.number < pages)
        self._sums.write(lines(('sum', self._adds_up()), ('range', self._found(place))))

    def _found(self, place: Place | None) -> str:
        if not place or not place.rows:
            return ''
        first = (place.number - 1) * self.size + 1
        rows = f'{formats.whole(first)}–{formats.whole(first + place.rows - 1)}'
        count = '…' if self.count is None else formats.whole(self.count)
        return f'{rows} {texts.OF_ALL} {count}'.replace(' ', '\N{NO-BREAK SPACE}')

    def _adds_up(self) -> str:
        if not self._totals or self._totals.cost is None or not self._totals.count:
            return ''
        return texts.FOUND_SUM.format(sum=formats.money(self._totals.cost))
