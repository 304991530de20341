"""The program with demonstration data and a browser, for screenshots and Lighthouse."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from selenium.webdriver import Chrome

from services.accounts.accounts import Accounts
from services.database.engine import Database
from services.upgrade.migrations import migrate
from tests.helpers import chromium
from tests.helpers.journal_operator import PASSWORD
from tests.helpers.program import Program

ADMIN_NAME = 'operator'
"""The user who may open every page; the password is PASSWORD of the sample."""


@contextmanager
def running_demo() -> Iterator[tuple[Program, Chrome]]:
    """Run the program and a browser as a context manager."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        url = f'sqlite:///{folder}/journal.sqlite3'
        migrate(url)
        with closing(Database(url)) as database:
            Accounts(database).add(ADMIN_NAME, 'Admin', PASSWORD, must_change=False)
        with Program(folder, url) as program:
            program.run('demo', '--messages', '20000')
            program.run('balance', 'set', '15 240,50')
            driver = chromium.launch(downloads=folder)
            try:
                yield program, driver
            finally:
                driver.quit()
