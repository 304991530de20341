"""Anonymize messages, with their status history and the identifiers of providers."""

from collections import defaultdict

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlmodel import Session

from services.database.tables import CHANGE_TABLE, MESSAGE_FACT_TABLE, MESSAGE_TABLE, PROVIDER_MESSAGE_TABLE
from services.ingest.anonymized_messages import ANONYMIZED_VALUES
from services.ingest.channels.sms_parts import known_part_count
from services.ingest.ingest_batch import DELETE_OLD_CHANGES, acquire_writer_lock
from services.retention.removal import BATCH_SIZE, Removal

HAS_PERSON = MESSAGE_TABLE.c.phone != ''
"""The condition that a message is not anonymized."""


class MessageRemoval:
    """The messages of a condition, in the order of their sort keys."""

    def __init__(self, is_chosen: ColumnElement[bool]) -> None:
        """Choose messages; those that are anonymized already are left out."""
        self._is_chosen = (is_chosen, HAS_PERSON)
        self._after = -1
        """The sort key of the last anonymized message, so that a batch does not read those before it again."""

    @property
    def removal(self) -> Removal:
        """The removal, to be run once."""
        return Removal('messages', self._count, self._anonymize_batch)

    def _count(self, session: Session) -> int:
        statement = select(func.count()).select_from(MESSAGE_TABLE).where(*self._is_chosen)
        count: int = session.execute(statement).scalar_one()
        return count

    def _anonymize_batch(self, session: Session) -> int | None:
        connection = session.connection()
        acquire_writer_lock(session)
        columns = (MESSAGE_TABLE.c[name] for name in ('place', 'id', 'text', 'parts', 'channel'))
        candidates = select(*columns).where(*self._is_chosen, MESSAGE_TABLE.c.place > self._after)
        rows = session.execute(candidates.order_by(MESSAGE_TABLE.c.place).limit(BATCH_SIZE)).all()
        if not rows:
            return None
        self._after = rows[-1].place
        ids = [row.id for row in rows]
        sort_keys_by_parts: dict[int | None, list[int]] = defaultdict(list)
        for row in rows:
            sort_keys_by_parts[known_part_count(row.parts, row.text, row.channel)].append(row.place)
        for parts, sort_keys in sort_keys_by_parts.items():
            # The number of parts explains the cost and the status, and cannot be computed without the text.
            anonymize = update(MESSAGE_TABLE).where(MESSAGE_TABLE.c.place.in_(sort_keys))
            connection.execute(anonymize.values(**ANONYMIZED_VALUES, name_key='', initials='', parts=parts))
        connection.execute(
            update(MESSAGE_FACT_TABLE).where(MESSAGE_FACT_TABLE.c.message_id.in_(ids)).values(error_name=None)
        )
        # The phone is part of the key: two anonymized messages that share an identifier could not both keep it.
        connection.execute(
            delete(PROVIDER_MESSAGE_TABLE).where(
                PROVIDER_MESSAGE_TABLE.c.message_id.in_(ids), PROVIDER_MESSAGE_TABLE.c.phone != ''
            )
        )
        connection.execute(insert(CHANGE_TABLE), [{'message_id': id, 'created': False} for id in ids])
        connection.execute(DELETE_OLD_CHANGES)
        return len(rows)
