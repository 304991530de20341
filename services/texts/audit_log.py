"""The audit log: its page, the texts in its records, the output of `access verify`."""

from models import AuditEvent

ACCESS_TITLE = 'Журнал доступа'
ACCESS_HINT = 'Кто, когда и откуда искал, открывал и экспортировал сообщения'

AUDIT_EVENTS = {
    AuditEvent.SIGNED_IN: 'Вход',
    AuditEvent.SIGN_IN_FAILED: 'Отказ во входе',
    AuditEvent.SIGNED_OUT: 'Выход',
    AuditEvent.PAGE_FORBIDDEN: 'Отказ в доступе',
    AuditEvent.SEARCHED: 'Поиск',
    AuditEvent.RESULT_COUNT: 'Найдено',
    AuditEvent.DETAILS_VIEWED: 'Открыта запись',
    AuditEvent.EXPORTED: 'Экспорт',
    AuditEvent.USER_CHANGED: 'Изменение пользователя',
    AuditEvent.PATIENTS_ANONYMIZED: 'Обезличивание',
    AuditEvent.DICTIONARY_CHANGED: 'Изменение справочника',
}
ACCESS_AT = 'Дата и время'
ACCESS_USER_NAME = 'Имя пользователя'
ACCESS_CLIENT_ADDRESS = 'Откуда'
ACCESS_EVENT = 'Действие'
ACCESS_SECTION = 'Раздел'
ACCESS_DETAILS = 'Что именно'
ACCESS_RESULT_COUNT = 'Найдено'
ACCESS_PERIOD = 'Дата действия'
ACCESS_SEARCH_TEXT = 'Условия или код'
ACCESS_NUMBER = 'Номер записи'
ACCESS_UTC = 'Время UTC'
ACCESS_SUBJECT = 'О чём'
ACCESS_RESULT_RECORD = 'Число найденного'
ACCESS_IN_RECORD = 'в записи {number}'
ACCESS_HASH = 'Хеш'
ACCESS_PREVIOUS = 'Хеш предыдущей записи'
SHOW_RECORD = 'Показать запись'
HIDE_RECORD = 'Скрыть запись'

# A query in words
ACCESS_CONDITION_USER = 'пользователь {name}…'
ACCESS_CONDITION_ADDRESS = 'адрес {address}…'
ACCESS_CONDITION_TEXT = 'в записи «{words}»'
ACCESS_WHOLE_JOURNAL = 'весь журнал доступа'
ACCESS_RELAX = 'Измените или сотрите условие: {condition}.'
ACCESS_EMPTY = 'В журнале доступа ещё нет записей.'

# The actor where nobody has signed in
ACCESS_UNKNOWN_NAME = 'неизвестное имя'
ACCESS_TERMINAL = 'командная строка'

# Changes of a user
ACCESS_USER_ADDED = 'добавлен, роль {role}'
ACCESS_USER_FIRST = 'добавлен при первом запуске, роль {role}'
ACCESS_USER_FOR_DEMONSTRATION = 'новый пароль для демонстрации, роль {role}'
ACCESS_USER_ROLE = 'новая роль {role}'
ACCESS_USER_BLOCKED = 'заблокирован'
ACCESS_USER_UNBLOCKED = 'разблокирован'
ACCESS_USER_RESET = 'пароль сброшен'
ACCESS_USER_ENDED = 'сеансы завершены'
ACCESS_OWN_PASSWORD = 'сменил свой пароль'
ACCESS_FACTOR_ON = 'включил второй фактор'
ACCESS_FACTOR_OFF = 'выключил второй фактор'

# The output of `access verify`
ACCESS_IS_EMPTY = 'Журнал доступа пуст.'
ACCESS_INTACT = 'Журнал доступа цел. Записей: {count}'
ACCESS_LAST = 'Последняя: {number}:{hash}'
ACCESS_SAVE_HASH = (
    'Запишите номер и хеш в другом месте: с ними следующая проверка (--noted) заметит и переписанный журнал.'
)
ACCESS_TAMPERED = 'Журнал доступа изменён. Нарушений: {count}'
ACCESS_AND_MORE = '… и ещё {count}'
ACCESS_FAULTS = {
    'changed': 'Запись {number}: изменена',
    'missing': 'Перед записью {number}: не хватает записей, начиная с номера {since}',
    'parted': 'Запись {number}: не продолжает предыдущую',
    'cut': 'После записи {number} журнал обрезан: последней была {last}',
    'added': 'После записи {number} журнал дописан в обход программы',
    'other': 'Запись {number}: не та, что была записана отдельно',
}
ACCESS_HASH_INVALID = '«{text}» — нужны номер и хеш через двоеточие, как их печатает access verify.'
