"""Patronymics: their endings, and the words that stand for them in names of Turkic languages."""

PATRONYMIC_ENDINGS = (
    'ович', 'евич', 'ильич', 'кузьмич', 'фомич', 'лукич', 'никитич', 'саввич', 'силич', 'овна', 'евна', 'івна', 'ївна',
    'ична', 'оглы', 'оглу', 'огли', 'оғлы', 'ўғли', 'угли', 'уулу', 'улы', 'ұлы', 'кызы', 'кизи', 'қызы', 'қизи',
    'ovich', 'evich', 'ovna', 'evna', 'ichna', 'ogli', 'oglu', 'uulu', 'qizi', 'kizi', 'kyzy',
)  # fmt: skip
MIN_PATRONYMIC_LENGTH = 5
PATRONYMIC_PARTICLES = frozenset((
    'оглы', 'оглу', 'огли', 'оғлы', 'ўғли', 'угли', 'углы', 'уулу', 'улы', 'ұлы', 'кызы', 'кизи', 'қызы', 'қизи',
    'гызы', 'кзы', 'ogli', 'oglu', 'ogly', 'ugli', 'uulu', 'uly', 'qizi', 'kizi', 'kyzy', 'qyzy',
))  # fmt: skip
"""«Son» and «daughter» after the father's name: «Алиев Вагиф Гасан оглы»."""


def is_patronymic(word: str) -> bool:
    """Return whether a folded word looks like a patronymic."""
    return word.endswith(PATRONYMIC_ENDINGS) and len(word) >= MIN_PATRONYMIC_LENGTH
