"""Every Russian word of the program.

They live here and not in journal_ui because a refused line of an import, a query's own sentence and, later, the
record of who looked at what are worded where they arise.
"""

from models import MessageKind, MessageStatus

JOURNAL_TITLE = 'Журнал отправленных сообщений'
SECTION_TITLE = 'Рассылка уведомлений'
EXCHANGE_TITLE = 'Журнал ИЭМК'

KINDS = {
    MessageKind.REMINDER: 'Напоминание',
    MessageKind.ATTACHMENT: 'Прикрепление',
    MessageKind.DAY_HOSPITAL: 'Напоминание ДС',
    MessageKind.VACCINATION: 'Вакцинация COVID-19',
}
"""In the order of the manual's dictionary (spec S6)."""

STATUSES = {
    MessageStatus.WAITING: 'Ожидает отправки',
    MessageStatus.SENT: 'Отправлено',
    MessageStatus.FAILED: 'Ошибка отправки',
}
"""In the order of the manual's check boxes (spec S9)."""

CODE = 'Код'
RECIPIENT = 'ФИО получателя'
PHONE = 'Номер телефона'
APPOINTMENT = 'Дата и время записи'
ORGANIZATION = 'Наименование МО'
KIND = 'Вид сообщения'
SENT_AT = 'Дата и время отправки СМС'
STATUS = 'Статус отправки СМС'
COST = 'Стоимость СМС, руб'
TEXT = 'Текст сообщения'
ERROR_CODE = 'Код ошибки'
ERROR_NAME = 'Ошибка'
QUEUED_AT = 'Дата и время создания'

PERIOD = 'Дата отправки сообщения'
PERIOD_SINCE = 'с'
PERIOD_UNTIL = 'по'
ORGANIZATION_FILTER = 'Медицинская организация'

# A query in words
WHOLE_JOURNAL = 'весь журнал'
SAID_NAME = 'ФИО «{name}»'
SAID_PHONE = 'телефон {phone}'
SAID_DIGITS = 'в номере телефона {digits}'
SAID_ORGANIZATION = 'МО {name}'
SAID_OR = ' или '
PERIOD_REVERSED = 'Дата «с» позже даты «по». Поменяйте их местами.'
YEAR_OUT_OF_RANGE = 'Укажите год от {first} до {last}.'
LOOSEN = {
    'phone': 'Оставьте меньше цифр или сотрите номер: сейчас в условиях {condition}.',
    'name': 'Оставьте часть имени, например первые буквы фамилии: сейчас в условиях {condition}.',
    'statuses': 'Снимите отметку статуса: сейчас в условиях {condition}.',
    'kind': 'Сотрите вид сообщения: сейчас в условиях {condition}.',
    'organization': 'Сотрите медицинскую организацию: сейчас в условиях {condition}.',
    'period': 'Раздвиньте даты: сейчас в условиях {condition}.',
}
LOOSEN_ONLY = 'Измените условие: {condition}.'
JOURNAL_EMPTY = 'В журнале ещё нет сообщений.'

# --- Messages coming in, and why one is refused ---

MESSAGE_FIELDS = {
    'id': CODE,
    'recipient_name': RECIPIENT,
    'phone': PHONE,
    'appointment_at': APPOINTMENT,
    'organization': ORGANIZATION,
    'kind': KIND,
    'sent_at': SENT_AT,
    'status': STATUS,
    'cost': COST,
    'text': TEXT,
    'error_code': ERROR_CODE,
    'error_name': ERROR_NAME,
    'queued_at': QUEUED_AT,
    'attempted_at': 'Дата и время попытки отправки',
}
"""How each field of services.feed.refused.MessageField is called in a file and in a sentence."""

