"""Incoming messages: reasons of rejection, imports, the API and its tokens, receipts and their error codes."""

from services.texts.documents import (
    DOCTOR,
    DOCUMENT_KIND,
    DOCUMENT_OPERATIONS,
    DOCUMENT_STATUS,
    DOCUMENT_STATUSES,
    ERROR_TEXT,
    IDENTIFIER,
    PATIENT,
    REMD_NUMBER,
)
from services.texts.messages import (
    APPOINTMENT,
    ATTEMPTED_AT,
    CHANNEL,
    CODE,
    COST,
    ERROR_CODE,
    ERROR_NAME,
    KIND,
    ORGANIZATION,
    PARTS,
    PHONE,
    PHONE_NOTE,
    QUEUED_AT,
    RECIPIENT,
    SENDER,
    SENT_AT,
    STATUS,
    STATUSES,
    TEXT,
)
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
    'unknown_kind': '«{field}»: «{value}» — нет такого вида, бывает: {choices}',
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
    'not_sms_sender': '«{field}»: «{value}» — не для СМС: нужно до 11 знаков латиницы или номер до 15 цифр',
    'unknown_channel': '«{field}»: «{value}» — нет такого канала, бывает: {choices}',
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
IMPORT_UNCLOSED_QUOTE = (
    '{path}: в строке {line} не закрыта кавычка, и дальше строк таблицы не найти. Исправьте файл и загрузите его снова.'
)
IMPORT_NO_FILE = 'Нет такого файла: {path}'
IMPORT_CANNOT_READ = 'Не удаётся прочитать файл {path}: {cause}'
IMPORT_CANNOT_WRITE = 'Не удаётся записать файл отказов {path}: {cause}. Укажите другое место: --refused'
IMPORT_SAME_FILE = 'Файл отказов {path} — это сам загружаемый файл. Укажите другое место: --refused'
IMPORT_EMPTY = 'Файл пуст: {path}'
IMPORT_NOT_TEXT = 'Файл {path} — не таблица: загружаются .xlsx, .ods и CSV'
IMPORT_BROKEN_WORKBOOK = 'Книга {path} повреждена или это не .xlsx, .xls и не .ods. Сохраните её как .xlsx или CSV'
IMPORT_WORKBOOK_LOCKED = 'Книга {path} с паролем. Сохраните её без пароля или как CSV'
IMPORT_WORKBOOK_TOO_LARGE = 'Книга {path} слишком велика. Сохраните её как CSV'
IMPORT_MANY_SHEETS = 'В книге {path} несколько листов с сообщениями: {sheets}. Оставьте один или скройте остальные'
IMPORT_BROKEN_ARCHIVE = 'Архив {path} повреждён или обрывается'
IMPORT_ARCHIVE_FILES = 'В архиве {path} файлов: {count}, а нужен один'
IMPORT_ARCHIVE_LOCKED = 'Архив {path} с паролем или сжат необычным способом. Распакуйте файл и загрузите его'
IMPORT_ARCHIVE_BOMB = 'Архив {path} раскрывается больше чем в {ratio} раз. Если он ваш, распакуйте файл и загрузите его'
IMPORT_ZIP_FROM_PIPE = (
    'Архив .zip и книга Excel не читаются со стандартного ввода. Укажите файл или распакуйте архив: '
    'unzip -p архив.zip | python main.py import -'
)
IMPORT_UNKNOWN_ENCODING = (
    'Кодировку файла {path} определить не удалось: названий столбцов журнала ({columns}, …) нет ни в UTF-8, '
    'ни в Windows-1251, ни в CP866. Укажите кодировку: --encoding'
)
IMPORT_NO_HEADER = 'В первых строках файла {path} нет названий столбцов журнала ({columns}, …)'
IMPORT_MISSING_COLUMNS = 'В файле {path} нет столбцов: {columns}'
IMPORT_UNKNOWN_COLUMNS = '. Есть неизвестные: {columns}. Если столбец называется иначе, задайте соответствие: --columns'
IMPORT_UNTITLED = 'без названия'
IMPORT_MAPPING_INVALID = 'Файл соответствий {path} — не TOML: нужны строки вида "Абонент" = "Номер телефона"'
IMPORT_MAPPING_UNKNOWN = 'Файл соответствий {path}: столбца «{column}» в журнале нет, бывает: {columns}'
IMPORT_REPEATED_COLUMNS = 'В файле {path} столбцы повторяются: {columns}'

