"""The call list of an empty journal, and its clock."""

import pytest

from services.call_list.call_list_service import CallListService
from services.database.engine import Database
from tests.helpers.call_lists import CODES, SettableClock
from tests.helpers.reference_messages import MOSCOW


@pytest.fixture
def clock() -> SettableClock:
    """A clock set to noon."""
    return SettableClock()


@pytest.fixture
def calls(database: Database, clock: SettableClock) -> CallListService:
    """The call list of an empty journal."""
    return CallListService(database, MOSCOW, CODES, clock)