REFUSALS = {
    'missing': '«{field}»: не заполнено',
    'not_uuid': '«{field}»: «{value}» — не UUID, нужен вид c51fca97-3846-45c5-9bc4-090c53980867',
    'not_phone': '«{field}»: «{value}» — не номер телефона, нужен вид +7 (916) 123-45-67',
    'not_time': '«{field}»: «{value}» — нет такой даты и времени, нужен вид 14.10.2021 18:48',
    'not_moment': '«{field}»: «{value}» — нет такого времени, нужен вид 2026-11-22T18:48:00+03:00',
    'year_out_of_range': '«{field}»: «{value}» — год вне пределов 2000–2100',
    'skipped_by_clock': '«{field}»: «{value}» — такого времени не было: в этот час часы перевели вперёд',
    'unknown_kind': f'«{{field}}»: «{{value}}» — нет такого вида, бывает: {", ".join(KINDS.values())}',
    'unknown_status': f'«{{field}}»: «{{value}}» — нет такого статуса, бывает: {", ".join(STATUSES.values())}',
    'not_money': '«{field}»: «{value}» — не сумма, нужны рубли и копейки, например 3,10',
    'negative': '«{field}»: «{value}» — сумма меньше нуля',
    'fraction_of_kopeck': '«{field}»: «{value}» — больше двух знаков после запятой',
    'too_much': '«{field}»: «{value}» — сумма слишком велика',
    'too_long': '«{field}»: слишком длинное значение: «{value}»',
    'unreadable': '«{field}»: есть знаки, которых не бывает в тексте: «{value}»',
    'not_sent': '«{field}»: заполнено, а бывает только у статуса «Отправлено»',
}
"""A sentence for each services.feed.refused.RefusalReason."""

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
IMPORT_NO_HEADER = 'В первой строке файла {path} нет названий столбцов журнала («Код», «ФИО получателя», …)'
IMPORT_MISSING_COLUMNS = 'В файле {path} нет столбцов: {columns}'
IMPORT_UNKNOWN_COLUMNS = 'В файле {path} есть неизвестные столбцы: {columns}'
IMPORT_REPEATED_COLUMNS = 'В файле {path} столбцы повторяются: {columns}'


# --- The interface for programs ---

API_TITLE = 'Журнал отправленных сообщений: интерфейс для программ'
API_PROBLEMS = {
    'no_token': 'Нужен действующий токен: Authorization: Bearer …. Его выдаёт администратор.',
    'no_key': 'Ключ не подходит: он задан администратором для этого провайдера.',
    'too_often': 'Слишком много запросов: не больше {limit} в минуту. Повторите через {seconds} с.',
    'too_large': 'Слишком большой запрос: не больше {limit} МБ.',
    'batch': 'В одном запросе от 1 до {limit} сообщений.',
    'not_json': 'Нужен JSON: Content-Type: application/json.',
    'broken_json': 'JSON записан с ошибкой.',
    'not_an_object': 'Сообщение — это объект JSON с полями.',
    'missing': 'Поле «{field}» не заполнено.',
    'unknown_field': 'Поля «{field}» в сообщении нет.',
    'wrong_type': 'Поле «{field}»: значение не того типа.',
    'half_a_name': 'Поля provider и provider_id указывают вместе.',
    'foreign': 'Этот токен выдан другой медицинской организации.',
    'no_such_message': 'Такого сообщения в журнале нет.',
    'no_such_address': 'Такого адреса нет.',
    'no_such_method': 'Этот адрес так не вызывают.',
    'refused': 'Запрос не принят.',
    'unavailable': 'База данных не отвечает. Повторите запрос: повтор ничего не испортит.',
}
"""What is wrong with a request, for whoever writes the mailing system."""

RECEIPT_UNREADABLE = 'Отчёт о доставке не понят: поле «{field}».'

TOKEN_NAME_RULE = 'Имя токена «{name}» не подходит: нужны буквы, цифры и знаки . _ - @, не больше 64.'
TOKEN_TAKEN = 'Токен {name} уже есть.'
TOKEN_UNKNOWN = 'Действующего токена {name} нет.'
TOKEN_NO_ORGANIZATION = 'Организации «{name}» в журнале нет.'
TOKEN_ADDED = 'Токен {name} (покажем только один раз): {token}'
TOKEN_REVOKED = 'Токен {name} больше не действует.'
TOKEN_LINE = '{name}: {organization}, выдан {created}, {state}'
TOKEN_ALL_ORGANIZATIONS = 'все организации'
TOKEN_WORKS = 'действует'
TOKEN_ENDED = 'отозван {revoked}'
NO_TOKENS = 'Токенов ещё нет.'