OTHER_COLUMN_TITLES = {
    CODE: ('Код сообщения', 'ID сообщения', 'Идентификатор', 'Идентификатор сообщения', 'UUID', 'GUID'),
    RECIPIENT: ('ФИО', 'Ф.И.О.', 'Получатель', 'Пациент', 'ФИО пациента'),
    PHONE: ('Телефон', 'Тел.', 'Мобильный телефон', 'Телефон получателя', 'Абонент', 'MSISDN'),
    APPOINTMENT: ('Дата записи', 'Запись', 'Дата приёма', 'Дата и время приёма'),
    ORGANIZATION: ('МО', 'Организация', 'Медицинская организация', 'Наименование организации', 'Учреждение'),
    KIND: ('Вид', 'Тип', 'Тип сообщения', 'Вид СМС'),
    SENT_AT: ('Дата отправки', 'Дата отправки СМС', 'Дата и время отправки', 'Время отправки'),
    STATUS: ('Статус', 'Статус СМС', 'Статус отправки', 'Статус сообщения'),
    COST: ('Стоимость', 'Стоимость СМС', 'Стоимость, руб.'),
    TEXT: ('Текст', 'Текст СМС', 'Сообщение'),
    ERROR_CODE: ('Код ошибки отправки',),
    ERROR_NAME: ('Текст ошибки', 'Описание ошибки', 'Наименование ошибки', 'Причина ошибки'),
    QUEUED_AT: ('Дата создания', 'Создано', 'В очереди с'),
    ATTEMPTED_AT: ('Дата попытки', 'Дата попытки отправки', 'Попытка отправки'),
    PHONE_NOTE: ('Добавочный', 'Добавочный номер', 'Другие номера'),
    PARTS: ('Число частей', 'Количество частей', 'Сегментов'),
    SENDER: ('Имя отправителя', 'Подпись отправителя', 'Подпись', 'Альфа-имя', 'Sender ID'),
    CHANNEL: ('Канал отправки', 'Канал доставки', 'Канал связи', 'Канал сообщения', 'Тип канала'),
    IDENTIFIER: ('Идентификатор документа', 'ID документа', 'UUID', 'GUID'),
    PATIENT: ('ФИО', 'Ф.И.О.', 'Пациент'),
    DOCUMENT_KIND: ('Вид', 'Тип документа'),
    DOCUMENT_STATUS: ('Статус документа', 'Статус регистрации'),
    REMD_NUMBER: ('Номер РЭМД', 'Рег. номер РЭМД'),
    DOCTOR: ('ФИО врача',),
    ERROR_TEXT: ('Ошибка', 'Описание ошибки'),
}
"""Titles by column; those of messages and of documents are compared separately."""


# The API

