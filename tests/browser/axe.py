"""Accessibility checks of the open page with axe-core."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.remote.webdriver import WebDriver

from tests.helpers.journal_operator import Operator

AXE_SCRIPT = Path(__file__).with_name('node_modules') / 'axe-core' / 'axe.min.js'
IMPACTS = ('serious', 'critical')
MAX_TARGETS = 3
"""Elements that the description of a violation names."""
MAX_HTML_LENGTH = 160
CONTROLS = ('button', 'link', 'textbox', 'combobox', 'checkbox', 'radio', 'option', 'columnheader')
# While the font of the icons is loading, axe takes the names of icons for visible text.
IS_AT_REST = 'return document.getAnimations().length === 0 && document.fonts.status === "loaded"'
COLOR_RULES = ('color-contrast', 'link-in-text-block')
"""The rules of axe that depend on colors; all others have the same result in both color schemes."""
RUN_AXE = """
const [rules, done] = arguments;
axe.run(document, {resultTypes: ['violations'], ...rules && {runOnly: rules}}).then(
    results => done({violations: results.violations}),
    error => done({error: String(error)}));
"""


def prefer_color_scheme(driver: Chrome, color_scheme: str) -> None:
    """Set the color scheme of the operating system, which open pages follow at once."""
    feature = {'name': 'prefers-color-scheme', 'value': color_scheme}
    driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'features': [feature]})


def assert_accessible(operator: Operator, state: str) -> None:
    """Check that axe finds no serious violation, that the dark colors have none, and that every control has a name."""
    nameless = [role for role in CONTROLS if '' in operator.names((role,))]
    assert not nameless, f'{state}: some controls of these roles have no name: {nameless}'
    for color_scheme, rules in (('light', None), ('dark', COLOR_RULES)):
        wait_for_color_scheme(operator, color_scheme)
        assert serious_violations(operator.driver, rules) == [], (state, color_scheme)
    prefer_color_scheme(operator.driver, 'light')


def wait_for_color_scheme(operator: Operator, color_scheme: str) -> None:
    """Set the color scheme, and wait until the page has it and no longer moves."""

    def has_scheme() -> bool:
        # Each time, because Chromium may lose a change while it draws the page.
        prefer_color_scheme(operator.driver, color_scheme)
        return is_dark(operator) == (color_scheme == 'dark')

    operator.wait(has_scheme, f'The page is not {color_scheme}')
    operator.wait(
        lambda: operator.driver.execute_script(IS_AT_REST),
        'The page keeps moving',
    )


def is_dark(operator: Operator) -> bool:
    """Return whether the background of the page is darker than its text."""
    brightness: list[float] = operator.driver.execute_script("""
        const style = getComputedStyle(document.body);
        const ground = [document.body, document.documentElement].map(each => getComputedStyle(each).backgroundColor)
            .find(colour => !/, 0\\)$|transparent/.test(colour)) ?? 'rgb(255, 255, 255)';
        return [ground, style.color].map(colour => colour.match(/[\\d.]+/g).slice(0, 3).reduce((a, b) => +a + +b, 0));
    """)
    return brightness[0] < brightness[1]


def serious_violations(driver: WebDriver, rules: Sequence[str] | None = None) -> list[str]:
    """Run axe-core in the open page, and return a line for each serious or critical violation.

    Args:
        driver: the browser.
        rules: the names of the rules; without them, all that axe has by default.

    Raises:
        FileNotFoundError: axe-core is not installed.
        RuntimeError: axe-core failed in this page.
    """
    if not AXE_SCRIPT.exists():
        raise FileNotFoundError(f'{AXE_SCRIPT} is missing: run `.ci/npm tests/browser`, as `make test` does.')
    if not driver.execute_script('return typeof axe === "object"'):
        driver.execute_script(AXE_SCRIPT.read_text(encoding='utf-8'))
    driver.set_script_timeout(60)
    result = driver.execute_async_script(RUN_AXE, rules)
    if 'error' in result:
        raise RuntimeError(f'axe-core: {result["error"]}')
    return [_describe(violation) for violation in result['violations'] if violation['impact'] in IMPACTS]


def _describe(violation: dict[str, Any]) -> str:
    nodes = violation['nodes']
    targets = '; '.join(f'{_target(node)} ⟨{_shortened(node["html"])}⟩' for node in nodes[:MAX_TARGETS])
    more = f'; and {len(nodes) - MAX_TARGETS} more' if len(nodes) > MAX_TARGETS else ''
    return f'{violation["id"]} ({violation["impact"]}): {violation["help"]}: {targets}{more}'


def _target(node: dict[str, Any]) -> str:
    return ' '.join(str(part) for part in node['target'])


def _shortened(html: str) -> str:
    line = ' '.join(html.split())
    return line if len(line) <= MAX_HTML_LENGTH else f'{line[: MAX_HTML_LENGTH - 1]}…'