# --- Demonstration data ---

DEMO_TEXTS = {
    MessageKind.REMINDER: (
        '{given}, ждём Вас {day} в {time}. {organization}. Отмена: 122',
        '{given}, напоминаем о записи к врачу {day} в {time}. {organization}. Тел. 122',
    ),
    MessageKind.ATTACHMENT: (
        '{given}, Вы прикреплены к {organization}. Запись: zdrav.mosreg.ru или 122',
        '{given}, заявление о прикреплении рассмотрено. {organization}. Тел. 122',
    ),
    MessageKind.DAY_HOSPITAL: (
        '{given}, дневной стационар ждёт Вас {day} в {time}. {organization}. Возьмите паспорт и полис',
    ),
    MessageKind.VACCINATION: (
        'Важно! 2 этап вакцинации {day}! zdrav.mosreg.ru или звоните 122',
        '{given}, вакцинация от COVID-19 {day} в {time}. {organization}. Тел. 122',
    ),
}
"""What a message of each kind says."""
DEMO_NAME = 'Семёнова Алёна Петровна'
DEMO_ORGANIZATION = 'ГБУЗ МО «Балашихинская областная больница»'
DEMO_TEXT = 'Важно! 2 этап вакцинации 14.10.2021! zdrav.mosreg.ru или звоните 122'

# --- What stands on the screen: panel, paging bar, list, frame ---

FIND = 'Найти'
CANCEL = 'Отменить'
CLEAR = 'очистить'
SEARCH_CONDITIONS = 'Условия поиска'
FOLD_PANEL = 'Свернуть условия'
UNFOLD_PANEL = 'Изменить'
CALENDAR = 'Календарь'
DAY_PLACEHOLDER = 'дд.мм.гггг'
DAY_UNREADABLE = 'Дата не распознана. Введите день, месяц и год: 22.11.2026.'
YEAR_UNREADABLE = 'Год — четыре цифры, например 22.11.2026.'
NO_SUCH_DAY = 'Такой даты нет: {day}.'
NO_SUCH_ENTRY = 'Ничего не найдено'

PAGES = 'Страницы'
PAGE_SIZE = 'Строк на странице'
FIRST_PAGE = 'Первая страница'
PREVIOUS_PAGE = 'Предыдущая страница'
PAGE_NUMBER = 'Номер страницы'
NEXT_PAGE = 'Следующая страница'
LAST_PAGE = 'Последняя страница'
OF = 'из'
OF_ALL = 'из'
FOUND_SUM = 'на сумму {sum}'

NO_DATA = 'Нет данных для отображения'
NO_DATA_NEXT = 'Заполните то, что известно, и нажмите «Найти».'
NOTHING_FOUND = 'Ничего не найдено'
TOO_LONG = 'Поиск занял слишком много времени'
TOO_LONG_NEXT = 'Уточните условия: сузьте даты, выберите организацию или добавьте букв к имени.'
UNAVAILABLE = 'База данных не отвечает'
UNAVAILABLE_NEXT = 'Условия поиска сохранены. Подождите немного и нажмите «Найти» ещё раз.'
DETAILS_UNAVAILABLE = 'Подробности не получены: база данных не отвечает. Попробуйте ещё раз чуть позже.'
DETAILS_GONE = 'Этой записи больше нет. Нажмите «Найти», чтобы обновить список.'
DETAILS = 'Подробности'
CODE_COPIED = 'Код скопирован'
SHOW_MESSAGE = 'Показать сообщение'
HIDE_MESSAGE = 'Скрыть сообщение'
NO_ERROR = 'Нет'
ADVICE = 'Что делать'
HISTORY = 'История'
STEPS = {
    MessageStatus.WAITING: 'Поставлено в очередь',
    MessageStatus.SENT: 'Отправлено',
    MessageStatus.FAILED: 'Ошибка отправки',
}
"""What happened to a message, where no provider has words of its own for it."""
STEP_UNKNOWN = 'Неизвестный код провайдера: {code}'
NEW_ROWS = 'Новых: {count}'
GRID = {
    'ariaSortableColumn': 'Enter — сортировать',
    'ariaLabelColumnMenu': 'Меню столбца',
    'ariaLabelCellEditor': 'Ячейка',
    'ariaLabelTooltip': 'Подсказка',
    'noRowsToShow': NO_DATA,
    'loadingOoo': 'Загрузка…',
}

