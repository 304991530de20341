"""A recount of everything that the journal keeps ready, and a look at whether what it holds agrees with itself.

All of it is read as it is at one moment, while the product goes on; memory does not grow with the journal.
"""

from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

from sqlmodel import Session

from services import texts
from services.database.engine import Database
from services.verification import engine_check, messages_check, status_history_check, totals_check, word_totals_check
from services.verification.check_result import Finding, Found

Check = Callable[[Session, ZoneInfo], Iterator[Found]]

CHECKS: tuple[tuple[str, Check], ...] = (
    (texts.VERIFY_TOTALS, totals_check.differences),
    (texts.VERIFY_WORD_TOTALS, word_totals_check.differences),
    (texts.VERIFY_IDS, messages_check.doubled),
    (texts.VERIFY_ORGANIZATIONS, messages_check.orphans),
    (texts.VERIFY_STATUSES, messages_check.contradictions),
    (texts.VERIFY_PLACES, messages_check.misplaced),
    (texts.VERIFY_FACTS, status_history_check.differences),
    # The last one: on PostgreSQL a refusal of the server ends the transaction.
    (texts.VERIFY_ENGINE, engine_check.damage),
)


def verify(
    database: Database, zone: ZoneInfo, tell: Callable[[int, int], None] = lambda done, of: None
) -> list[Finding]:
    """Check everything; say of each check what it came to; blocks.

    Args:
        database: migrated.
        zone: whose days the totals count.
        tell: called with checks done and checks in all.

    Raises:
        Unavailable, Busy: see services.database.engine.
    """

    def check(session: Session) -> list[Finding]:
        findings = []
        for done, (title, differences) in enumerate(CHECKS):
            tell(done, len(CHECKS))
            findings.append(Finding.of(title, differences(session, zone)))
        tell(len(CHECKS), len(CHECKS))
        return findings

    return database.read_still(check)
