"""The records of corrections in the audit log: which program replaced the person or the text of what is stored."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from models import AuditEvent
from services import texts
from services.audit.hash_chain import Actor, AuditEntry, append_entries
from services.audit.shown_rows import subject_of
from services.formats import integer


def program_actor(token_name: str, address: str) -> Actor:
    """Return the program that has a token, with the IP address that it uses."""
    return Actor(None, texts.ACCESS_TOKEN.format(name=token_name), address)


def record_corrections(
    session: Session, corrected: Mapping[Actor, Collection[UUID]], now: datetime, *, section: str, what: str
) -> None:
    """Record in the audit log which messages or documents programs have corrected.

    Args:
        session: the session of the correction.
        corrected: the ids by the program.
        now: the current time (aware).
        section: the journal of the messages or documents.
        what: a template of their description, with their `count`.
    """
    entries = [
        AuditEntry(
            now,
            actor,
            AuditEvent.API_CORRECTED,
            section,
            what.format(count=integer(len(ids))),
            subject_of(ids),
            shown=tuple(ids),
        )
        for actor, ids in corrected.items()
    ]
    if entries:
        append_entries(session, entries)
