"""«Справочники»: an administrator merges, renames and adds entries, and open journals follow."""

from collections.abc import Callable

import pytest

from services import texts
from services.formats import distinctive_part_first
from tests.helpers.browser_user import BrowserUser
from tests.helpers.factories import incoming_message
from tests.helpers.journal_operator import Operator, session_cookies
from tests.helpers.program import Program
from tests.helpers.sample_data import (
    DUBNA,
    IVANOV,
    IVANOVA,
    KHIMKI,
    KOROLEVA,
    KOROLYOV,
    PODOLSK,
    SEMYONOV,
    SPECIAL_CHARACTERS,
    fill_journal,
    moment,
    sample_messages,
)  # fmt: skip

SPELLINGS = ('ГБУЗ "Новая больница"', 'ГБУЗ «Новая больница»', 'ГБУЗ “Новая больница”.', 'гбуз «новая больница»')
VISITOR = 'Ладыжников Ефим Савельевич'
NEW_KIND = 'Анкета'
NEW_NAME = 'Химки и Подольск'


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """The sample, and messages of a hospital that is written in several ways."""
    spelled = [
        incoming_message(recipient_name=VISITOR, organization=name, queued_at=None, sent_at=moment(10, 9, minute))
        for minute, name in enumerate(SPELLINGS)
    ]
    return fill_journal(journal_url, [*sample_messages(), *spelled])


@pytest.fixture
def admin(journal: Program, another_user: Callable[[str], BrowserUser]) -> Operator:
    """An administrator with the dictionaries open in a browser of their own."""
    signed_in = Operator(another_user(journal.url).driver, journal.url)
    signed_in.set_session_cookies(session_cookies(journal.url, 'chief'))
    signed_in.open('/')
    signed_in.click('Меню')
    signed_in.click(texts.DICTIONARIES_TITLE)
    signed_in.wait_for_path('/dictionaries')
    signed_in.wait_for_text(KHIMKI, texts.KINDS_TITLE)
    return signed_in


def open_action(admin: Operator, name: str, action: str) -> None:
    """Open the dialog of an action on an entry."""
    admin.click(texts.ENTRY_ACTIONS_OF.format(name=name))
    admin.click(action)


def options(operator: Operator, label: str) -> list[str]:
    """Open the list of a field, and return its options."""
    operator.field(label).click()
    operator.wait(lambda: operator.names(('option',)), f'The list of «{label}» is empty')
    names = operator.names(('option',))
    operator.press('Escape')
    return names


def test_a_hospital_written_in_several_ways_is_one_choice(operator: Operator) -> None:
    """Case 28."""
    operator.fill(texts.ORGANIZATION_FILTER, 'новая')
    operator.wait(lambda: operator.names(('option',)) == [SPELLINGS[0]], 'The hospital is not one choice')
    operator.press('Enter')
    operator.click(texts.FIND)
    operator.wait_for_recipients(*[VISITOR] * len(SPELLINGS))
    assert set(operator.column(texts.ORGANIZATION)) == {distinctive_part_first(SPELLINGS[0])}


def test_the_journal_follows_what_an_administrator_changes(operator: Operator, admin: Operator) -> None:
    operator.fill(texts.ORGANIZATION_FILTER, 'химкинск')
    operator.wait(lambda: operator.names(('option',)) == [KHIMKI], 'The hospital is not offered')
    operator.press('Enter')
    operator.click(texts.FIND)
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)

    open_action(admin, KHIMKI, texts.ENTRY_MERGE)
    admin.fill(texts.ENTRY_MERGE_TARGET, 'подол')
    admin.wait(lambda: admin.names(('option',)) == [PODOLSK], 'The other entry is not offered')
    admin.press('Enter')
    admin.click(texts.ENTRY_MERGE)
    admin.wait_for_text(texts.ENTRY_DONE['merge'].format(target=PODOLSK))
    open_action(admin, PODOLSK, texts.ENTRY_RENAME)
    admin.fill(texts.ENTRY_NEW_NAME, NEW_NAME)
    admin.press('Enter')
    admin.wait_for_text(texts.ENTRY_DONE['rename'].format(name=NEW_NAME))
    admin.click(texts.KIND_ADD)
    admin.fill(texts.ENTRY_NAME, NEW_KIND)
    admin.press('Enter')
    admin.wait_for_text(texts.ENTRY_DONE['add'].format(name=NEW_KIND))

    operator.wait_for_column(texts.ORGANIZATION, [NEW_NAME] * 2)
    operator.wait_for_value(texts.ORGANIZATION_FILTER, NEW_NAME)
    operator.click(texts.FIND)
    operator.wait_for_recipients(KOROLYOV, KOROLEVA, IVANOV, IVANOVA)
    kinds = [*texts.KINDS.values(), NEW_KIND]
    operator.wait(lambda: options(operator, texts.KIND) == kinds, 'The new kind is not offered')
    operator.choose(texts.KIND, 'Вакцинация COVID-19')
    operator.click(texts.FIND)
    operator.wait_for_recipients(IVANOV)
    operator.clear_field(texts.KIND)
    operator.choose(texts.KIND, NEW_KIND)
    operator.click(texts.FIND)
    operator.wait_for_no_results()

    # Nothing is lost: a spelling is separated, and its messages go with it.
    open_action(admin, NEW_NAME, texts.ENTRY_SEPARATE_TITLE)
    admin.choose(texts.ENTRY_SPELLING, KHIMKI)
    admin.click(texts.ENTRY_SEPARATE)
    admin.wait_for_text(texts.ENTRY_DONE['separate'].format(name=KHIMKI))
    operator.clear()
    operator.click(texts.ORGANIZATION)
    operator.click(texts.FIND)
    names = [DUBNA] * 2 + [SPELLINGS[0]] * 4 + [NEW_NAME] * 2 + [KHIMKI] * 2
    operator.wait_for_column(texts.ORGANIZATION, [distinctive_part_first(name) for name in names])
    assert set(operator.column(texts.RECIPIENT)[:2]) == {SEMYONOV, SPECIAL_CHARACTERS}

    open_action(admin, DUBNA, texts.ENTRY_RENAME)
    admin.fill(texts.ENTRY_NEW_NAME, '«химки» и Подольск.')
    admin.press('Enter')
    admin.wait_for_text(texts.ENTRY_EXISTS_MERGE.format(name=NEW_NAME))
    admin.press('Escape')
    admin.open('/access')
    admin.choose(texts.ACCESS_EVENT, 'Изменение справочника')
    admin.click(texts.FIND)
    admin.wait_for_column(
        texts.ACCESS_DETAILS,
        [
            f'{KHIMKI}: отделена от записи: {NEW_NAME}',
            f'{NEW_KIND}: новая запись',
            f'{PODOLSK}: новое название: {NEW_NAME}',
            f'{KHIMKI}: объединена с записью: {PODOLSK}',
        ],
    )
