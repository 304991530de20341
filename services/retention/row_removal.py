"""Delete rows, or clear one of their columns, by a condition or by what their texts say.

What the text of a row is about is decided in Python, because stored searches are JSON, and names are folded.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, delete, exists, func, literal, select, tuple_, update
from sqlmodel import Session

from services.database.tables import CALL_TABLE, MESSAGE_TABLE, REOPENED_CALL_TABLE
from services.retention.removal import BATCH_SIZE, Removal

READ_SIZE: Final = 5_000
"""Rows that are read at once."""


class RowRemoval:
    """The rows of a table that meet a condition and, where SQL cannot tell, a function."""

    def __init__(
        self,
        name: str,
        table: Table,
        is_chosen: ColumnElement[bool],
        is_about: Callable[[Any], bool] | None = None,
        *,
        clear: Mapping[str, str | None] | None = None,
    ) -> None:
        """Choose rows.

        Args:
            name: the field of RemovalCounts.
            table: the table.
            is_chosen: the condition.
            is_about: returns whether a row that meets the condition is to be removed; None for every one.
            clear: the columns to clear, with their new values, after which a row is not chosen any more; None to delete
                rows.
        """
        self._name = name
        self._table = table
        self._is_chosen = is_chosen
        self._is_about = is_about
        self._clear = clear
        self._key = list(table.primary_key.columns)
        self._last: Any = None
        """The last row that was read; None before the first batch."""
        self._batch: list[tuple[Any, ...]] = []
        """The primary keys of the rows to be removed next."""

    @property
    def removal(self) -> Removal:
        """The removal, to be run once."""
        return Removal(self._name, self._count, self._remove_batch, self._read_batch)

    def _count(self, session: Session) -> int:
        if self._is_about:
            return sum(1 for row in self._read_rows(session, None) if self._is_about(row))
        count: int = session.execute(select(func.count()).select_from(self._table).where(self._is_chosen)).scalar_one()
        return count

    def _read_batch(self, session: Session) -> None:
        self._batch = []
        for row in self._read_rows(session, self._last):
            self._last = row
            if self._is_about is None or self._is_about(row):
                self._batch.append(self._key_of(row))
                if len(self._batch) == BATCH_SIZE:
                    return

    def _remove_batch(self, session: Session) -> int | None:
        if not self._batch:
            return None
        # A row may have changed since it was read.
        is_in_batch = tuple_(*self._key).in_(self._batch) & self._is_chosen
        remove = update(self._table).values(self._clear) if self._clear else delete(self._table)
        return session.connection().execute(remove.where(is_in_batch)).rowcount

    def _read_rows(self, session: Session, last: Any) -> Iterator[Any]:
        """Yield the rows that meet the condition, after the last one in the order of their primary keys."""
        statement = select(self._table).where(self._is_chosen).order_by(*self._key).limit(READ_SIZE)
        while True:
            following = statement.where(tuple_(*self._key) > self._literal_key(last)) if last is not None else statement
            rows = session.execute(following).all()
            if not rows:
                return
            yield from rows
            last = rows[-1]

    def _literal_key(self, row: Any) -> ColumnElement[Any]:
        values = zip(self._key_of(row), self._key, strict=True)
        return tuple_(*(literal(value, column.type) for value, column in values))

    def _key_of(self, row: Any) -> tuple[Any, ...]:
        return tuple(row._mapping[column] for column in self._key)


def note_removals(
    is_chosen: Callable[[Table], ColumnElement[bool]], is_about: Callable[[Any], bool] | None = None
) -> list[Removal]:
    """Return the removals of notes about calls; who called when, and the outcome, stay.

    Args:
        is_chosen: builds the condition for a table of calls.
        is_about: see RowRemoval.
    """
    return [
        RowRemoval('notes', table, (table.c.note != '') & is_chosen(table), is_about, clear={'note': ''}).removal
        for table in (CALL_TABLE, REOPENED_CALL_TABLE)
    ]


def concerns_message(is_message: ColumnElement[bool]) -> Callable[[Table], ColumnElement[bool]]:
    """Return a function that builds the condition that a call is about a message that meets a condition."""
    return lambda table: exists().where(MESSAGE_TABLE.c.id == table.c.message_id, is_message)
