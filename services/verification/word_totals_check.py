"""Every kept total of a word against the names of the messages themselves."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel import Session

from services import texts
from services.database.indexes import index_builder
from services.verification.check_result import Found

RECOUNT = """
    SELECT word, day FROM (
        SELECT word, day, messages, kopecks FROM ({counted}) AS counted
        UNION ALL SELECT word, day, -messages, -kopecks FROM word_total
    ) AS compared
    GROUP BY word, day HAVING sum(messages) <> 0 OR sum(kopecks) <> 0
"""


def differences(session: Session, _: ZoneInfo) -> Iterator[Found]:
    """Say of which day the total of a word does not equal its recount; the word is part of a name, and is not said."""
    counted = index_builder.words_counted_anew(session.connection())
    for row in session.execute(text(RECOUNT.format(counted=counted))):
        yield texts.VERIFY_WORD_TOTAL.format(day=row.day)