API_TITLE = 'Журнал отправленных сообщений: интерфейс для программ'
ID_TAKEN = 'Этим кодом провайдер уже называет другое сообщение. Ничего не изменено.'
API_PROBLEMS = {
    'fault': 'Ошибка в программе. Сообщите администратору номер {reference}.',
    'no_token': 'Нужен действующий токен: Authorization: Bearer …. Его выдаёт администратор.',
    'no_key': 'Ключ не подходит: он задан администратором для этого провайдера.',
    'too_often': 'Слишком много запросов: не больше {limit} в минуту. Повторите через {seconds} с.',
    'bad_key': 'Idempotency-Key — от 1 до {limit} знаков ASCII.',
    'key_reused': 'С этим Idempotency-Key уже был другой запрос. Для нового запроса нужен новый ключ.',
    'key_in_use': 'Запрос с этим Idempotency-Key ещё выполняется. Повторите позже.',
    'too_large': 'Слишком большой запрос: не больше {limit} МБ.',
    'batch': 'В одном запросе от 1 до {limit} записей.',
    'not_json': 'Нужен JSON: Content-Type: application/json.',
    'unknown_encoding': 'Сжатие тела запроса не поддерживается: бывает только Content-Encoding: gzip.',
    'broken_gzip': 'Тело запроса сжато с ошибкой или оборвано: нужен один поток gzip.',
    'broken_json': 'JSON записан с ошибкой.',
    'not_unicode': 'JSON записан не в UTF-8.',
    'cut_json': 'JSON оборван: тело запроса кончилось раньше, чем запись.',
    'item_too_large': 'Слишком большая запись.',
    'not_an_object': 'Запись — это объект JSON с полями.',
    'missing': 'Поле «{field}» не заполнено.',
    'unknown_field': 'Поля «{field}» нет.',
    'doubled_field': 'Поле «{field}» указано дважды.',
    'unreadable': 'Поле «{field}»: половина суррогатной пары, а не знак.',
    'wrong_type': 'Поле «{field}»: значение не того типа.',
    'half_a_name': 'Поля provider и provider_id указывают вместе.',
    'provider_id_taken': (
        'Идентификатор «{provider_id}» провайдера {provider} принадлежит другому сообщению. Ничего не изменено.'
    ),
    'conflict': (
        'Сообщение с этим id уже есть, и поле «{field}» в нём другое. Ничего не изменено. Чтобы исправить его, '
        'добавьте "replace": true; новому сообщению нужен свой id.'
    ),
    'other_patient': (
        'Документ с этим id уже есть, и пациент в нём другой: СНИЛС или, без него, ФИО. Ничего не изменено. '
        'Чтобы исправить его, добавьте "replace": true; новому документу нужен свой id.'
    ),
    'not_waiting': 'Сообщение уже не ждёт отправки, отозвать его нельзя. Ничего не изменено.',
    'foreign': 'Этот токен выдан другой медицинской организации.',
    'no_such_message': 'Такого сообщения в журнале нет.',
    'no_such_document': 'Такого документа в журнале нет.',
    'no_such_address': 'Такого адреса нет.',
    'no_such_method': 'Этот адрес так не вызывают.',
    'refused': 'Запрос не принят.',
    'person_in_url': (
        'ФИО и телефон не передают в адресе запроса: их ищут запросом POST /api/v1/messages/search с телом JSON.'
    ),
    'wrong_cursor': 'Курсор не подходит: передайте next_cursor прошлого ответа этого же запроса, без изменений.',
    'changes_not_kept': (
        'Изменений после этого курсора журнал уже не хранит. Возьмите новый курсор и прочитайте сообщения заново.'
    ),
    'too_slow': 'Поиск занял слишком много времени. Сузьте период или добавьте условия.',
    'unavailable': f'{DATABASE_DOWN}. Повторите запрос: повтор ничего не испортит.',
}
"""The problems of a request, for the developers of mailing systems."""
API_WRONG_VALUES = {
    'date_parsing': 'Поле «{field}»: нужна дата, как 2026-11-22.',
    'date_from_datetime_parsing': 'Поле «{field}»: нужна дата, как 2026-11-22.',
    'date_from_datetime_inexact': 'Поле «{field}»: нужна дата без времени, как 2026-11-22.',
    'literal_error': 'Поле «{field}»: нужно одно из значений {expected}.',
    'greater_than_equal': 'Поле «{field}»: не меньше {ge}.',
    'less_than_equal': 'Поле «{field}»: не больше {le}.',
    'int_parsing': 'Поле «{field}»: нужно целое число.',
    'too_long': 'Поле «{field}»: не больше {max_length} значений.',
}
"""Sentences about values of the wrong type, by pydantic's type of the error; others have `wrong_type`."""
API_UNKNOWN_NAMES = {
    'organizations': 'Организации «{name}» в журнале нет.',
    'kinds': 'Вида сообщений «{name}» в справочнике нет.',
}
API_ID_ALONE = 'Поле id ищет одно сообщение, его передают без других условий.'
API_NOT_AN_ID = 'Поле id: нужен код сообщения или его первые восемь знаков.'
API_ERROR_TEXT_IN_URL = (
    'В адресе передают только коды ошибок: название ошибки ищут запросом POST /api/v1/messages/search.'
)
API_NO_NAME = 'Поле name: нет ни одной буквы или цифры.'
API_NO_PHONE = 'Поле phone: нет ни одной цифры.'
API_CHANGES_READ = 'изменения сообщений'

