"""Time of the first page of a person's story, as a multiple of the driver fetching 20 rows by primary key."""

from functools import partial

from sqlalchemy import select

from services.database.engine import Database
from services.database.tables import MESSAGE_TABLE
from services.person_story.person_story import StoryScope
from services.person_story.person_story_service import PersonStories
from tests.benchmarks.measurement import Measurement, bare_milliseconds, median_milliseconds
from tests.helpers.reference_messages import MOSCOW

LIMIT = 60
FIRST_PAGE = 50
ONE_CODE = select(MESSAGE_TABLE.c.id).order_by(MESSAGE_TABLE.c.place.desc()).offset(1000).limit(1)


async def measure(database: Database, scale: int) -> list[Measurement]:
    """Measure all messages to a person, and all messages to anyone on their phone."""
    stories = PersonStories(database, MOSCOW)
    bare = await database.read(bare_milliseconds)
    code = await database.read(lambda session: session.execute(ONE_CODE).scalar_one())
    measurements = []
    for scope in StoryScope:
        value = await median_milliseconds(partial(stories.read, code, scope, FIRST_PAGE))
        name = f'all messages: {scope}'
        measurements.append(Measurement(name, database.dialect, scale, value, 'ms', LIMIT, value / bare))
    return measurements
