"""Which message a provider means: the identifiers by which providers know messages, and the messages that have them.

A message has an identifier if its sender has named it, or if the sender has passed the message's own id to the
provider.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, insert, select
from sqlmodel import Session

from services.database.tables import PROVIDER_MESSAGE_TABLE
from services.ingest.message_parsing import UUID_PATTERN
from services.ingest.status_history import ProviderReference


def _select_stored_providers() -> Select[tuple[str]]:
    """Build the query of the providers that have identifiers.

    It steps through the index from each provider to the next one, because the table has a row for each message.
    """
    provider = PROVIDER_MESSAGE_TABLE.c.provider
    stored = select(func.min(provider).label('provider')).cte('stored', recursive=True)
    following = select(func.min(provider)).where(provider > stored.c.provider).scalar_subquery()
    stored = stored.union_all(select(following).where(stored.c.provider.is_not(None)))
    return select(stored.c.provider).where(stored.c.provider.is_not(None))


STORED_PROVIDERS: Final = _select_stored_providers()


class ProviderIdentifier(NamedTuple):
    """A provider's identifier of a message; a row of the table `provider_message`."""

    provider: str
    provider_id: str
    phone: str
    """E.164; empty if the receipts of the provider have no phone."""
    account: str
    """Empty if unknown."""
    message_id: UUID

    def may_equal(self, other: 'ProviderIdentifier') -> bool:
        """Return whether a receipt may be about either message: an unknown phone or account equals any."""
        return (
            (self.provider, self.provider_id) == (other.provider, other.provider_id)
            and (self.phone == other.phone or '' in (self.phone, other.phone))
            and (self.account == other.account or '' in (self.account, other.account))
        )


class ProviderReferences:
    """The identifiers of a transaction that are stored, and those that it adds."""

    def __init__(
        self, session: Session, references: Iterable[ProviderReference], phones: Collection[str] | None = None
    ) -> None:
        """Load the identifiers with the given references.

        Args:
            session: a session that has locked out other writers.
            references: at most some thousands; their accounts are ignored.
            phones: in E.164; identifiers with other phones are not loaded, of which a list of recipients has thousands.
                None for all.
        """
        self._new: list[ProviderIdentifier] = []
        self._by_provider_id: dict[tuple[str, str | None], list[ProviderIdentifier]] = defaultdict(list)
        keys = {(reference.provider, reference.provider_id) for reference in references if reference.provider_id}
        if not keys:
            return
        columns = [PROVIDER_MESSAGE_TABLE.c[name] for name in ProviderIdentifier._fields]
        # Each provider with each identifier is more than needed, but to find pairs SQLite would read the whole table.
        statement = select(*columns).where(
            PROVIDER_MESSAGE_TABLE.c.provider.in_({provider for provider, _ in keys}),
            PROVIDER_MESSAGE_TABLE.c.provider_id.in_({provider_id for _, provider_id in keys}),
        )
        if phones is not None:
            statement = statement.where(is_one_of_phones(PROVIDER_MESSAGE_TABLE.c.phone, phones))
        for row in session.execute(statement):
            identifier = ProviderIdentifier(*row)
            self._by_provider_id[identifier.provider, identifier.provider_id].append(identifier)

    def find(self, reference: ProviderReference, phone: str) -> UUID | None:
        """Return the message of a receipt; None if there is none, or if there are several."""
        identifiers = self._by_provider_id[reference.provider, reference.provider_id]
        if phone:
            identifiers = _equal_or_unknown(identifiers, 'phone', phone)
        if reference.account:
            identifiers = _equal_or_unknown(identifiers, 'account', reference.account)
        ids = {identifier.message_id for identifier in identifiers}
        return ids.pop() if len(ids) == 1 else None

    def message_ids(self) -> set[UUID]:
        """Return the ids of all messages with the loaded identifiers."""
        return {each.message_id for known in self._by_provider_id.values() for each in known}

    def owners(self, new: ProviderIdentifier) -> set[UUID]:
        """Return the ids of the messages that a receipt with the identifier may be about."""
        known = self._by_provider_id[new.provider, new.provider_id]
        return {each.message_id for each in known if each.may_equal(new)}

    def belongs_to_another(self, new: ProviderIdentifier) -> bool:
        """Return whether a receipt with the new identifier may be about another message that is known to have it."""
        return bool(self.owners(new) - {new.message_id})

    def add(self, new: ProviderIdentifier) -> None:
        """Add an identifier; one that is known remains as it is."""
        known = self._by_provider_id[new.provider, new.provider_id]
        if new not in known:
            known.append(new)
            self._new.append(new)

    def write(self, session: Session) -> None:
        """Insert the added identifiers in the session's transaction."""
        if self._new:
            session.execute(insert(PROVIDER_MESSAGE_TABLE), [identifier._asdict() for identifier in sorted(self._new)])


def taken_ids(session: Session, phones: Mapping[UUID, str]) -> set[UUID]:
    """Return those ids of new messages by which a provider knows another message, whose receipts they would get.

    Args:
        session: a session that has locked out other writers.
        phones: the phones of the new messages by their ids; at most some thousands.
    """
    providers = session.execute(STORED_PROVIDERS).scalars().all() if phones else ()
    if not providers:
        return set()
    columns = PROVIDER_MESSAGE_TABLE.c
    statement = select(columns.provider_id, columns.phone).where(
        columns.provider.in_(providers), columns.provider_id.in_([str(id) for id in phones])
    )
    known = ((UUID(row.provider_id), row.phone) for row in session.execute(statement))
    return {id for id, phone in known if phones[id] == phone or '' in (phones[id], phone)}


def is_one_of_phones(column: ColumnElement[str], phones: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a row has one of the phones, or none.

    The concatenation stops SQLite from searching its index for each identifier with each phone.
    """
    return column.concat('').in_({*phones, ''})


def own_id(provider_id: str) -> UUID | None:
    """Return the id of the message that a provider's identifier is, if the sender has passed it to the provider."""
    return UUID(provider_id) if UUID_PATTERN.fullmatch(provider_id) else None


def _equal_or_unknown(identifiers: list[ProviderIdentifier], attribute: str, value: str) -> list[ProviderIdentifier]:
    """Return the identifiers with a value; if there are none, those whose value is unknown."""
    equal = [identifier for identifier in identifiers if getattr(identifier, attribute) == value]
    return equal or [identifier for identifier in identifiers if not getattr(identifier, attribute)]
