"""The list of a journal: AG Grid with the columns a page declares, and rows that open (spec S13, S15)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from nicegui import events, json, ui

from journal_ui.list_page.grid import grid_cell_scripts as scripts
from journal_ui.list_page.grid import grid_layout_scripts as layout
from journal_ui.list_page.grid.column_layout import Arrangement, Kept
from journal_ui.list_page.grid.grid_columns import Column, grid_options
from journal_ui.nicegui_patches.outbox import run
from services.lists.query_protocol import Order, Row

R = TypeVar('R', bound=Row)


@dataclass(frozen=True)
class Step:
    """Something that happened, on a timeline."""

    time: str
    text: str
    tone: str = ''
    """The class of its mark."""


@dataclass(frozen=True)
class Detail:
    """A line of an opened row."""

    title: str
    text: str = ''
    kind: str = ''
    """«message»: as a message stands; «wrong»: what went wrong; «none»: there is nothing to tell."""
    steps: Sequence[Step] = ()
    """A timeline in place of a text."""


class Grid(Generic[R]):
    """The list as drawn on one page."""

    def __init__(
        self,
        columns: tuple[Column[R], ...],
        *,
        name: str,
        words: tuple[str, str],
        kept: Kept,
        sort: Callable[[Order | None], None],
        toggle: Callable[[str], Any],
    ) -> None:
        """Draw the list; `words` name the opener of a shut and of an open row, `toggle` gets the row's key."""
        self.columns = columns
        fields = [column.field for column in columns]
        self.arrangement = kept.read(fields)
        self._kept = kept
        self._sort = sort
        self._sorted: Order | None = None
        self._around = ui.context.slot.parent
        self.rows: dict[str, R] = {}
        """What is in the list, by the keys of rows."""
        self._open: set[str] = set()
        options = grid_options(columns, words)
        if self.arrangement != Arrangement.of(None, fields):
            options = {**options, 'context': self.arrangement.told()}
        self._grid = ui.aggrid(options, auto_size_columns=False)
        self._grid.props['aria-label'] = name
        id = str(self._grid.id)
        self._grid.on('sortChanged', lambda e: self._order(_order(e)), js_handler=_script(scripts.SORTED, id))
        self._grid.on('cellClicked', lambda e: toggle(e.args), js_handler=scripts.OPENED)
        self._grid.on('columnMoved', self._moved, js_handler=_script(layout.MOVED, id))
        self._grid.on('columnResized', self._widened, js_handler=_script(layout.WIDENED, id))
        self._space()

    def show(self, rows: Sequence[R]) -> None:
        """Show these rows in place of the old; none is open."""
        self._open.clear()
        self.rows = {row.key: row for row in rows}
        self._run('fill', [self._line(row) for row in rows])

    def sort(self, order: Order | None) -> None:
        """Show by which column the list is sorted, or that it is by none."""
        self._sorted = order
        state = [{'colId': order.column, 'sort': 'desc' if order.descending else 'asc'}] if order else []
        self._run('applyColumnState', {'state': state, 'defaultState': {'sort': None}})

    def arrange(self, arrangement: Arrangement) -> None:
        """Lay the columns out otherwise."""
        self._run('arrange', arrangement.told())
        self._keep(arrangement)

    def is_open(self, key: str) -> bool:
        """Say whether the row is open."""
        return key in self._open

    @property
    def opened(self) -> tuple[str, ...]:
        """The keys of the rows that are open, from top to bottom."""
        return tuple(filter(self.is_open, self.rows))

    def open(self, key: str, details: Sequence[Detail]) -> None:
        """Open a row: tell the details under it."""
        keys = list(self.rows)
        index = keys.index(key)
        above = sum(other in self._open for other in keys[:index])
        self._open.add(key)
        self._mark(key)
        under = self._under(key, details)
        self._run('applyTransaction', {'add': [under], 'addIndex': index + above + 1})

    def renew(self, row: R) -> None:
        """Show a row as it is now, where it stands."""
        self.rows[row.key] = row
        self._mark(row.key)

    def tell(self, key: str, details: Sequence[Detail]) -> None:
        """Tell other details under an open row."""
        self._run('applyTransaction', {'update': [self._under(key, details)]})

    def shut(self, key: str) -> None:
        """Shut an open row."""
        self._open.discard(key)
        self._mark(key)
        self._run('applyTransaction', {'remove': [{'key': f'{key}/details'}]})

    def _order(self, order: Order | None) -> None:
        self._sorted = order
        self._sort(order)

    def _moved(self, e: events.GenericEventArguments) -> None:
        self._keep(self.arrangement.ordered(e.args))

    def _widened(self, e: events.GenericEventArguments) -> None:
        told = e.args if isinstance(e.args, dict) else {}
        # a width as declared is no choice of the person's, unless the column would grow
        declared = {column.field: column.width for column in self.columns if not column.grow}
        chosen = {name: width for name, width in told.items() if width != declared.get(name)}
        self._keep(self.arrangement.widened(chosen))

    def _keep(self, arrangement: Arrangement) -> None:
        if arrangement == self.arrangement:
            return
        self.arrangement = arrangement
        self._space()
        self._kept.write(arrangement)
        if self._sorted and self._sorted.column in arrangement.hidden:
            # no list stands in the order of a column that nobody sees
            self.sort(None)
            self._sort(None)

    def _space(self) -> None:
        roomy = self.arrangement.roomy
        self._around.classes(add='roomy' if roomy else None, remove=None if roomy else 'roomy')

    def _under(self, key: str, details: Sequence[Detail]) -> dict[str, Any]:
        row = self.rows[key]
        return {
            'key': f'{key}/details',
            'details': [
                (one.title, one.text, one.kind, [(step.time, step.text, step.tone) for step in one.steps])
                for one in details
            ],
            'columns': [(column.field, column.title, column.value(row)) for column in self.columns],
        }

    def _mark(self, key: str) -> None:
        self._run('applyTransaction', {'update': [self._line(self.rows[key])]})

    def _run(self, method: str, *told: Any) -> None:
        """Have the list's own API do something."""
        if not self._grid.is_deleted:
            run(self._grid.client, f'runMethod({self._grid.id}, "run_grid_method", {json.dumps((method, *told))})')

    def _line(self, row: R) -> dict[str, Any]:
        key = row.key
        line: dict[str, Any] = {'key': key, 'open': key in self._open}
        for column in self.columns:
            line[column.field] = column.value(row)
            if column.tone:
                line[f'{column.field}_tone'] = column.tone(row)
        return line


@cache
def _script(text: str, id: str) -> str:
    """Tell a script the grid that it is of: once for all pages, where a grid has the same number."""
    return text.replace('ID', id)


def _order(e: events.GenericEventArguments) -> Order | None:
    column, direction = e.args
    return Order(column, descending=direction == 'desc') if column else None
