"""Accessibility checks of the open page with axe-core."""

from pathlib import Path
from typing import Any

from selenium.webdriver.remote.webdriver import WebDriver

AXE_SCRIPT = Path(__file__).with_name('node_modules') / 'axe-core' / 'axe.min.js'
IMPACTS = ('serious', 'critical')
MAX_TARGETS = 3
"""Elements that the description of a violation names."""
MAX_HTML_LENGTH = 160
RUN_AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ['violations']}).then(
    results => done({violations: results.violations}),
    error => done({error: String(error)}));
"""


def serious_violations(driver: WebDriver) -> list[str]:
    """Run axe-core in the open page, and return a line for each serious or critical violation.

    Raises:
        FileNotFoundError: axe-core is not installed.
        RuntimeError: axe-core failed in this page.
    """
    if not AXE_SCRIPT.exists():
        raise FileNotFoundError(f'{AXE_SCRIPT} is missing: run `.ci/npm tests/browser`, as `make test` does.')
    if not driver.execute_script('return typeof axe === "object"'):
        driver.execute_script(AXE_SCRIPT.read_text(encoding='utf-8'))
    driver.set_script_timeout(60)
    result = driver.execute_async_script(RUN_AXE)
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
