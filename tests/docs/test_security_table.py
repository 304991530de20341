"""The table of `docs/security.md` covers every requirement, and names tests that exist."""

import re

from services.settings import PROJECT_ROOT

TEXT = (PROJECT_ROOT / 'docs' / 'security.md').read_text()
ROWS = re.findall(r'^\| (\d+\.\d+\.\d+) · (.+?) \| (.+?) \| (.+?) \|$', TEXT, re.MULTILINE)
LAST = {
    **{'1.1': 2, '1.2': 9, '1.3': 11, '1.4': 3, '1.5': 2, '2.1': 3, '2.2': 3, '2.3': 4, '2.4': 1, '3.2': 2, '3.3': 4},
    **{'3.4': 6, '3.5': 5, '3.7': 2, '4.1': 3, '4.2': 1, '4.3': 2, '4.4': 4, '5.1': 1, '5.2': 3, '5.3': 2, '5.4': 3},
    **{'6.1': 3, '6.2': 12, '6.3': 4, '6.4': 4, '6.5': 5, '6.6': 3, '6.8': 4, '7.1': 3, '7.2': 4, '7.3': 2, '7.4': 5},
    **{'7.5': 2, '7.6': 2, '8.1': 2, '8.2': 3, '8.3': 1, '8.4': 1, '9.1': 3, '9.2': 4, '10.1': 2, '10.2': 2},
    **{'10.3': 4, '10.4': 11, '10.5': 5, '10.6': 2, '10.7': 3, '11.1': 2, '11.2': 3, '11.3': 3, '11.4': 4},
    **{'11.5': 1, '11.6': 1, '12.1': 3, '12.2': 2, '12.3': 4, '13.1': 1, '13.2': 5, '13.3': 2, '13.4': 5, '14.1': 2},
    **{'14.2': 4, '14.3': 3, '15.1': 3, '15.2': 3, '15.3': 7, '16.1': 1, '16.2': 5, '16.3': 4, '16.4': 3, '16.5': 3},
}
"""The number of the last requirement of levels 1 and 2 in each section of ASVS 5.0.0, without V17."""


def test_every_requirement_is_in_the_table_or_not_applicable() -> None:
    not_applicable = TEXT.partition('Not applicable, because')[2].partition('### V1 ')[0]
    left_out = set(re.findall(r'\b\d+\.\d+\.\d+\b', not_applicable))
    for section, first, last in re.findall(r'\b(\d+\.\d+)\.(\d+)–\1\.(\d+)\b', not_applicable):
        left_out |= {f'{section}.{number}' for number in range(int(first), int(last) + 1)}
    answered = [row[0] for row in ROWS]
    every = [f'{section}.{number}' for section, last in LAST.items() for number in range(1, last + 1)]
    assert answered == [requirement for requirement in every if requirement not in left_out]


def test_every_named_test_exists() -> None:
    named = re.findall(r'`(tests/[\w/]+\.py)(?:::(\w+))?`', TEXT)
    assert len(named) > 50
    for path, name in named:
        source = (PROJECT_ROOT / path).read_text()
        assert not name or re.search(rf'^(?:async )?def {name}\(', source, re.MULTILINE), f'{path}::{name}'


def test_every_requirement_has_a_test_or_a_reason() -> None:
    for requirement, _, measure, test in ROWS:
        is_proven = test.startswith(('`tests/', 'by reading: ')) or test == 'this page'
        assert is_proven or measure.startswith('not met, because '), requirement
