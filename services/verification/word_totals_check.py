"""Compare every stored word total with a recount of the names of the messages."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel import Session

from services import texts
from services.database.indexes import index_builder
from services.verification.check_result import CheckOutput

WORD_TOTALS_RECOUNT = """
    SELECT word, day FROM (
        SELECT word, day, messages, kopecks FROM ({counted}) AS counted
        UNION ALL SELECT word, day, -messages, -kopecks FROM word_total
    ) AS compared
    GROUP BY word, day HAVING sum(messages) <> 0 OR sum(kopecks) <> 0
"""


def word_total_differences(session: Session, _: ZoneInfo) -> Iterator[CheckOutput]:
    """Yield the day of each word total that differs from its recount; the word is omitted as part of a name."""
    counted = index_builder.word_totals_query(session.connection())
    for row in session.execute(text(WORD_TOTALS_RECOUNT.format(counted=counted))):
        yield texts.VERIFY_WORD_TOTAL.format(day=row.day)
