"""«Загрузка файлов» in the browser: a file is looked at before it is imported, and its rejected rows are downloaded."""

from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
from selenium.webdriver import Chrome

from services import texts
from tests.helpers import sample_data
from tests.helpers.factories import message_cells, write_csv
from tests.helpers.journal_operator import Operator, session_cookies
from tests.helpers.program import Program


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """A journal of this module without messages."""
    return sample_data.fill_journal(journal_url, [])


def test_an_administrator_imports_a_file_after_looking_at_it(
    driver: Chrome, journal: Program, tmp_path: Path, downloads: Path
) -> None:
    admin = Operator(driver, journal.url)
    admin.set_session_cookies(session_cookies(journal.url, 'chief'))
    admin.open('/')
    admin.click('Меню')
    admin.click(texts.UPLOADS_TITLE)
    admin.wait_for_path('/import')

    (tmp_path / 'broken.csv').write_text('нет;столбцов\n')
    choose_file(admin, tmp_path / 'broken.csv')
    admin.wait_for_text('В первых строках файла broken.csv нет названий столбцов журнала')

    rows = [message_cells({texts.RECIPIENT: '<b>Ёлкина Анна</b>'}), message_cells({texts.PHONE: '123'})]
    choose_file(admin, write_csv(tmp_path / 'ноябрь.csv', rows))
    admin.wait_for_text('Файл «ноябрь.csv»', '«ФИО получателя»', '<b>Ёлкина Анна</b>', texts.UPLOAD_ROW_ERROR)
    admin.click(texts.UPLOAD_START)
    admin.wait_for_text(texts.UPLOAD_DONE, 'Принято сообщений: 1', 'Отказано: 1')
    admin.click(texts.UPLOAD_REJECTS.format(count=1))
    rejects = downloads / 'ноябрь — отказы.csv'
    admin.wait(rejects.exists, 'The rejected rows are not downloaded')
    assert rejects.read_text('utf-8-sig').splitlines()[1].startswith('3;')
    admin.click(texts.UPLOAD_OTHER)
    admin.wait_for_text(texts.UPLOAD_DROP)


def choose_file(admin: Operator, path: Path) -> None:
    """Choose a file in the dialog of the browser."""
    admin.wait(lambda: admin.driver.find_elements('css selector', 'input[type=file]'), 'There is no field for a file')
    admin.driver.find_element('css selector', 'input[type=file]').send_keys(str(path))


def test_only_administrators_upload_files(journal: Program) -> None:
    for name in ('clerk', 'guest'):
        cookies = {cookie['name']: cookie['value'] for cookie in session_cookies(journal.url, name)}
        with httpx.Client(base_url=journal.url, cookies=cookies, headers={'accept': 'text/html'}) as client:
            assert client.get('/import').status_code == HTTPStatus.FORBIDDEN
            assert client.post('/import/files/key?offset=0', content=b'x').status_code == HTTPStatus.NOT_FOUND
