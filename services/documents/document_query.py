"""The question an operator asks of «Журнал ИЭМК», and the shape of its answer."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple, Self
from uuid import UUID

from models import DocumentOperation, DocumentStatus
from services import texts
from services.documents import snils
from services.lists.organizations import OrganizationName
from services.lists.query_conditions import check_order, check_period, loosening, said_any, said_name, said_period
from services.lists.query_protocol import Order, Period, Refusal
from services.lists.reference_data import Entry

ORDERS = ('at', 'organization', 'patient_name', 'snils', 'kind', 'operation', 'status', 'id')
"""The columns a result can be sorted by: all of them."""


@dataclass(frozen=True)
class KindName(Entry):
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
    kind: KindName | None = None
    period: Period = field(default_factory=Period)
    statuses: frozenset[DocumentStatus] = frozenset()
    """None chosen means any."""
    order: Order | None = None

    def with_order(self, order: Order | None) -> Self:
        """Give the same conditions in another order.

        Raises:
            ValueError: the journal has no such column.
        """
        check_order(order, ORDERS)
        return replace(self, order=order)

    def check(self) -> None:
        """Refuse conditions that contradict themselves, and a СНИЛС that cannot be.

        Raises:
            Refusal: names the field and says what is wrong.
        """
        digits = snils.digits(self.snils)
        if len(digits) == snils.LENGTH and not snils.is_right(digits):
            raise Refusal('snils', texts.SNILS_WRONG)
        check_period(self.period)

    def sentence(self) -> str:
        """Say the conditions in a line."""
        return ', '.join(self._conditions().values()) or texts.WHOLE_JOURNAL

    def advice(self) -> str:
        """Say which condition to loosen when nothing was found: the one that narrows the search most."""
        narrowest = ('snils', 'name', 'statuses', 'document_kind', 'organization', 'period')
        return loosening(self._conditions(), narrowest, empty=texts.EXCHANGE_EMPTY)

    def _conditions(self) -> dict[str, str]:
        said = {
            'name': said_name(self.name, texts.SAID_NAME),
            'snils': self._said_snils(),
            'period': said_period(self.period),
            'organization': texts.SAID_ORGANIZATION.format(name=self.organization.name) if self.organization else '',
            'document_kind': self.kind.name if self.kind else '',
            'statuses': said_any(self.statuses, texts.DOCUMENT_STATUSES),
        }
        return {condition: words for condition, words in said.items() if words}

    def _said_snils(self) -> str:
        digits = snils.digits(self.snils)
        if len(digits) == snils.LENGTH:
            return texts.SAID_SNILS.format(snils=snils.masked(digits))
        return texts.SAID_SNILS_DIGITS.format(digits=digits) if digits else ''
