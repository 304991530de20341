"""What an operator waits for: from the click on «Найти» to rows painted in Chromium. `make bench-screen`.

Prints a JSON line a figure, and a table. SEARCHES are made (100) over DATABASE, or over a new journal of SCALE
messages; see `running`.
"""

import random
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from services import texts
from tests.benchmarks.benchmark_setup import as_typed, count, cpu, journal, number, people
from tests.benchmarks.measurement import Figure, table
from tests.benchmarks.page_client import somebody
from tests.helpers import chromium
from tests.helpers.browser_user import Person
from tests.helpers.program import Program

WARM = 10
"""Searches before it counts."""
CLICKED = """
const done = arguments[arguments.length - 1], button = arguments[0];
const api = getElement(Number(document.querySelector('.nicegui-aggrid').id.slice(1))).api;
const painted = () => {
  api.removeEventListener('rowDataUpdated', painted);
  requestAnimationFrame(() => {  // before the frame is drawn; what is posted here comes after it
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
    """Start the program and a browser, search, and print."""
    with (
        TemporaryDirectory() as folder,
        journal(Path(folder)) as database,
        somebody(database) as (name, password),
        Program(Path(folder), database.url.render_as_string(hide_password=False)) as program,
    ):
        driver = chromium.launch(Path(folder) / 'chromium')
        try:
            person = Person(driver, program.url)
            person.open('/login')
            person.fill(texts.USER_NAME, name)
            person.fill(texts.PASSWORD, password)
            person.click(texts.SIGN_IN)
            person.arrive('/')
            person.open('/messages')
            used, times = cpu(program.process_id), list(_search(person, people(database)))
            used = cpu(program.process_id) - used
        finally:
            driver.quit()
        engine, scale = database.dialect, count(database)
    quantiles = statistics.quantiles(times[WARM:], n=100)
    aims = (('median', quantiles[49], 100), ('p95', quantiles[94], 200))
    figures = [
        *(Figure(f'click to rows painted: {name}', engine, scale, at, 'ms', 1, at / aim) for name, at, aim in aims),
        Figure('typing and search: CPU of the server', engine, scale, used * 1000 / len(times), 'ms', None, None),
    ]
    for figure in figures:
        sys.stdout.write(f'{figure.line()}\n')
    sys.stdout.write(f'\n{table(figures)}\n')


def _search(person: Person, wanted: Sequence[tuple[str, str]]) -> Iterator[float]:
    """Type and search; give the milliseconds each took."""
    dice = random.Random(1)
    button = person.button(texts.FIND)
    for _ in range(WARM + number('SEARCHES', 100)):
        name, phone = as_typed(dice, wanted)
        person.fill(texts.RECIPIENT, name)
        person.fill(texts.PHONE, phone[-10:])
        yield person.driver.execute_async_script(CLICKED, button)


if __name__ == '__main__':
    main()