SENT_SUM = 'Отправлено сообщений на сумму: {sum}'
SENT_SUM_UNKNOWN = 'Отправлено сообщений на сумму: нет данных'
BALANCE = 'Баланс: {sum}'
BALANCE_UNKNOWN = 'Баланс: нет данных'
BALANCE_OLD = 'Баланс: нет данных, последний известный {sum} ({time})'

SYSTEM = 'Информационная система'
HOME_TITLE = 'Главная страница'
SIGN_IN_TITLE = 'Вход в систему'
USER_NAME = 'Имя пользователя'
PASSWORD = 'Пароль'
SIGN_IN = 'Войти'
SIGN_IN_REFUSED = 'Неверное имя пользователя или пароль.'
SIGN_OUT = 'Выйти'
MENU = 'Меню'
MENU_NAME = 'Разделы'
TO_LIGHT = 'Светлое оформление'
TO_DARK = 'Тёмное оформление'
SECTION_HINT = 'Найти отправленное сообщение, узнать, дошло ли оно и почему нет'
EXCHANGE_HINT = 'Обмен медицинскими документами с региональной картой'
NO_SECTIONS = 'Для вашей роли здесь пока нет разделов'
NO_SECTIONS_NEXT = 'Журналы открыты ролям Admin и WebAdmin. Если они нужны вам в работе, обратитесь к администратору.'
PREPARING = 'Раздел готовится'
PREPARING_NEXT = (
    'Здесь появится журнал обмена медицинскими документами. Пока его нет, остальные разделы работают как обычно.'
)
NOT_FOUND_TITLE = 'Страница не найдена'
NOT_FOUND_NEXT = 'Такого адреса нет. Возможно, ссылка устарела или в ней опечатка.'
FORBIDDEN_TITLE = 'Нет доступа'
FORBIDDEN_NEXT = (
    'Этот раздел открыт ролям Admin и WebAdmin, у вас роль {role}. Если он нужен вам в работе, обратитесь к '
    'администратору.'
)
FAULT_TITLE = 'Что-то пошло не так'
FAULT_NEXT = (
    'Страница не открылась из-за ошибки в программе. Попробуйте ещё раз; если повторится, сообщите '
    'администратору номер {reference}.'
)
FAULT_NOTICE = (
    'Действие не выполнено из-за ошибки в программе. Если повторится, сообщите администратору номер {reference}.'
)
TO_HOME = 'На главную страницу'
CLOSE = 'Закрыть'
SIGN_IN_UNAVAILABLE = 'База данных не отвечает. Подождите немного и попробуйте ещё раз.'
FAULT_AGAIN = 'Условия поиска сохранены. Нажмите «Найти» ещё раз.'

# --- Starting the program, its settings, its command line, its guard ---

