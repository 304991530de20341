"""The pictures in the README: the running program with demonstration data, as an operator sees it.

Usage: python -m tests.browser.screenshots FOLDER
"""

import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from services.schema import migrate
from tests.browser import chromium
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
        with Program(home, url) as program:
            program.run('demo', '--messages', '20000')
            program.run('balance', 'set', '15 240,50')
            driver = chromium.launch(home / 'chromium')
            try:
                draw(Person(driver, program.url), program, folder)
            finally:
                driver.quit()


def draw(person: Person, program: Program, folder: Path) -> None:
    """Sign in, search, open a failed message; take a picture of both."""
    size(person, WIDTH, HEIGHT)
    person.open('/login')
    person.fill('Имя пользователя', 'admin')
    person.fill('Пароль', password(program))
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


def password(program: Program) -> str:
    """Read the first password of `admin` from what the program printed."""
    found = re.search(r'Пароль: (\S+)', program.output)
    assert found, program.output
    return found[1]


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
