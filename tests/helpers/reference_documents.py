"""A reference implementation of the document list in plain Python, with random documents."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from models import DocumentOperation, DocumentStatus
from services import names
from services.dictionaries.name_folding import fold_entry_name
from services.documents import snils
from services.documents.document_parsing import IncomingDocument
from services.documents.document_query import DocumentQuery
from services.formats import distinctive_part_first
from tests.helpers import reference_names
from tests.helpers.factories import incoming_document
from tests.helpers.reference_messages import MOSCOW, NOON, ORGANIZATIONS, random_name

KINDS = ('Протокол консультации', 'эпикриз выписной', 'Ёмкий протокол')
SNILS_VALUES = ('11223344595', '11111111145', '00100199800', None)


def random_documents(count: int, seed: int) -> list[IncomingDocument]:
    """Generate documents with many equal values and difficult names; the same for the same seed."""
    rng = random.Random(seed)
    return [
        incoming_document(
            id=UUID(int=rng.getrandbits(128)),
            at=NOON - timedelta(hours=rng.randrange(24 * 70), seconds=rng.choice((0, 0, 1))),
            organization=rng.choice(ORGANIZATIONS),
            patient_name=random_name(rng),
            snils=rng.choice(SNILS_VALUES),
            kind=rng.choice(KINDS),
            operation=rng.choice(tuple(DocumentOperation)),
            status=rng.choice(tuple(DocumentStatus)),
        )
        for _ in range(count)
    ]


def expected_documents(arrived: Sequence[IncomingDocument], query: DocumentQuery) -> list[IncomingDocument]:
    """Return the result of a query, in its order, by checking every document in the order of arrival."""
    newest = sorted(range(len(arrived)), key=lambda index: (arrived[index].at, index), reverse=True)
    matching = [arrived[index] for index in newest if _matches(arrived[index], query)]
    if query.order is None:
        return matching
    value = _sort_value(query.order.column)
    known = [one for one in matching if value(one) is not None]
    if query.order.column == 'at':  # equal times follow by arrival, the last first, in both directions
        known.sort(key=lambda one: arrived.index(one), reverse=True)
    known.sort(key=value, reverse=query.order.descending)
    return known + [one for one in matching if value(one) is None]


def _matches(one: IncomingDocument, query: DocumentQuery) -> bool:
    day = one.at.astimezone(MOSCOW).date()
    digits = ''.join(filter(str.isdigit, query.snils))
    return (
        reference_names.name_matches(query.name, one.patient_name)
        and (not digits or digits in (one.snils or ''))
        and (query.kind is None or one.kind == query.kind.name)
        and (query.organization is None or one.organization == query.organization.name)
        and (not query.statuses or one.status in query.statuses)
        and (query.period.since is None or day >= query.period.since)
        and (query.period.until is None or day <= query.period.until)
    )


def _sort_value(column: str) -> Any:
    if column == 'id':
        return lambda one: one.id.bytes
    if column == 'patient_name':
        return lambda one: reference_names.fold_name(one.patient_name)
    if column == 'organization':
        return lambda one: fold_entry_name(distinctive_part_first(one.organization))
    if column == 'kind':
        return lambda one: names.fold(getattr(one, column))
    if column == 'snils':
        return lambda one: one.snils and one.snils[-snils.VISIBLE_DIGITS :]
    return lambda one: getattr(one, column)
