"""Incoming messages: reasons of rejection, the import, problems reported by the API, API tokens."""

from services.texts.documents import DOCUMENT_OPERATIONS, DOCUMENT_STATUSES
from services.texts.messages import KINDS, QUEUED_AT, STATUSES
from services.texts.page_elements import DATABASE_DOWN

REJECTION_REASONS = {
    'missing': '«{field}»: не заполнено',
    'not_uuid': '«{field}»: «{value}» — не UUID, нужен вид c51fca97-3846-45c5-9bc4-090c53980867',
    'not_phone': '«{field}»: «{value}» — не номер телефона, нужен вид +7 (916) 123-45-67',
    'phone_too_short': (
        '«{field}»: «{value}» — слишком короткий номер, нужен вид +7 (916) 123-45-67 или +375 29 123-45-67'
    ),
    'phone_too_long': (
        '«{field}»: «{value}» — слишком длинный номер; номер другой страны пишут с «+»: +375 29 123-45-67'
    ),
    'no_such_phone': '«{field}»: «{value}» — таких номеров не бывает; проверьте код страны и код города или оператора',
    'phone_rounded': (
        '«{field}»: «{value}» — таблица округлила номер, и последние цифры потеряны; '
        'задайте столбцу формат «Текст» и впишите номер заново'
    ),
    'not_time': '«{field}»: «{value}» — нет такой даты и времени, нужен вид 14.10.2021 18:48',
    'not_moment': '«{field}»: «{value}» — нет такого времени, нужен вид 2026-11-22T18:48:00+03:00',
    'year_out_of_range': '«{field}»: «{value}» — год вне пределов 2000–2100',
    'in_future': '«{field}»: «{value}» — больше чем на сутки позже текущего времени',
    'before_queued': f'«{{field}}»: «{{value}}» — раньше, чем «{QUEUED_AT}»',
    'skipped_by_clock': '«{field}»: «{value}» — такого времени не было: в этот час часы перевели вперёд',
    'unknown_kind': f'«{{field}}»: «{{value}}» — нет такого вида, бывает: {", ".join(KINDS.values())}',
    'unknown_status': f'«{{field}}»: «{{value}}» — нет такого статуса, бывает: {", ".join(STATUSES.values())}',
    'unknown_operation': (
        f'«{{field}}»: «{{value}}» — нет такой операции, бывает: {", ".join(DOCUMENT_OPERATIONS.values())}'
    ),
    'unknown_document_status': (
        f'«{{field}}»: «{{value}}» — нет такого статуса, бывает: {", ".join(DOCUMENT_STATUSES.values())}'
    ),
    'not_snils': '«{field}»: «{value}» — не СНИЛС, нужны одиннадцать цифр: 112-233-445 95',
    'wrong_snils': '«{field}»: «{value}» — контрольное число не сходится',
    'not_failed': '«{field}»: заполнено, а бывает только у статуса «Ошибка регистрации»',
    'not_money': '«{field}»: «{value}» — не сумма, нужны рубли и копейки, например 3,10',
    'ambiguous_money': (
        '«{field}»: «{value}» — неясно, где рубли, а где копейки: запишите без разделителя тысяч, например 1234,50'
    ),
    'negative': '«{field}»: «{value}» — сумма меньше нуля',
    'too_much': '«{field}»: «{value}» — сумма слишком велика',
    'not_parts': '«{field}»: «{value}» — не число частей, нужно целое число от 1 до 255',
    'too_long': '«{field}»: слишком длинное значение: «{value}»',
    'unreadable': '«{field}»: есть знаки, которых не бывает в тексте: «{value}»',
    'not_sent': '«{field}»: заполнено, а бывает только у статуса «Отправлено»',
}
"""A sentence for each services.ingest.validation.InvalidValueReason."""

