"""Changes to the audit log behind the program's back, for tests that must detect them."""

from sqlalchemy import text
from sqlmodel import Session

from services.audit.hash_chain import Actor
from services.database.engine import Database

CLERK_ACTOR = Actor(7, 'clerk', '10.0.0.7')
DROPS = {
    'sqlite': "SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'access%'",
    'postgresql': """
        SELECT 'DROP TRIGGER ' || tgname || ' ON ' || tgrelid::regclass FROM pg_trigger WHERE tgname LIKE 'access%'
    """,
}
DEFINITIONS = {
    'sqlite': "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'access%'",
    'postgresql': "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname LIKE 'access%'",
}
"""Return the statements that drop the triggers of the audit log, and those that create them, for each engine."""


def tamper(database: Database, *statements: str) -> None:
    """Run statements without the triggers that protect the audit log, as an attacker with every right would.

    The triggers are created again afterwards, so that nothing but the change is left to detect.
    """

    def work(session: Session) -> None:
        definitions = session.execute(text(DEFINITIONS[database.dialect])).scalars().all()
        for drop in session.execute(text(DROPS[database.dialect])).scalars().all():
            session.execute(text(drop))
        for statement in (*statements, *definitions):
            session.connection().exec_driver_sql(statement)

    database.write_sync(work)
