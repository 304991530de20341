"""Every kept total against the messages themselves; the sum at the foot is one of months for all organisations."""

from collections.abc import Iterator
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel import Session

from models import MessageKind, MessageStatus
from models.column_types import roubles
from services import texts
from services.formats import money, whole
from services.verification.check_result import Found

RECOUNT = text("""
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
            messages AS counted, kopecks AS cost, 0 AS kept, 0 AS kept_cost FROM counted
        UNION ALL
        SELECT organization_id, scale, period, kind, status, 0, 0, messages, kopecks FROM total
    )
    SELECT organization_id, scale, period, kind, status,
        sum(counted) AS counted, sum(cost) AS cost, sum(kept) AS kept, sum(kept_cost) AS kept_cost
    FROM compared GROUP BY organization_id, scale, period, kind, status
    HAVING sum(counted) <> sum(kept) OR sum(cost) <> sum(kept_cost)
    ORDER BY organization_id, scale, period, kind, status
""")


def differences(session: Session, _: ZoneInfo) -> Iterator[Found]:
    """Say each total that does not equal its recount."""
    for row in session.execute(RECOUNT):
        yield texts.VERIFY_TOTAL.format(
            organization=row.organization_id or texts.VERIFY_ALL_ORGANIZATIONS,
            period=row.period,
            kind=texts.KINDS[MessageKind(row.kind)],
            status=texts.STATUSES[MessageStatus(row.status)],
            kept=_said(row.kept, row.kept_cost),
            counted=_said(row.counted, row.cost),
        )


def _said(count: Decimal | int, kopecks: Decimal | int) -> str:
    return texts.VERIFY_COUNT.format(count=whole(int(count)), sum=money(roubles(int(kopecks))))