IMPORT_LINE = 'Номер строки'
IMPORT_REASON = 'Причина'
IMPORT_FIELD_COUNT = 'Полей в строке: {found}, а столбцов в заголовке: {expected}'
IMPORT_BROKEN_QUOTES = 'Кавычки в строке расставлены неверно'
IMPORT_ROW_TOO_LONG = 'Строка слишком длинная'
IMPORT_NO_FILE = 'Нет такого файла: {path}'
IMPORT_CANNOT_READ = 'Не удаётся прочитать файл {path}: {cause}'
IMPORT_CANNOT_WRITE = 'Не удаётся записать файл отказов {path}: {cause}. Укажите другое место: --refused'
IMPORT_SAME_FILE = 'Файл отказов {path} — это сам загружаемый файл. Укажите другое место: --refused'
IMPORT_EMPTY = 'Файл пуст: {path}'
IMPORT_UTF16 = 'Файл {path} в кодировке UTF-16. Сохраните его как CSV в UTF-8 или Windows-1251'
IMPORT_NOT_TEXT = 'Файл {path} — не CSV, а двоичный. Сохраните таблицу как CSV в UTF-8 или Windows-1251'
IMPORT_NO_HEADER = 'В первой строке файла {path} нет названий столбцов журнала ({columns}, …)'
IMPORT_MISSING_COLUMNS = 'В файле {path} нет столбцов: {columns}'
IMPORT_UNKNOWN_COLUMNS = 'В файле {path} есть неизвестные столбцы: {columns}'
IMPORT_REPEATED_COLUMNS = 'В файле {path} столбцы повторяются: {columns}'


# The API

API_TITLE = 'Журнал отправленных сообщений: интерфейс для программ'
API_PROBLEMS = {
    'fault': 'Ошибка в программе. Сообщите администратору номер {reference}.',
    'no_token': 'Нужен действующий токен: Authorization: Bearer …. Его выдаёт администратор.',
    'no_key': 'Ключ не подходит: он задан администратором для этого провайдера.',
    'too_often': 'Слишком много запросов: не больше {limit} в минуту. Повторите через {seconds} с.',
    'too_large': 'Слишком большой запрос: не больше {limit} МБ.',
    'batch': 'В одном запросе от 1 до {limit} записей.',
    'not_json': 'Нужен JSON: Content-Type: application/json.',
    'broken_json': 'JSON записан с ошибкой.',
    'not_an_object': 'Запись — это объект JSON с полями.',
    'missing': 'Поле «{field}» не заполнено.',
    'unknown_field': 'Поля «{field}» нет.',
    'wrong_type': 'Поле «{field}»: значение не того типа.',
    'half_a_name': 'Поля provider и provider_id указывают вместе.',
    'provider_id_taken': (
        'Идентификатор «{provider_id}» провайдера {provider} принадлежит другому сообщению. Ничего не изменено.'
    ),
    'foreign': 'Этот токен выдан другой медицинской организации.',
    'no_such_message': 'Такого сообщения в журнале нет.',
    'no_such_document': 'Такого документа в журнале нет.',
    'no_such_address': 'Такого адреса нет.',
    'no_such_method': 'Этот адрес так не вызывают.',
    'refused': 'Запрос не принят.',
    'unavailable': f'{DATABASE_DOWN}. Повторите запрос: повтор ничего не испортит.',
}
"""The problems of a request, for the developers of mailing systems."""

RECEIPT_UNREADABLE = 'Отчёт о доставке не понят: поле «{field}».'

TOKEN_NAME_RULE = 'Имя токена «{name}» не подходит: нужны буквы, цифры и знаки . _ - @, не больше 64.'
TOKEN_EXISTS = 'Токен {name} уже есть.'
TOKEN_UNKNOWN = 'Действующего токена {name} нет.'
TOKEN_NO_ORGANIZATION = 'Организации «{name}» в журнале нет.'
TOKEN_ADDED = 'Токен {name} (покажем только один раз): {token}'
TOKEN_REVOKED = 'Токен {name} больше не действует.'
TOKEN_LINE = '{name}: {organization}, выдан {created}, {state}'
TOKEN_ALL_ORGANIZATIONS = 'все организации'
TOKEN_ACTIVE = 'действует'
TOKEN_REVOKED_AT = 'отозван {revoked}'
NO_TOKENS = 'Токенов ещё нет.'
