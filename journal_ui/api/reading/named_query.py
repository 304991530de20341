"""The query of a program: what it asks for, and nothing of an organisation that its token is not for."""

from http import HTTPStatus

from journal_ui.api.problem_details import ProblemError
from journal_ui.api.reading.search_filters import API_FIELDS, TotalsFilters
from services import texts
from services.composition import Services
from services.ingest.message_ingest import Sender
from services.lists.query_protocol import InvalidQueryError
from services.messages.message_query import MessageQuery


async def find_query(services: Services, sender: Sender, filters: TotalsFilters) -> MessageQuery:
    """Return the query of a program; `services` are those within the scope of its sender.

    Raises:
        ProblemError: a condition is invalid, or names an organisation that the token is not for.
        DatabaseError: see services.errors.
    """
    if not all(map(sender.may_act_for, filters.organization)):
        detail = texts.API_PROBLEMS['foreign']
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, 'foreign', detail, field='organization')
    try:
        query = filters.to_query()
        if query.code:
            return query
        query = await services.message_reader.name_entries(
            query, organizations=filters.organization, kinds=filters.kind
        )
        query.check()
    except InvalidQueryError as error:
        field = API_FIELDS.get(error.field, error.field)
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, 'wrong_value', error.message, field=field) from None
    return query
