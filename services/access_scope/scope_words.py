"""The organisations of a scope in words."""

from collections.abc import Collection
from typing import Final

from services import texts
from services.formats import distinctive_part_first, plural

MAX_NAMED: Final = 20
"""Organisations that are named; the rest of a long list is counted."""


def describe_scope(names: Collection[str]) -> str:
    """Describe the organisations to which a user is bound in a few words: the only one by its name, several counted."""
    if len(names) == 1:
        return distinctive_part_first(next(iter(names)))
    return plural(len(names), texts.ORGANIZATION_FORMS) if names else texts.SCOPE_NONE


def describe_organizations(names: Collection[str] | None) -> str:
    """Describe the organisations to which a user or a token is bound: their names, none of them, or all of them."""
    if names is None:
        return texts.TOKEN_ALL_ORGANIZATIONS
    shown = sorted(names)[:MAX_NAMED]
    rest = [texts.SCOPE_OTHERS.format(count=len(names) - MAX_NAMED)] if len(names) > MAX_NAMED else []
    return ', '.join([*shown, *rest]) or texts.SCOPE_NONE
