"""Changes of a dictionary by an administrator: add, rename, merge and separate entries.

No change touches a message: it changes only which rows of the dictionary form a group, and which of them represents it.
Each change is one transaction, which checks the role of the administrator again and records the change in the audit
log, and can be undone by another change.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Row, Table, func, or_, select, update
from sqlmodel import Session

from models import AuditEvent
from models.total import Granularity
from services import texts
from services.accounts.identity import Identity
from services.accounts.users import check_admin
from services.audit.hash_chain import COMMAND_LINE, AuditEntry, append_entries
from services.database.engine import Database
from services.database.tables import MESSAGE_KIND_TABLE, ORGANIZATION_TABLE, TOTAL_TABLE
from services.dictionaries.entry_resolution import insert_entries
from services.dictionaries.name_folding import fold_entry_name, fold_sort_name
from services.errors import InvalidInputError
from services.ingest.ingest_batch import acquire_writer_lock
from services.ingest.message_parsing import MAX_NAME_LENGTH

MAX_SPELLINGS: Final = 100
"""The largest number of rows merged into an entry, because a search combines the lists of all of them."""


class DictionaryError(InvalidInputError):
    """A change of a dictionary is rejected; the message is for the administrator."""


@dataclass(frozen=True)
class EntrySpelling:
    """A row that is merged into an entry."""

    id: int
    name: str
    is_separable: bool
    """Whether it can be separated: not if only typography distinguishes it from another row of the group."""


@dataclass(frozen=True)
class DictionaryEntry:
    """A current entry, as an administrator sees it."""

    id: int
    name: str
    spellings: Sequence[EntrySpelling]
    messages: int
    """The number of messages of all rows of the group."""


class DictionaryEditor:
    """Reads and changes one dictionary; `admin` is the administrator, or None for the command line of the server.

    Every change raises DictionaryError if it is rejected, AccountError if the user is not an administrator any more,
    and DatabaseError.
    """

    def __init__(
        self, database: Database, table: Table, title: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Edit `table`; `title` names the dictionary in the audit log, `now` returns the current time (aware)."""
        self._database = database
        self._table = table
        self._title = title
        self._now = now

    async def entries(self) -> Sequence[DictionaryEntry]:
        """Return the current entries with their other spellings, both sorted by folded name."""
        return await self._database.read(self._read_entries)

    async def add(self, admin: Identity | None, name: str) -> None:
        """Add an entry."""
        name = _checked_name(name)

        def change(session: Session) -> None:
            existing = self._find(session, name)
            if existing is not None:
                raise DictionaryError(texts.ENTRY_EXISTS.format(name=self._current_name(session, existing)))
            insert_entries(session, self._table, {fold_entry_name(name): name})
            self._record(session, admin, name, texts.ACCESS_ENTRY_ADDED)

        await self._change(admin, change)

    async def rename(self, admin: Identity | None, entry_id: int, name: str) -> None:
        """Rename a current entry.

        The row of the new name represents the group from now on; it is inserted unless the group has it already. So the
        old name remains a spelling, under which messages still arrive.
        """
        name = _checked_name(name)

        def change(session: Session) -> None:
            entry = self._current_entry(session, entry_id)
            target = self._find(session, name)
            if target is None:
                self._check_group_size(len(self._spellings(session, entry.id)) + 1)
                insert_entries(session, self._table, {fold_entry_name(name): name})
                target = self._find(session, name)
                assert target is not None
            elif (target.merged_into or target.id) != entry.id:
                raise DictionaryError(texts.ENTRY_EXISTS_MERGE.format(name=self._current_name(session, target)))
            self._represent(session, entry, target, name)
            if name != entry.name:
                self._record(session, admin, entry.name, texts.ACCESS_ENTRY_RENAMED.format(name=name))

        await self._change(admin, change)

    async def merge(self, admin: Identity | None, entry_id: int, target_id: int) -> None:
        """Merge a current entry, with all of its spellings, into another current entry."""

        def change(session: Session) -> None:
            entry, target = self._current_entry(session, entry_id), self._current_entry(session, target_id)
            if entry.id == target.id:
                raise DictionaryError(texts.ENTRY_SAME)
            merged, spellings = self._spellings(session, entry.id), self._spellings(session, target.id)
            self._check_group_size(len(merged) + len(spellings) + 1)
            self._set_current(session, entry.id, target.id)
            template = texts.ACCESS_ENTRY_MERGED_WITH if merged else texts.ACCESS_ENTRY_MERGED
            names = '; '.join(row.name for row in merged)
            self._record(session, admin, entry.name, template.format(name=target.name, spellings=names))

        await self._change(admin, change)

    async def separate(self, admin: Identity | None, row_id: int) -> None:
        """Separate a spelling from its group: it becomes an entry of its own, with the messages that refer to it."""

        def change(session: Session) -> None:
            row = self._row(session, row_id)
            if row is None or row.merged_into is None:
                raise DictionaryError(texts.ENTRY_GONE)
            if row.folded_name is None:
                raise DictionaryError(texts.ENTRY_SAME_SPELLING)
            current_name = self._current_name(session, row)
            session.execute(update(self._table).where(self._table.c.id == row.id).values(merged_into=None))
            self._record(session, admin, row.name, texts.ACCESS_ENTRY_SEPARATED.format(name=current_name))

        await self._change(admin, change)

    async def _change(self, admin: Identity | None, change: Callable[[Session], None]) -> None:
        def check_and_change(session: Session) -> None:
            acquire_writer_lock(session)  # the ingest must not insert rows meanwhile
            check_admin(session, admin)
            change(session)

        await self._database.write(check_and_change)

    def _represent(self, session: Session, entry: Row[Any], target: Row[Any], name: str) -> None:
        """Make `target`, a row of the group of `entry` or a new row, represent the group under a name."""
        columns, folded = self._table.c, fold_entry_name(name)
        change = update(self._table)
        # The folded name is unique, and another row of the group may have it.
        session.execute(change.where(columns.folded_name == folded).values(folded_name=None))
        values = {'name': name, 'name_key': folded, 'folded_name': folded, 'merged_into': None}
        if 'sort_name' in columns:
            values['sort_name'] = fold_sort_name(name)
        if 'position' in columns:
            values['position'] = entry.position
        session.execute(change.where(columns.id == target.id).values(values))
        if target.id != entry.id:
            self._set_current(session, entry.id, target.id)

    def _set_current(self, session: Session, old_id: int, new_id: int) -> None:
        """Merge an entry and all rows that are merged into it into another row."""
        columns = self._table.c
        group = or_(columns.id == old_id, columns.merged_into == old_id)
        session.execute(update(self._table).where(group, columns.id != new_id).values(merged_into=new_id))

    def _find(self, session: Session, name: str) -> Row[Any] | None:
        """Return the row with a name, or else the row with the same folded name."""
        columns = self._table.c
        fits = or_(columns.name == name, columns.folded_name == fold_entry_name(name))
        return session.execute(select(self._table).where(fits).order_by(columns.name != name).limit(1)).one_or_none()

    def _row(self, session: Session, id: int) -> Row[Any] | None:
        return session.execute(select(self._table).where(self._table.c.id == id)).one_or_none()

    def _current_entry(self, session: Session, id: int) -> Row[Any]:
        row = self._row(session, id)
        if row is None or row.merged_into is not None:
            raise DictionaryError(texts.ENTRY_GONE)
        return row

    def _current_name(self, session: Session, row: Row[Any]) -> str:
        """Return the name of the entry into which a row is merged, or its own."""
        current = self._row(session, row.merged_into or row.id)
        assert current is not None
        return str(current.name)

    def _spellings(self, session: Session, entry_id: int) -> Sequence[Row[Any]]:
        statement = select(self._table).where(self._table.c.merged_into == entry_id)
        return session.execute(statement.order_by(self._table.c.name_key)).all()

    @staticmethod
    def _check_group_size(spellings: int) -> None:
        if spellings > MAX_SPELLINGS:
            raise DictionaryError(texts.ENTRY_TOO_MANY_SPELLINGS.format(most=MAX_SPELLINGS))

    def _record(self, session: Session, admin: Identity | None, name: str, what: str) -> None:
        """Record a change in the audit log, in the transaction of the change."""
        entry = AuditEntry(
            at=self._now(),
            actor=admin.actor if admin else COMMAND_LINE,
            act=AuditEvent.REFERENCE_DATA_CHANGED,
            section=self._title,
            what=what,
            about=name,
        )
        append_entries(session, [entry])

    def _read_entries(self, session: Session) -> list[DictionaryEntry]:
        rows = session.execute(select(self._table).order_by(self._table.c.name_key, self._table.c.id)).all()
        counts = _count_messages(session, self._table)
        merged: dict[int, list[Row[Any]]] = {}
        for row in rows:
            merged.setdefault(row.merged_into or row.id, []).append(row)
        return [
            DictionaryEntry(
                row.id,
                row.name,
                [
                    EntrySpelling(each.id, each.name, each.folded_name is not None)
                    for each in merged[row.id]
                    if each.id != row.id
                ],
                sum(counts.get(each.id, 0) for each in merged[row.id]),
            )
            for row in rows
            if row.merged_into is None
        ]


def _checked_name(name: str) -> str:
    """Return a typed name with single blanks; raises DictionaryError."""
    name = ' '.join(name.split())
    if not 1 <= len(name) <= MAX_NAME_LENGTH or not name.isprintable():
        raise DictionaryError(texts.ENTRY_NAME_RULE.format(longest=MAX_NAME_LENGTH))
    return name


def _count_messages(session: Session, table: Table) -> dict[int, int]:
    """Return the number of messages that refer to each row of a dictionary, from the totals by month."""
    total = TOTAL_TABLE.c
    is_monthly = total.scale == Granularity.MONTH
    if table is MESSAGE_KIND_TABLE:
        count = select(total.kind, func.sum(total.messages)).where(total.organization_id == 0, is_monthly)
        rows = session.execute(count.group_by(total.kind))
    else:
        # Joined by organization, because the key of the totals begins with it.
        of_organization = (
            select(func.sum(total.messages)).where(total.organization_id == ORGANIZATION_TABLE.c.id, is_monthly)
        ).scalar_subquery()
        rows = session.execute(select(ORGANIZATION_TABLE.c.id, of_organization))
    return {id: int(count or 0) for id, count in rows}
