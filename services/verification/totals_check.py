"""Compare every stored total with a recount of the messages."""

from collections.abc import Iterator
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel import Session

from models import MessageStatus
from models.column_types import kopecks_to_roubles
from services import texts
from services.dictionaries.dictionary_snapshot import DictionarySnapshot
from services.formats import integer, money
from services.verification.check_result import CheckOutput

TOTALS_RECOUNT = text("""
    WITH day AS MATERIALIZED (
        SELECT organization_id, day AS period, kind, status, count(*) AS messages, sum(cost) AS kopecks
        FROM message GROUP BY organization_id, day, kind, status
    ),
    counted AS (
        SELECT organization_id, 0 AS scale, period, kind, status, messages, kopecks FROM day
        UNION ALL SELECT organization_id, 1, period / 100 * 100, kind, status, messages, kopecks FROM day
        UNION ALL SELECT 0, 0, period, kind, status, messages, kopecks FROM day
        UNION ALL SELECT 0, 1, period / 100 * 100, kind, status, messages, kopecks FROM day
    ),
    compared AS (
        SELECT organization_id, scale, period, kind, status,
            messages AS counted, kopecks AS cost, 0 AS stored, 0 AS stored_cost FROM counted
        UNION ALL
        SELECT organization_id, scale, period, kind, status, 0, 0, messages, kopecks FROM total
    )
    SELECT organization_id, scale, period, kind, status,
        sum(counted) AS counted, sum(cost) AS cost, sum(stored) AS stored, sum(stored_cost) AS stored_cost
    FROM compared GROUP BY organization_id, scale, period, kind, status
    HAVING sum(counted) <> sum(stored) OR sum(cost) <> sum(stored_cost)
    ORDER BY organization_id, scale, period, kind, status
""")


def total_differences(session: Session, _: ZoneInfo) -> Iterator[CheckOutput]:
    """Yield each stored total that differs from its recount."""
    kinds = DictionarySnapshot.read(session).kinds
    for row in session.execute(TOTALS_RECOUNT):
        yield texts.VERIFY_TOTAL.format(
            organization=row.organization_id or texts.VERIFY_ALL_ORGANIZATIONS,
            period=row.period,
            kind=kinds[row.kind].name if row.kind in kinds else row.kind,
            status=texts.STATUSES[MessageStatus(row.status)],
            stored=_format_total(row.stored, row.stored_cost),
            counted=_format_total(row.counted, row.cost),
        )


def _format_total(count: Decimal | int, kopecks: Decimal | int) -> str:
    return texts.VERIFY_COUNT.format(count=integer(int(count)), sum=money(kopecks_to_roubles(int(kopecks))))
