"""The journal of access: its page, its records in words, what `access verify` says."""

from models import Act

ACCESS_TITLE = 'Журнал доступа'
ACCESS_HINT = 'Кто, когда и откуда искал, открывал и выгружал сообщения'

ACTS = {
    Act.SIGNED_IN: 'Вход',
    Act.SIGN_IN_REFUSED: 'Отказ во входе',
    Act.SIGNED_OUT: 'Выход',
    Act.PAGE_REFUSED: 'Отказ в доступе',
    Act.SEARCHED: 'Поиск',
    Act.FOUND: 'Найдено',
    Act.OPENED: 'Открыта запись',
    Act.EXPORTED: 'Выгрузка',
    Act.USER_CHANGED: 'Изменение пользователя',
    Act.PERSONS_REMOVED: 'Обезличивание',
}
ACCESS_AT = 'Дата и время'
ACCESS_WHO = 'Имя пользователя'
ACCESS_ADDRESS = 'Откуда'
ACCESS_ACT = 'Действие'
ACCESS_SECTION = 'Раздел'
ACCESS_WHAT = 'Что именно'
ACCESS_FOUND = 'Найдено'
ACCESS_PERIOD = 'Дата действия'
ACCESS_WORDS = 'Условия или код'
ACCESS_NUMBER = 'Номер записи'
ACCESS_UTC = 'Время UTC'
ACCESS_ABOUT = 'О чём'
ACCESS_CONTINUED = 'Число найденного'
ACCESS_IN_RECORD = 'в записи {number}'
ACCESS_HASH = 'Хеш'
ACCESS_PREVIOUS = 'Хеш предыдущей записи'
SHOW_RECORD = 'Показать запись'
HIDE_RECORD = 'Скрыть запись'

# A query in words
ACCESS_SAID_NAME = 'пользователь {name}…'
ACCESS_SAID_ADDRESS = 'адрес {address}…'
ACCESS_SAID_WORDS = 'в записи «{words}»'
ACCESS_WHOLE_JOURNAL = 'весь журнал доступа'
ACCESS_LOOSEN = 'Измените или сотрите условие: {condition}.'
ACCESS_EMPTY = 'В журнале доступа ещё нет записей.'

# Who, where nobody has signed in
ACCESS_UNKNOWN_NAME = 'неизвестное имя'
ACCESS_TERMINAL = 'командная строка'

# What was changed of a user
ACCESS_USER_ADDED = 'добавлен, роль {role}'
ACCESS_USER_FIRST = 'добавлен при первом запуске, роль {role}'
ACCESS_USER_FOR_DEMONSTRATION = 'новый пароль для показа, роль {role}'
ACCESS_USER_ROLE = 'новая роль {role}'
ACCESS_USER_BLOCKED = 'заблокирован'
ACCESS_USER_UNBLOCKED = 'разблокирован'
ACCESS_USER_RESET = 'пароль сброшен'
ACCESS_USER_ENDED = 'сеансы завершены'
ACCESS_OWN_PASSWORD = 'сменил свой пароль'
ACCESS_FACTOR_ON = 'включил второй фактор'
ACCESS_FACTOR_OFF = 'выключил второй фактор'

# What `access verify` says
ACCESS_IS_EMPTY = 'Журнал доступа пуст.'
ACCESS_IS_WHOLE = 'Журнал доступа цел. Записей: {count}'
ACCESS_LAST = 'Последняя: {number}:{hash}'
ACCESS_NOTE = 'Запишите номер и хеш в другом месте: с ними следующая проверка (--noted) заметит и переписанный журнал.'
ACCESS_NOT_WHOLE = 'Журнал доступа изменён. Нарушений: {count}'
ACCESS_AND_MORE = '… и ещё {count}'
ACCESS_FAULTS = {
    'changed': 'Запись {number}: изменена',
    'missing': 'Перед записью {number}: не хватает записей, начиная с номера {since}',
    'parted': 'Запись {number}: не продолжает предыдущую',
    'cut': 'После записи {number} журнал обрезан: последней была {last}',
    'added': 'После записи {number} журнал дописан в обход программы',
    'other': 'Запись {number}: не та, что была записана отдельно',
}
ACCESS_NOT_NOTED = '«{text}» — нужны номер и хеш через двоеточие, как их печатает access verify.'
