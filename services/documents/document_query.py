"""The question an operator asks of «Журнал ИЭМК», and the shape of its answer."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple, Self
from uuid import UUID

from models import DocumentOperation, DocumentStatus
from services import texts
from services.documents import snils
from services.lists.organizations import OrganizationName
from services.lists.query_conditions import (
    check_order,
    check_period,
    describe_choices,
    describe_name,
    describe_period,
    loosening_hint,
)
from services.lists.query_protocol import InvalidQueryError, Order, Period
from services.lists.reference_data import ReferenceEntry

SORTABLE_COLUMNS = ('at', 'organization', 'patient_name', 'snils', 'kind', 'operation', 'status', 'id')
"""The columns a result can be sorted by: all of them."""


@dataclass(frozen=True)
class DocumentKindName(ReferenceEntry):
    """A kind of documents."""


class DocumentRow(NamedTuple):
    """A line of the list."""

    id: UUID
    at: datetime
    organization: str
    patient_name: str
    snils: str | None
    """Masked: the whole one never leaves the database for a screen."""
    kind: str
    operation: DocumentOperation
    status: DocumentStatus

    @property
    def key(self) -> str:
        """What tells the row from every other."""
        return str(self.id)


@dataclass(frozen=True)
class DocumentQuery:
    """The conditions of the filter panel; all of them must hold."""

    name: str = ''
    snils: str = ''
    """Digits in any notation: eleven are one number, fewer stand in a row anywhere in it."""
    organization: OrganizationName | None = None
    kind: DocumentKindName | None = None
    period: Period = field(default_factory=Period)
    statuses: frozenset[DocumentStatus] = frozenset()
    """None chosen means any."""
    order: Order | None = None

    def with_order(self, order: Order | None) -> Self:
        """Give the same conditions in another order.

        Raises:
            ValueError: the journal has no such column.
        """
        check_order(order, SORTABLE_COLUMNS)
        return replace(self, order=order)

    def check(self) -> None:
        """Refuse conditions that contradict themselves, and a СНИЛС that cannot be.

        Raises:
            Refusal: names the field and says what is wrong.
        """
        digits = snils.extract_digits(self.snils)
        if len(digits) == snils.LENGTH and not snils.is_valid(digits):
            raise InvalidQueryError('snils', texts.SNILS_WRONG)
        check_period(self.period)

    def describe(self) -> str:
        """Say the conditions in a line."""
        return ', '.join(self._conditions().values()) or texts.WHOLE_JOURNAL

    def loosening_hint(self) -> str:
        """Say which condition to loosen when nothing was found: the one that narrows the search most."""
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
        return texts.CONDITION_SNILS_DIGITS.format(digits=digits) if digits else ''
