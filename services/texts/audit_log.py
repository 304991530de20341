"""The audit log: its page, the texts in its records, the output of `access verify`."""

from models import AuditEvent, ConditionKind
from services.texts.export_and_searches import BY_NAME, BY_PHONE

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
    AuditEvent.REFERENCE_DATA_CHANGED: 'Изменение справочника',
    AuditEvent.ROWS_SHOWN: 'Показаны строки',
    AuditEvent.ROWS_UPDATED: 'Обновлены строки',
    AuditEvent.CALLS_SHOWN: 'Показаны в обзвоне',
    AuditEvent.PERSON_SHOWN: 'Показаны сообщения человеку',
    AuditEvent.CALL_CLAIMED: 'Взят звонок',
    AuditEvent.CALL_RELEASED: 'Звонок отдан',
    AuditEvent.CALL_COMPLETED: 'Звонок завершён',
    AuditEvent.CALL_REOPENED: 'Звонок возвращён',
    AuditEvent.CALL_UNDONE: 'Отметка о звонке отменена',
    AuditEvent.API_READ: 'Чтение программой',
    AuditEvent.API_CORRECTED: 'Исправление программой',
    AuditEvent.LINK_CREATED: 'Создание ссылки',
    AuditEvent.API_TOKEN_CHANGED: 'Изменение токена',
    AuditEvent.WEBHOOK_CHANGED: 'Изменение вебхука',
    AuditEvent.OIDC_SIGN_IN_REFUSED: 'Отказ во входе через ИЭМК',
    AuditEvent.OIDC_SESSIONS_ENDED: 'Завершены сеансы',
    AuditEvent.OIDC_ACCOUNT_CHANGED: 'Права из ИЭМК',
    AuditEvent.DATA_IMPORTED: 'Импорт файла',
    AuditEvent.BALANCE_SET: 'Изменение баланса',
    AuditEvent.DATABASE_COPIED: 'Копия базы',
    AuditEvent.DATABASE_RESTORED: 'Восстановление базы',
    AuditEvent.DATABASE_VERIFIED: 'Проверка базы',
    AuditEvent.SEARCH_SUGGESTED: 'Предложен поиск',
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
ACCESS_SEEN = 'Кто видел: код или телефон'
ACCESS_SEEN_INVALID = 'Введите код сообщения или документа или номер телефона целиком.'
ACCESS_MORE_ROWS = 'и ещё {count}'
ACCESS_OF_SEARCH = 'к поиску {number}'
ACCESS_MAY_CONTAIN = 'большой экспорт, мог содержать: {conditions}'
ACCESS_NUMBER = 'Номер записи'
ACCESS_UTC = 'Время UTC'
ACCESS_SUBJECT = 'О чём'
ACCESS_RESULT_RECORD = 'Число найденного'
ACCESS_IN_RECORD = 'в записи {number}'
ACCESS_HASH = 'Хеш'
ACCESS_PREVIOUS = 'Хеш предыдущей записи'
SHOW_RECORD = 'Показать запись'
HIDE_RECORD = 'Скрыть запись'
RECORD_LABEL = '№ {number}, {name}'

# A query in words
ACCESS_CONDITION_USER = 'пользователь {name}…'
ACCESS_CONDITION_ADDRESS = 'адрес {address}…'
ACCESS_CONDITION_SEEN = 'кто видел «{subject}»'
ACCESS_CONDITION_TEXT = 'в записи «{words}»'
ACCESS_WHOLE_JOURNAL = 'весь журнал доступа'
ACCESS_RELAX = 'Измените или сотрите условие: {condition}.'
ACCESS_EMPTY = 'В журнале доступа ещё нет записей.'

# The conditions of a recorded search
CONDITIONS_WITHOUT_PERSON = {
    ConditionKind.NAME: BY_NAME,
    ConditionKind.PHONE: BY_PHONE,
    ConditionKind.SNILS: 'по СНИЛС',
    ConditionKind.TEXT: 'по тексту',
}
REMOVED_CONDITIONS = {
    ConditionKind.NAME: 'ФИО (удалено)',
    ConditionKind.PHONE: 'телефон (удалён)',
    ConditionKind.SNILS: 'СНИЛС (удалён)',
    ConditionKind.TEXT: 'в записи (удалено)',
}

ACCESS_DESCRIPTIONS_REMOVED = 'удалены описания прежних записей: {count}'

# The actor where nobody has signed in
ACCESS_FAILED_ATTEMPTS = 'попыток: {count}'
ACCESS_MANY_ADDRESSES = 'много адресов'
ACCESS_DATA_KEY_RESET = 'забыл прежний ключ данных; второй фактор убран у пользователей: {count}'
ACCESS_UNKNOWN_NAME = 'неизвестное имя'
ACCESS_TERMINAL = 'командная строка'
ACCESS_TOKEN = 'токен {name}'
ACCESS_CORRECTED = 'заменены телефон, получатель или текст, сообщений: {count}'
ACCESS_PATIENT_CORRECTED = 'заменён пациент, документов: {count}'
ACCESS_READ_BY_CODE = 'по коду {code}'
ACCESS_TERMINAL_USER = '{actor}: {user}'
ACCESS_TERMINAL_LOGIN = '{user} (вход {login})'

