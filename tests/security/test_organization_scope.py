"""A bound operator of the running program sees the messages of their organisation, on each page and by each link."""

from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from services.database.engine import Database
from services.messages.message_tables import HAS_ORGANIZATION, message, organization
from tests.helpers.attacked_program import SignIn, search
from tests.helpers.journal_operator import CLERK_NAME
from tests.helpers.program import Program
from tests.helpers.sample_data import KHIMKI, PODOLSK

OTHER_WORDS = ('Подольская', 'Дубненская')
"""Words of the names of the other organisations that the sample has."""


@pytest.fixture
def bound(journal: Program, sign_in: SignIn) -> Iterator[httpx.Client]:
    """The client of an operator who was bound to an organisation while signed in, and has signed in again."""
    before = sign_in(CLERK_NAME)
    assert before.get('/messages').status_code == 200
    done = journal.run('user', 'bind', CLERK_NAME, '--organization', KHIMKI)
    assert done.returncode == 0, done.stderr
    assert urlsplit(before.get('/messages').headers['location']).path == '/login', 'the sessions ended'
    yield sign_in(CLERK_NAME)
    assert journal.run('user', 'bind', CLERK_NAME, '--all').returncode == 0


def test_a_bound_operator_sees_only_their_organization(bound: httpx.Client) -> None:
    page = bound.get('/messages').text
    assert KHIMKI in page, 'the header says so'
    found = search(bound, '/messages')
    assert 'Химкинская' in found
    assert not any(word in found for word in OTHER_WORDS)
    for path in ('/', '/summary', '/callbacks', '/iemk'):
        content = bound.get(path).text
        assert not any(word in content for word in OTHER_WORDS)


def test_a_link_to_another_organization_answers_as_an_unknown_one(
    journal: Program, sign_in: SignIn, bound: httpx.Client
) -> None:
    with closing(Database(journal.environment['JOURNAL_DATABASE_URL'])) as database:
        statement = select(message.c.id).join(organization, HAS_ORGANIZATION).where(organization.c.name == PODOLSK)
        other: UUID = database.read_sync(lambda session: session.scalars(statement).all()[0])
    unknown = UUID(int=other.int ^ 1)
    for template in ('/messages/{}', '/messages/{}/person'):
        answers = [bound.get(template.format(id)) for id in (other, unknown)]
        assert answers[0].status_code == answers[1].status_code
    found = [search_by_code(bound, id) for id in (other, unknown)]
    assert str(other) not in found[0]
    assert str(other) in search_by_code(sign_in('chief'), other)


def search_by_code(client: httpx.Client, id: UUID) -> str:
    """Search for a message by its code, and return the frame with the rows, without what was typed."""
    return search(client, '/messages', RECIPIENT=str(id))
