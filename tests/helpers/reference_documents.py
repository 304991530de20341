"""«Журнал ИЭМК» in plain Python: documents by chance, and what a search must find of them."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from models import DocumentOperation, DocumentStatus
from services import names
from services.documents import snils
from services.documents.document_parsing import IncomingDocument
from services.documents.document_query import DocumentQuery
from tests.helpers.factories import document
from tests.helpers.reference_messages import GIVEN, MOSCOW, NOON, ORGANIZATIONS, PATRONYMICS, SURNAMES

KINDS = ('Протокол консультации', 'эпикриз выписной', 'Ёмкий протокол')
SNILS = ('11223344595', '11111111145', '00100199800', None)


def some_documents(count: int, seed: int) -> list[IncomingDocument]:
    """Invent documents with many ties and hostile names; the same for the same seed."""
    dice = random.Random(seed)
    return [
        document(
            id=UUID(int=dice.getrandbits(128)),
            at=NOON - timedelta(hours=dice.randrange(24 * 70), seconds=dice.choice((0, 0, 1))),
            organization=dice.choice(ORGANIZATIONS),
            patient_name=' '.join((dice.choice(SURNAMES), dice.choice(GIVEN), dice.choice(PATRONYMICS))).strip(),
            snils=dice.choice(SNILS),
            kind=dice.choice(KINDS),
            operation=dice.choice(tuple(DocumentOperation)),
            status=dice.choice(tuple(DocumentStatus)),
        )
        for _ in range(count)
    ]


def expected(arrived: Sequence[IncomingDocument], query: DocumentQuery) -> list[IncomingDocument]:
    """Give what a query finds, in its order, by reading every document in the order of arrival."""
    newest = sorted(range(len(arrived)), key=lambda place: (arrived[place].at, place), reverse=True)
    found = [arrived[place] for place in newest if _fits(arrived[place], query)]
    if query.order is None:
        return found
    value = _sort_value(query.order.column)
    known = [one for one in found if value(one) is not None]
    if query.order.column == 'at':  # ties by arrival, the last first, whichever way it is sorted
        known.sort(key=lambda one: arrived.index(one), reverse=True)
    known.sort(key=value, reverse=query.order.descending)
    return known + [one for one in found if value(one) is None]


def _fits(one: IncomingDocument, query: DocumentQuery) -> bool:
    day = one.at.astimezone(MOSCOW).date()
    read, folded = names.readings(query.name), names.fold(one.patient_name)
    digits = ''.join(filter(str.isdigit, query.snils))
    return (
        (not read or any(names.matches(reading, folded) for reading in read))
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
    if column in {'patient_name', 'organization', 'kind'}:
        return lambda one: names.fold(getattr(one, column))
    if column == 'snils':
        return lambda one: one.snils and one.snils[-snils.SHOWN :]
    return lambda one: getattr(one, column)
