"""The address of the journal with conditions filled in: what can be seen of it names no patient."""

from urllib.parse import urlencode

from services.messages.query import MessageQuery


def address_of(query: MessageQuery) -> str:
    """Give the address at which the journal answers a query; a name and a phone never stand in it."""
    since, until = query.period.since, query.period.until
    given = [
        *([('from', since.isoformat())] if since else ()),
        *([('to', until.isoformat())] if until else ()),
        *([('org', query.organization.id)] if query.organization else ()),
        *([('kind', query.kind.name.lower())] if query.kind else ()),
        *(('status', status.name.lower()) for status in sorted(query.statuses)),
    ]
    return f'/messages?{urlencode(given)}' if given else '/messages'
