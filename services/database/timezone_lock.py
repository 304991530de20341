"""The time zone that the totals of a database are counted in, once and for all."""

from zoneinfo import ZoneInfo

from sqlmodel import Session

from models import JournalState
from services.database.engine import Database
from services.errors import JournalError


class TimeZoneMismatchError(JournalError):
    """The database counts its days in another zone than the one asked for."""

    def __init__(self, stored_zone: str) -> None:
        super().__init__(stored_zone)
        self.stored_zone = stored_zone


def ensure_time_zone(database: Database, zone: ZoneInfo) -> None:
    """Note the zone in a new database; hold it to the same zone ever after.

    Raises:
        OtherZone: the totals were counted in another zone, and would be wrong in this one.
    """

    def check_or_store(session: Session) -> None:
        state = session.get_one(JournalState, 1)
        if state.timezone is None:
            state.timezone = zone.key
        elif state.timezone != zone.key:
            raise TimeZoneMismatchError(state.timezone)

    database.write_sync(check_or_store)
