"""The time zone of a database, which cannot change because the totals are counted by its local days."""

from zoneinfo import ZoneInfo

from sqlmodel import Session

from models import JournalState
from services.database.engine import Database
from services.errors import JournalError


class TimeZoneMismatchError(JournalError):
    """The database was created with another time zone than the configured one."""

    def __init__(self, stored_zone: str) -> None:
        super().__init__(stored_zone)
        self.stored_zone = stored_zone


def ensure_time_zone(database: Database, zone: ZoneInfo) -> None:
    """Store the time zone in a new database, or check that an existing one has the same time zone.

    Raises:
        TimeZoneMismatchError: the totals were counted in another time zone.
        DatabaseError: see services.errors.
    """

    def check_or_store(session: Session) -> None:
        state = session.get_one(JournalState, 1)
        if state.timezone is None:
            state.timezone = zone.key
        elif state.timezone != zone.key:
            raise TimeZoneMismatchError(state.timezone)

    database.write_sync(check_or_store)
