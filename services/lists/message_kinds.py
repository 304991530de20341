"""The reference data of kinds of messages (S6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, select
from sqlmodel import Session

from models import MessageKind
from services import texts
from services.database.engine import Database
from services.database.tables import MESSAGE_KIND_TABLE
from services.dictionaries.name_folding import fold_entry_name
from services.ingest.validation import InvalidValueError, InvalidValueReason, MessageField
from services.lists.reference_data import ReferenceData, ReferenceEntry


@dataclass(frozen=True)
class KindName(ReferenceEntry):
    """The id and the name of a kind of messages."""


MANUAL_KINDS: Final[Mapping[MessageKind, KindName]] = {
    kind: KindName(int(kind), name) for kind, name in texts.KINDS.items()
}
"""The kinds of a new journal."""


@dataclass(frozen=True)
class KnownKinds:
    """The names by which incoming messages may name their kind."""

    names: tuple[str, ...]
    """Of the current entries, in the order of the dictionary."""
    folded_names: frozenset[str]
    """Of all spellings."""
    accepts_unknown: bool = False
    """Whether an unknown name becomes an entry; otherwise its message is rejected."""

    def check(self, name: str) -> None:
        """Check the name of a kind.

        Raises:
            InvalidValueError: the dictionary has no such kind.
        """
        if not self.accepts_unknown and fold_entry_name(name) not in self.folded_names:
            raise InvalidValueError(MessageField.KIND, InvalidValueReason.UNKNOWN_KIND, name, choices=self.names)


class MessageKinds(ReferenceData[KindName]):
    """Reads the current entries of kinds; administrators add to them, and the ingest if the setting allows it."""

    table = MESSAGE_KIND_TABLE
    entry_class = KindName

    def __init__(self, database: Database, *, accepts_unknown: bool = False) -> None:
        """Read from `database`; `accepts_unknown`: whether messages of unknown kinds are accepted."""
        super().__init__(database)
        self._accepts_unknown = accepts_unknown

    @classmethod
    def statement(cls) -> Select[Any]:
        """Leave out the other spellings of each kind, and sort by position."""
        statement = super().statement().where(cls.table.c.merged_into.is_(None))
        return statement.order_by(None).order_by(cls.table.c.position, cls.table.c.name_key)

    async def known(self) -> KnownKinds:
        """Return the names that incoming messages may have.

        Raises:
            DatabaseError: see services.errors.
        """
        return await self._database.read(
            lambda session: read_known_kinds(session, accepts_unknown=self._accepts_unknown)
        )


def read_known_kinds(session: Session, *, accepts_unknown: bool) -> KnownKinds:
    """Read the names that incoming messages may have; `accepts_unknown`: whether they may have others, too."""
    folded_names = session.execute(select(MESSAGE_KIND_TABLE.c.folded_name)).scalars()
    names = tuple(kind.name for kind in MessageKinds.read(session))
    return KnownKinds(names, frozenset(filter(None, folded_names)), accepts_unknown)
