"""Run every check of `python main.py verify`: recount the aggregates and check the consistency of the data.

All checks read one snapshot while the program runs; the memory does not grow with the journal.
"""

from collections.abc import Callable, Iterator, Sequence
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models import AuditEvent
from services import texts
from services.audit.hash_chain import append_entries, command_entry
from services.database.engine import Database
from services.verification import engine_check, messages_check, status_history_check, totals_check, word_totals_check
from services.verification.check_result import CheckOutput, CheckResult

Check = Callable[[Session, ZoneInfo], Iterator[CheckOutput]]

CHECKS: tuple[tuple[str, Check], ...] = (
    (texts.VERIFY_TOTALS, totals_check.total_differences),
    (texts.VERIFY_WORD_TOTALS, word_totals_check.word_total_differences),
    (texts.VERIFY_IDS, messages_check.duplicate_ids),
    (texts.VERIFY_ORGANIZATIONS, messages_check.missing_organizations),
    (texts.VERIFY_KINDS, messages_check.missing_kinds),
    (texts.VERIFY_STATUSES, messages_check.contradictory_messages),
    (texts.VERIFY_SORT_KEYS, messages_check.misplaced_messages),
    (texts.VERIFY_STATUS_HISTORY, status_history_check.status_differences),
    # The last check, because on PostgreSQL an error of the server ends the transaction.
    (texts.VERIFY_ENGINE, engine_check.find_damage),
)


def verify(
    database: Database, zone: ZoneInfo, progress: Callable[[int, int], None] = lambda done, of: None
) -> list[CheckResult]:
    """Run all checks and return their results; blocks.

    Args:
        database: a migrated database.
        zone: the time zone of the days in the totals.
        progress: called with the number of checks done and the total.

    Raises:
        DatabaseError: see services.errors.
    """

    def check(session: Session) -> list[CheckResult]:
        results = []
        for done, (title, differences) in enumerate(CHECKS):
            progress(done, len(CHECKS))
            results.append(CheckResult.collect(title, differences(session, zone)))
        progress(len(CHECKS), len(CHECKS))
        return results

    return database.read_snapshot(check)


def record_verification(database: Database, results: Sequence[CheckResult]) -> None:
    """Record in the audit log that the database was verified, before the results are printed; blocks.

    Raises:
        DatabaseError: see services.errors.
    """
    count = sum(result.count for result in results)
    entry = command_entry(AuditEvent.DATABASE_VERIFIED, texts.ACCESS_VERIFIED.format(count=count), found=count)
    database.write_sync(lambda session: append_entries(session, [entry]))
