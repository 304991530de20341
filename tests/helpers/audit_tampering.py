"""Changes to the audit log behind the program's back, for tests that must detect them."""

from sqlalchemy import text
from sqlmodel import Session

from services.audit.hash_chain import Actor
from services.database.engine import Database

CLERK_ACTOR = Actor(7, 'clerk', '10.0.0.7')
TRIGGERS = {
    'sqlite': (
        'DROP TRIGGER access_record_UPDATE',
        'DROP TRIGGER access_record_DELETE',
        'DROP TRIGGER access_record_replace',
    ),
    'postgresql': ('DROP TRIGGER access_record_append_only ON access_record',),
}


def tamper(database: Database, *statements: str) -> None:
    """Drop the triggers that protect the audit log, then run statements, as an attacker with every right would."""

    def work(session: Session) -> None:
        for statement in (*TRIGGERS[database.dialect], *statements):
            session.execute(text(statement))

    database.write_sync(work)