RECEIPT_UNREADABLE = 'Отчёт о доставке не понят: поле «{field}».'


# The error codes of mobile operators, and receipts without a message

ERROR_CODES_TITLE = 'Коды ошибок'
ERROR_CODES_HINT = 'Что значат коды операторов связи, и отчёты провайдеров без сообщения'
OPERATOR_CODES_TITLE = 'Коды операторов связи'
OPERATOR_CODES_ABOUT = (
    'Оператор связи нумерует причины отказа по-своему. Здесь записано, что значат коды, которые шлюз Kannel передаёт '
    'от операторов (err:…). Коды самих провайдеров журнал знает.'
)
ERROR_CODE_FIELDS = {
    'operator': 'Оператор (smsc-id шлюза)',
    'code': 'Код ошибки',
    'name': 'Что значит',
    'advice': 'Что делать',
}
ERROR_CODE_ANY_OPERATOR = 'любой'
ERROR_CODE_ADD = 'Добавить код'
ERROR_CODE_ADD_SUBMIT = 'Добавить'
ERROR_CODE_CHANGE = 'Изменить код'
ERROR_CODE_CHANGE_SUBMIT = 'Сохранить'
ERROR_CODE_REMOVE = 'Удалить код'
ERROR_CODE_REMOVE_CONFIRM = 'Сообщения с кодом {code} снова будут без этого объяснения.'
ERROR_CODE_ACTIONS = 'Действия'
ERROR_CODE_ACTIONS_OF = 'Действия: код {code}'
OPERATOR_CODES_EMPTY = 'Кодов ещё нет. Их список есть у оператора связи.'
ERROR_CODE_DONE = {
    'add': 'Код {code} добавлен.',
    'change': 'Код {code} изменён.',
    'remove': 'Код {code} удалён.',
}
ERROR_CODE_EXISTS = 'Код {code} у этого оператора уже есть.'
ERROR_CODE_GONE = 'Этого кода больше нет. Обновите страницу.'
ERROR_CODE_FIELD_EMPTY = 'Заполните поле «{field}».'
ERROR_CODE_FIELD_TOO_LONG = 'В поле «{field}» не больше {limit} знаков.'
ERROR_CODE_FIELD_UNREADABLE = 'В поле «{field}» есть знаки, которых не бывает в тексте.'

UNMATCHED_TITLE = 'Отчёты без сообщения'
UNMATCHED_ABOUT = (
    'Провайдер отчитался о сообщении, которого в журнале ещё нет. Отчёт применится, когда сообщение придёт. Если '
    'список растёт, рассылка не называет журналу номеров, которые сообщениям дал провайдер.'
)
UNMATCHED_COLUMNS = ('Провайдер', 'Номер у провайдера', 'Код статуса', 'Код ошибки', 'Время')
UNMATCHED_NONE = 'Таких отчётов нет.'
UNMATCHED_SHOWN = 'Показаны последние {shown} из {total}.'

RECEIPT_FEEDS_TITLE = 'Отчёты провайдеров'
RECEIPT_FEEDS_ABOUT = (
    'Если последний отчёт пришёл давно, а сообщения отправляются, проверьте адрес отчётов у провайдера.'
)
RECEIPT_FEEDS_COLUMNS = ('Провайдер', 'Последний отчёт', 'Ждут сообщения', 'Самый старый из ждущих')
RECEIPT_FEEDS_NONE = 'Отчётов нет: ключи провайдеров задаёт настройка JOURNAL_RECEIPT_KEYS.'
RECEIPT_FEED_UNKNOWN = 'давно или никогда'

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
