"""The services of a user or a token that is bound to organisations: the only place where the scope is applied."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from services.access_scope.organization_scope import OrganizationScope

if TYPE_CHECKING:
    from services.composition import Services

S = TypeVar('S', bound='Services')


def limit_services(services: S, scope: OrganizationScope) -> S:
    """Return the services with those that read data of organisations replaced by the ones for a scope.

    A test names, for each service that is not replaced, why it has no data of organisations.
    """
    dictionaries = services.dictionaries.within(scope)
    return replace(
        services,
        messages=services.messages.within(scope),
        message_suggestions=services.message_suggestions.within(scope),
        message_reader=services.message_reader.within(scope),
        documents=services.documents.within(scope),
        organizations=services.organizations.within(scope),
        dictionaries=dictionaries,
        live_updates=services.live_updates.within(scope),
        share_links=services.share_links.within(scope),
        saved_searches=services.saved_searches.within(scope),
        export_jobs=services.export_jobs.within(scope),
        summaries=services.summaries.within(scope),
        call_list=services.call_list.within(scope),
        person_stories=services.person_stories.within(scope),
        overview=services.overview.within(scope),
        alerts=services.alerts.within(scope, lambda: dictionaries.snapshot.current_entries(scope).keys()),
    )
