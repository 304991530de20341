"""Time from the click on «Найти» until Chromium has painted the rows. `make bench-screen`.

Prints a JSON line for each measurement, and a table. SEARCHES is the number of searches (100). DATABASE and SCALE
choose the journal: see `benchmark_setup`.
"""

import random
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from services import texts
from tests.benchmarks.benchmark_setup import (
    count_messages,
    cpu_seconds,
    integer_setting,
    open_journal,
    random_search,
    recent_recipients,
)
from tests.benchmarks.measurement import Measurement, format_table
from tests.benchmarks.page_client import temporary_account
from tests.helpers import chromium
from tests.helpers.browser_user import BrowserUser
from tests.helpers.program import REAL_START, Program

WARM_UP_SEARCHES = 10
"""Searches that are not counted."""
TIME_CLICK_TO_PAINT = """
const done = arguments[arguments.length - 1], button = arguments[0];
const api = getElement(Number(document.querySelector('.nicegui-aggrid').id.slice(1))).api;
const painted = () => {
  api.removeEventListener('rowDataUpdated', painted);
  requestAnimationFrame(() => {  // this runs before the frame is painted, and the posted message arrives after it
    const {port1, port2} = new MessageChannel();
    port1.onmessage = () => done(performance.now() - started);
    port2.postMessage(null);
  });
};
api.addEventListener('rowDataUpdated', painted);
const started = performance.now();
button.click();
"""


def main() -> None:
    """Start the program and a browser, measure searches, and print the measurements."""
    with (
        TemporaryDirectory() as folder,
        open_journal(Path(folder)) as database,
        temporary_account(database) as (name, password),
        Program(Path(folder), database.url.render_as_string(hide_password=False), entry=REAL_START) as program,
    ):
        driver = chromium.launch(downloads=Path(folder))
        try:
            user = BrowserUser(driver, program.url)
            user.open('/login')
            user.fill(texts.USER_NAME, name)
            user.fill(texts.PASSWORD, password)
            user.click(texts.SIGN_IN)
            user.wait_for_path('/')
            user.open('/messages')
            cpu_used, times = cpu_seconds(program.process_id), list(_time_searches(user, recent_recipients(database)))
            cpu_used = cpu_seconds(program.process_id) - cpu_used
        finally:
            driver.quit()
        engine, scale = database.dialect, count_messages(database)
    quantiles = statistics.quantiles(times[WARM_UP_SEARCHES:], n=100)
    limits = (('median', quantiles[49], 100), ('p95', quantiles[94], 200))
    measurements = [
        *(
            Measurement(f'click to rows painted: {name}', engine, scale, at, 'ms', 1, at / limit)
            for name, at, limit in limits
        ),
        Measurement(
            'typing and search: CPU of the server', engine, scale, cpu_used * 1000 / len(times), 'ms', None, None
        ),
    ]
    for measurement in measurements:
        sys.stdout.write(f'{measurement.json_line()}\n')
    sys.stdout.write(f'\n{format_table(measurements)}\n')


def _time_searches(user: BrowserUser, recipients: Sequence[tuple[str, str]]) -> Iterator[float]:
    """Search for random recipients; yield the milliseconds of each search."""
    rng = random.Random(1)
    button = user.button(texts.FIND)
    for _ in range(WARM_UP_SEARCHES + integer_setting('SEARCHES', 100)):
        name, phone = random_search(rng, recipients)
        user.fill(texts.RECIPIENT, name)
        user.fill(texts.PHONE, phone[-10:])
        yield user.driver.execute_async_script(TIME_CLICK_TO_PAINT, button)


if __name__ == '__main__':
    main()
