"""The clicks of the browser tests check what a user could click, and the page receives the events of a mouse."""

from urllib.parse import quote

import pytest
from selenium.common.exceptions import ElementClickInterceptedException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.helpers import element_actions

PAGE = """<!doctype html>
<button id=plain>One</button>
<div style="position: relative"><button id=covered>Two</button><div style="position: absolute; inset: 0"></div></div>
<button id=hidden style="display: none">Three</button>
<div style="height: 100px; overflow: auto"><div style="height: 5000px"></div><button id=scrolled>Four</button></div>
<div style="height: 5000px"></div><button id=below><span>Five</span></button>
<script>
const seen = [];
for (const type of ['mousedown', 'mouseup', 'click', 'dblclick'])
    addEventListener(type, ({target}) => seen.push(`${type} ${target.closest('[id]')?.id}`));
</script>
"""


@pytest.fixture
def page(driver: Chrome) -> Chrome:
    """The browser with the page above open."""
    driver.get(f'data:text/html,{quote(PAGE)}')
    return driver


@pytest.mark.parametrize('name', ['plain', 'scrolled', 'below'])
def test_a_click_reaches_the_element_wherever_it_is(page: Chrome, name: str) -> None:
    element = page.find_element(By.ID, name)
    element_actions.click(page, element)
    element_actions.click(page, element)
    assert page.execute_script('return seen') == [f'{event} {name}' for event in ('mousedown', 'mouseup', 'click')] * 2
    assert page.execute_script('return arguments[0].matches(":hover")', element)


@pytest.mark.parametrize('name', ['covered', 'hidden'])
def test_what_no_user_could_click_is_not_clicked(page: Chrome, name: str) -> None:
    with pytest.raises(ElementClickInterceptedException):
        element_actions.click(page, page.find_element(By.ID, name))
    assert page.execute_script('return seen') == []