# Commands
ACCESS_TOKEN_ADDED = 'создан, организация «{organization}»'
ACCESS_TOKEN_REVOKED = 'отозван'
ACCESS_WEBHOOK_ADDED = 'добавлен, организация «{organization}»'
ACCESS_WEBHOOK_REMOVED = 'удалён'
ACCESS_WEBHOOK_RETRIED = 'снова в очереди {count}'
ACCESS_IMPORTED = 'новых {created}, обновлено {updated}, без изменений {unchanged}, отказано {rejected}'
ACCESS_IMPORT_INTERRUPTED = '{counts}, импорт прерван'
ACCESS_BALANCE_SET = 'баланс {sum}'
ACCESS_COPIED = 'копия {file}'
ACCESS_COPY_CHECKED = '{copied} записана и проверена'
ACCESS_RESTORED = 'из копии {file}'
ACCESS_RESTORED_OVER = '{restored}; журнал доступа прежней базы кончался на {number}:{hash}'
ACCESS_VERIFIED = 'расхождений {count}'

# Changes of a user
ACCESS_OIDC_SOURCE = 'через {label}'
ACCESS_OIDC_ADDED = 'добавлен при первом входе через {label}, роль {role}'
ACCESS_OIDC_ROLE = 'роль {role}'
ACCESS_OIDC_ORGANIZATIONS = 'организаций: {count}'
ACCESS_OIDC_UNKNOWN = 'неизвестных организаций {count}: {names}'
ACCESS_OIDC_NO_ROLE = 'нет подходящей роли'
ACCESS_OIDC_NO_FACTOR = 'без второго фактора'
ACCESS_OIDC_BLOCKED = 'учётная запись заблокирована'
ACCESS_OIDC_ENDED = 'сеансы завершены: {reason}'
ACCESS_OIDC_SIGNED_OUT = 'выход в {label}'
ACCESS_OIDC_REVOKED = 'доступ отозван'
ACCESS_OIDC_OUTAGE = 'роль долго не удавалось проверить'
ACCESS_USER_ADDED = 'добавлен, роль {role}'
ACCESS_USER_FIRST = 'добавлен при первом запуске, роль {role}'
ACCESS_USER_FOR_DEMONSTRATION = 'новый пароль для демонстрации, роль {role}'
ACCESS_USER_ROLE = 'новая роль {role}'
ACCESS_USER_BLOCKED = 'заблокирован'
ACCESS_USER_UNBLOCKED = 'разблокирован'
ACCESS_USER_RESET = 'пароль сброшен'
ACCESS_USER_ENDED = 'сеансы завершены'
ACCESS_USER_BOUND = 'видит данные: {organizations}'
ACCESS_OWN_PASSWORD = 'сменил свой пароль'
ACCESS_FACTOR_ON = 'включил второй фактор'
ACCESS_FACTOR_OFF = 'выключил второй фактор'

# Calls
ACCESS_CALL_MESSAGES = 'сообщений: {count}'
ACCESS_CALL_OUTCOME = 'сообщений: {count}, итог «{outcome}»'
ACCESS_CALL_NOTED = 'сообщений: {count}, итог «{outcome}», с заметкой'
ACCESS_CALL_RETURNS = '{what}, перезвонить {time}'
ACCESS_CALL_REOPENED = 'сообщений: {count}, было: «{outcome}», {by}'

# Changes of the error codes of mobile operators
ACCESS_ERROR_CODE = 'код {code}, оператор {operator}, «{name}», совет «{advice}»'
ACCESS_ERROR_CODE_ADDED = 'добавлено: {new}'
ACCESS_ERROR_CODE_CHANGED = 'было: {old}; стало: {new}'
ACCESS_ERROR_CODE_REMOVED = 'удалено: {old}'

# The output of `access verify`
ACCESS_IS_EMPTY = 'Журнал доступа пуст.'
ACCESS_INTACT = 'Журнал доступа цел. Записей: {count}'
ACCESS_LAST = 'Последняя: {number}:{hash}'
ACCESS_REDACTED = 'Записей, из описания которых удалены данные людей: {count}'
ACCESS_ANCHORED = 'Подписанных отметок: {count}'
ACCESS_NO_KEY = 'Ключа данных нет (JOURNAL_DATA_KEY или файл data.key): подписи и хеши условий не проверены.'
ACCESS_ANCHOR_FILE_INVALID = 'Файл {file} повреждён или подписан другим ключом.'
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
    'shown': 'Запись {number}: показанные строки изменены',
    'seen': 'Таблица «кто видел» изменена: она не соответствует записям',
    'other': 'Запись {number}: не та, что была записана отдельно',
    'unreadable': 'Запись {number}: не читается, в ней значения не того вида',
    'headless': 'Нет строки с номером и хешем последней записи: она удалена. Последняя из оставшихся: {number}',
    'unprotected': 'Защита от изменений снята или подменена: триггер {name}',
    'forged': 'Отметка о записи {number}: подписана не этой программой',
}
ACCESS_HASH_INVALID = '«{text}» — нужны номер и хеш через двоеточие, как их печатает access verify.'
