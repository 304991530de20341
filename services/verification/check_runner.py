"""A recount of everything that the journal keeps ready, and a look at whether what it holds agrees with itself.

All of it is read as it is at one moment, while the product goes on; memory does not grow with the journal.
"""

from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

from sqlmodel import Session

from services import texts
from services.database.engine import Database
from services.verification import engine_check, messages_check, status_history_check, totals_check, word_totals_check
from services.verification.check_result import CheckOutput, CheckResult

Check = Callable[[Session, ZoneInfo], Iterator[CheckOutput]]

CHECKS: tuple[tuple[str, Check], ...] = (
    (texts.VERIFY_TOTALS, totals_check.total_differences),
    (texts.VERIFY_WORD_TOTALS, word_totals_check.word_total_differences),
    (texts.VERIFY_IDS, messages_check.duplicate_ids),
    (texts.VERIFY_ORGANIZATIONS, messages_check.missing_organizations),
    (texts.VERIFY_STATUSES, messages_check.contradictory_messages),
    (texts.VERIFY_SORT_KEYS, messages_check.misplaced_messages),
    (texts.VERIFY_STATUS_HISTORY, status_history_check.status_differences),
    # The last one: on PostgreSQL a refusal of the server ends the transaction.
    (texts.VERIFY_ENGINE, engine_check.find_damage),
)


def verify(
    database: Database, zone: ZoneInfo, progress: Callable[[int, int], None] = lambda done, of: None
) -> list[CheckResult]:
    """Check everything; say of each check what it came to; blocks.

    Args:
        database: migrated.
        zone: whose days the totals count.
        tell: called with checks done and checks in all.

    Raises:
        DatabaseError: see services.errors.
    """

    def check(session: Session) -> list[CheckResult]:
        findings = []
        for done, (title, differences) in enumerate(CHECKS):
            progress(done, len(CHECKS))
            findings.append(CheckResult.collect(title, differences(session, zone)))
        progress(len(CHECKS), len(CHECKS))
        return findings

    return database.read_snapshot(check)