BALANCE_NOT_AN_AMOUNT = 'Баланс не изменён: «{text}» — не сумма в рублях. Пример: 1234.56'
SETTING_UNKNOWN = '{name}: нет такой настройки.'
SETTING_CLOSE = ' Возможно, имелась в виду {name}.'
SETTING_NOT_WHOLE = '«{value}» — нужно целое число.'
SETTING_NOT_BOOL = '«{value}» — нужно true или false.'
SETTING_TOO_SMALL = '{value} — нужно не меньше {ge}.'
SETTING_TOO_LARGE = '{value} — нужно не больше {le}.'
SETTING_EMPTY = 'не заполнено.'
SETTING_NO_ZONE = '«{value}» — нет такого часового пояса. Пример: Europe/Moscow.'
SETTING_NO_DATABASE = 'нужен адрес вида sqlite:///путь или postgresql://имя:пароль@узел/база.'
SETTING_NO_FILE = 'у SQLite нужен путь к файлу, например sqlite:///data/journal.sqlite3.'
USAGE_UNKNOWN = '{what}: нет такого параметра. Список: python main.py --help'
USAGE_NO_VALUE = '{what}: не указано значение.'
USAGE_SWITCH = '{what}: этот параметр пишется без значения.'
USAGE_NO_COMMAND = '{what}: нет такой команды. Есть: {known}.'
USAGE_COMMANDS = 'Команды (после параметров):'
USAGE_MISSING = 'Не хватает: {what}. Справка: --help после команды.'
USAGE_OTHER = 'Команда написана неверно: {what}'
SETTING_UNREADABLE_FILE = '{path}: файл не читается. Нужен текст в UTF-8.'
PASSWORD_LENGTH = 'Нужен пароль длиной от {shortest} до {longest} знаков.'
ACCOUNT_NAME_RULE = 'Имя пользователя «{name}» не подходит: нужны буквы, цифры и знаки . _ - @, не больше {longest}.'
ACCOUNT_NAME_TAKEN = 'Пользователь {name} уже есть.'
ACCOUNT_NO_ROLE = '«{role}» — нет такой роли. Есть: {known}.'
SIGN_IN_FIRST = 'Сначала войдите в систему.'
FOREIGN_FORM = 'Запрос пришёл не со страницы этой программы.'
SETTING_OTHER_ZONE = 'эта база считает дни по поясу {kept}, другой к ней не подходит.'
SETTING_NO_ADDRESS = '«{value}» — у этого компьютера нет такого адреса.'
PORT_BUSY = 'порт {port} занят другой программой. Выберите другой.'
PORT_FORBIDDEN = 'порт {port} нельзя занять без прав администратора. Выберите порт больше 1023.'
INTERRUPTED = 'Прервано.'
DATABASE_NEWER = 'База данных сделана более новой версией программы. Обновите программу.'
DATABASE_UNAVAILABLE = 'База данных (JOURNAL_DATABASE_URL) недоступна: {cause}'
GREETING = 'Журнал открыт: {address}'
GREETING_SIGN_IN = 'Имя пользователя: {user}\nПароль: {password}'
GREETING_ONCE = 'Пароль показан один раз и нигде не записан. Сохраните его.'
GREETING_PASSING = 'Это показ на выдуманных данных: пароль меняется при каждом запуске.'
GREETING_KNOWN = 'Пароль admin показан при первом запуске. Ещё один вход: python main.py user add ИМЯ --role Admin'
GREETING_STOP = 'Остановить: Ctrl+C'
BALANCE_SET = 'Баланс: {sum}'
ACCOUNT_ADDED = 'Добавлен пользователь {name}, роль {role}.'
PASSWORD_ASKED = 'Пароль: '
PASSWORD_AGAIN = 'Пароль ещё раз: '
PASSWORDS_DIFFER = 'Пароли не совпали. Пользователь не добавлен.'
PASSWORD_NOWHERE = 'Пароль взять неоткуда. Подайте его на вход: --password-stdin'
DEMO_NOT_EMPTY = 'В журнале {database} уже есть сообщения. Выдуманные к ним не добавлены.'
DEMO_FILLED = 'Добавлено выдуманных сообщений: {count}. База: {database}'
DEMO_PROGRESS = 'Выдумываем сообщения'
MIGRATION_PROGRESS = 'Готовим базу данных'
IMPORT_PROGRESS = 'Загрузка'
IMPORT_ACCEPTED = 'Принято сообщений: {count}'
IMPORT_NOTHING_NEW = 'Ничего не изменилось: все они уже были в журнале.'
IMPORT_PARTS = 'Из них новых: {created}, обновлено: {updated}, без изменений: {unchanged}'
IMPORT_REFUSED = 'Отказано: {count}'
IMPORT_REFUSED_FILE = 'Строки с отказами и причинами: {path}'
