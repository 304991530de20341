"""The program with demonstration data and a browser in front of it, for what is no test: pictures and grades."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from selenium.webdriver import Chrome

from services.accounts.accounts import Accounts
from services.database.engine import Database
from services.database.migrations import migrate
from tests.helpers import chromium
from tests.helpers.journal_operator import PASSWORD
from tests.helpers.program import Program

NAME = 'operator'
"""Who may see every page; the password is that of the samples."""


@contextmanager
def demonstration() -> Iterator[tuple[Program, Chrome]]:
    """Run the program and a browser until the work with them is done."""
    with TemporaryDirectory() as temporary:
        home = Path(temporary)
        url = f'sqlite:///{home}/journal.sqlite3'
        migrate(url)
        with closing(Database(url)) as database:
            Accounts(database).add(NAME, 'Admin', PASSWORD, must_change=False)
        with Program(home, url) as program:
            program.run('demo', '--messages', '20000')
            program.run('balance', 'set', '15 240,50')
            driver = chromium.launch(home / 'chromium')
            try:
                yield program, driver
            finally:
                driver.quit()
