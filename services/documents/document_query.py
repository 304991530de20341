"""The query of «Журнал ИЭМК»: its conditions, their wording, and the rows of the result."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple, Self
from uuid import UUID

from models import DocumentOperation, DocumentStatus
from services import texts
from services.documents import snils
from services.lists.organizations import OrganizationName
from services.lists.query_conditions import (
    check_digits,
    check_name,
    check_order,
    check_period,
    describe_choices,
    describe_name,
    describe_period,
    loosening_hint,
)
from services.lists.query_protocol import InvalidQueryError, Order, Period, QueryCondition
from services.lists.recorded_conditions import (
    build_conditions,
    read_name,
    read_organization,
    read_period,
    read_snils,
)
from services.lists.reference_data import ReferenceEntry

SORTABLE_COLUMNS = ('at', 'organization', 'patient_name', 'snils', 'kind', 'operation', 'status', 'id')
"""The columns a result can be sorted by: all of them."""


@dataclass(frozen=True)
class DocumentKindName(ReferenceEntry):
    """A kind of documents."""


class DocumentRow(NamedTuple):
    """A row of the list."""

    id: UUID
    at: datetime
    organization: str
    patient_name: str
    snils: str | None
    """Masked, because a list must not show the whole number."""
    kind: str
    operation: DocumentOperation
    status: DocumentStatus

    @property
    def key(self) -> str:
        """The unique key of the row."""
        return str(self.id)


@dataclass(frozen=True)
class DocumentQuery:
    """The conditions of the filter panel; all of them must hold."""

    name: str = ''
    snils: str = ''
    """Digits in any notation: eleven are a whole number, fewer are consecutive digits anywhere in a number."""
    organization: OrganizationName | None = None
    kind: DocumentKindName | None = None
    period: Period = field(default_factory=Period)
    statuses: frozenset[DocumentStatus] = frozenset()
    """An empty set means any status."""
    order: Order | None = None

    def with_order(self, order: Order | None) -> Self:
        """Return the same conditions in another order.

        Raises:
            ValueError: the list has no such column.
        """
        check_order(order, SORTABLE_COLUMNS)
        return replace(self, order=order)

    def check(self) -> None:
        """Validate the conditions.

        Raises:
            InvalidQueryError: the name is too long, the period is invalid, or the СНИЛС has wrong check digits.
        """
        check_digits('snils', self.snils)
        digits = snils.extract_digits(self.snils)
        if len(digits) == snils.LENGTH and not snils.is_valid(digits):
            raise InvalidQueryError('snils', texts.SNILS_WRONG)
        check_name(self.name)
        check_period(self.period)

    def describe(self) -> str:
        """Return the conditions in one line of Russian."""
        return ', '.join(self._conditions().values()) or texts.WHOLE_JOURNAL

    def conditions(self) -> tuple[QueryCondition, ...]:
        """Return the conditions as the audit log records them."""
        readings = {
            'name': read_name(self.name),
            'snils': read_snils(self.snils),
            'organization': read_organization(self.organization.name) if self.organization else (),
            'period': read_period(self.period),
        }
        return build_conditions(self._conditions(), readings)

    def loosening_hint(self) -> str:
        """Return a hint which condition to loosen when nothing was found: the most selective one."""
        narrowest = ('snils', 'name', 'statuses', 'document_kind', 'organization', 'period')
        return loosening_hint(self._conditions(), narrowest, empty_list_text=texts.DOCUMENTS_EMPTY)

    def _conditions(self) -> dict[str, str]:
        phrases = {
            'name': describe_name(self.name, texts.CONDITION_NAME),
            'snils': self._snils_phrase(),
            'period': describe_period(self.period),
            'organization': texts.CONDITION_ORGANIZATION.format(name=self.organization.name)
            if self.organization
            else '',
            'document_kind': self.kind.name if self.kind else '',
            'statuses': describe_choices(self.statuses, texts.DOCUMENT_STATUSES),
        }
        return {condition: words for condition, words in phrases.items() if words}

    def _snils_phrase(self) -> str:
        digits = snils.extract_digits(self.snils)
        if len(digits) == snils.LENGTH:
            return texts.CONDITION_SNILS.format(snils=snils.mask_snils(digits))
        visible = digits[-snils.VISIBLE_DIGITS :].rjust(len(digits), '*')
        return texts.CONDITION_SNILS_DIGITS.format(digits=visible) if digits else ''
