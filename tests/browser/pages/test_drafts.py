"""The drafts of «Сводка» and «Список обзвона» are in the database: another process restores them."""

from contextlib import closing

import pytest
from sqlmodel import Session, select

from models import Draft
from services import texts
from services.database.engine import Database
from tests.helpers.journal_operator import Operator
from tests.helpers.program import Program
from tests.helpers.sample_data import fill_journal, sample_messages

VACCINATION = 'Вакцинация COVID-19'


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """The sample."""
    return fill_journal(journal_url, sample_messages())


@pytest.mark.parametrize(('path', 'title'), [('/summary', texts.SUMMARY_TITLE), ('/callbacks', texts.CALLS_TITLE)])
def test_a_draft_is_restored_by_another_process(
    operator: Operator, journal: Program, journal_url: str, path: str, title: str
) -> None:
    operator.open(path)
    operator.choose(texts.KIND, VACCINATION)
    operator.wait(lambda: title in stored_drafts(journal_url), lambda: f'Only {stored_drafts(journal_url)} are stored')
    operator.wait_for_value(texts.KIND, VACCINATION)
    operator.driver.get('about:blank')
    journal.stop()
    journal.start()
    operator.open(path)
    operator.wait_for_value(texts.KIND, VACCINATION)


def stored_drafts(journal_url: str) -> list[str]:
    """Return the lists that have a stored draft with the kind that was chosen."""

    def read(session: Session) -> list[str]:
        return [draft.journal for draft in session.exec(select(Draft)) if draft.queries[1]['kinds']]

    with closing(Database(journal_url)) as database:
        return database.read_sync(read)
