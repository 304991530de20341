"""The pictures in the README: the running program with demonstration data, as an operator sees it.

Usage: python -m tests.browser.screenshots FOLDER
"""

import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from services.accounts import FIRST_NAME, Accounts
from services.database import Database
from services.schema import migrate
from tests.browser import chromium
from tests.browser.operator import PASSWORD
from tests.browser.person import Person
from tests.browser.program import Program

WIDTH, HEIGHT = 1366, 768


def main(folder: Path) -> None:
    """Draw every picture into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as temporary:
        home = Path(temporary)
        url = f'sqlite:///{home}/journal.sqlite3'
        migrate(url)
        with closing(Database(url)) as database:
            Accounts(database).add(FIRST_NAME, 'Admin', PASSWORD, must_change=False)
        with Program(home, url) as program:
            program.run('demo', '--messages', '20000')
            program.run('balance', 'set', '15 240,50')
            driver = chromium.launch(home / 'chromium')
            try:
                draw(Person(driver, program.url), folder)
            finally:
                driver.quit()


def draw(person: Person, folder: Path) -> None:
    """Sign in, search, open a failed message; take a picture of both."""
    size(person, WIDTH, HEIGHT)
    person.open('/login')
    person.fill('Имя пользователя', FIRST_NAME)
    person.fill('Пароль', PASSWORD)
    person.click('Войти')
    person.arrive('/')
    person.open('/messages')
    person.see('Баланс: 15 240,50 руб.')
    person.click('Найти')
    person.see('1–20 из')
    picture(person, folder / 'journal.png')
    person.fill('ФИО получателя', 'иванов')
    person.click_element(lambda: person.check_box('Ошибка отправки'))
    person.click('Найти')
    person.wait(lambda: not person.all(('gridcell',), 'Отправлено'), 'The list still shows what was sent')
    person.click('Показать сообщение')
    person.see('Код ошибки')
    picture(person, folder / 'message.png')


def size(person: Person, width: int, height: int) -> None:
    """Make the page so large."""
    person.driver.execute_cdp_cmd(
        'Emulation.setDeviceMetricsOverride',
        {'width': width, 'height': height, 'deviceScaleFactor': 1, 'mobile': False},
    )


def picture(person: Person, path: Path) -> None:
    """Take a picture once nothing moves any more."""
    person.wait(
        lambda: person.driver.execute_script('return document.getAnimations().length === 0'), 'The page keeps moving'
    )
    person.driver.save_screenshot(str(path))


if __name__ == '__main__':
    main(Path(sys.argv[1]))
