"""Elements of the pages: filter panel, paging bar, list, footer, menu, sign-in, help, errors."""

from models import MessageStatus

FIND = 'Найти'
CANCEL = 'Отмена'
CLEAR = 'очистить'
SEARCH_CONDITIONS = 'Условия поиска'
COLLAPSE_PANEL = 'Свернуть условия'
EXPAND_PANEL = 'Изменить'
CALENDAR = 'Календарь'
DAY_PLACEHOLDER = 'дд.мм.гггг'
DAY_UNREADABLE = 'Дата не распознана. Введите день и месяц: 22.11, или с годом: 22.11.2026.'
YEAR_UNREADABLE = 'Год — две или четыре цифры, например 22.11.2026.'
TODAY = 'Сегодня'
YESTERDAY = 'Вчера'
DAY_BEFORE_YESTERDAY = 'Позавчера'
SEVEN_DAYS = '7 дней'
THIS_MONTH = 'Этот месяц'
PREVIOUS_MONTH = 'Прошлый месяц'
ALL_TIME = 'Всё время'
QUICK_PERIODS = 'Готовые периоды'
NO_SUCH_DAY = 'Такой даты нет: {day}.'
NO_MATCHES = 'Ничего не найдено'
OPTIONS_UNAVAILABLE = 'Список не загрузился. Попробуйте ещё раз чуть позже.'
SELECTED_OPTION = '✓ {option}'
SEVERAL_VALUES = 'Выбрано {count}: {names}'
REMEMBERED_VALUES = 'Мои организации: {count}'
REMEMBER_VALUES = 'Запомнить выбранные как мои: {count}'
VALUES_REMEMBERED = 'Запомнено как мои организации'

PAGES = 'Страницы'
PAGE_SIZE = 'Строк на странице'
FIRST_PAGE = 'Первая страница'
PREVIOUS_PAGE = 'Предыдущая страница'
PAGE_NUMBER = 'Номер страницы'
NEXT_PAGE = 'Следующая страница'
LAST_PAGE = 'Последняя страница'
OF = 'из'
OF_ALL = 'из'
RESULT_SUM = 'на сумму {sum}'

NO_DATA = 'Нет данных для отображения'
NO_DATA_NEXT = 'Заполните то, что известно, и нажмите «Найти».'
NO_RESULTS = 'Ничего не найдено'
RELAXED_SEARCHES = 'Найдётся, если убрать одно условие'
RELAXED_SEARCH = 'Без {condition}: {count}'
RELAXED_UNCOUNTED = 'Без {condition}'
RELAXED_CONDITIONS = {
    'period': 'даты',
    'older_than': '„{waiting}“',
    'delivery': 'доставки',
    'statuses': 'статуса',
    'errors': 'ошибки',
    'appointment': 'даты записи',
    'kinds': 'вида',
    'organizations': 'МО',
    'surname_only': '„Только фамилия“',
    'phone': 'телефона',
    'name': 'ФИО',
}
"""The condition that is left out, by the field of the query; those that hide most without being noticed are first."""
SIMILAR_PHONES = 'Похожие номера за всё время'
SIMILAR_NAMES = 'Похожие имена'
SIMILAR_SEARCH = '{label}: {count}'
SUGGESTION_GROUP = '{title}:'
SEARCH_TIMEOUT = 'Поиск занял слишком много времени'
SEARCH_TIMEOUT_NEXT = 'Уточните условия: сузьте даты, выберите организацию или добавьте букв к имени.'
DATABASE_DOWN = 'База данных не отвечает'
DATABASE_DOWN_NEXT = 'Условия поиска сохранены. Подождите немного и нажмите «Найти» ещё раз.'
DATABASE_DOWN_WAIT = (
    'Страница откроется сама, как только база ответит. Если не проходит несколько минут, сообщите администратору.'
)
DATABASE_DOWN_RETRY = f'{DATABASE_DOWN}. Попробуйте ещё раз чуть позже.'
"""For every action on a page that failed because the database does not answer."""
OUTAGE_BANNER = f'{DATABASE_DOWN}. Данные на экране могли устареть.'
CONNECTION_LOST = 'Нет связи с журналом. Данные на экране могли устареть.'
DETAILS_GONE = 'Этой записи больше нет. Нажмите «Найти», чтобы обновить список.'
DETAILS = 'Подробности'
CODE_COPIED = 'Код скопирован'
COPIED = 'Скопировано'
COPY = 'Скопировать'
COPY_PHONE = 'Скопировать номер {phone}'
COPY_NUMBER = 'Скопировать номер'
NUMBER_COPIED = 'Номер скопирован'
SHOW_MESSAGE = 'Показать сообщение'
HIDE_MESSAGE = 'Скрыть сообщение'
ROW_LABEL = '{name}, {day}'
ROW_LABEL_WITH_KEY = '{row}, код {key}'
"""Which row a button belongs to, after what it does: «Показать сообщение: Иванова М. И., 28.11»."""
NO_ERROR = 'Нет'
ADVICE = 'Что делать'
HISTORY = 'История'
STATUS_EVENTS = {
    MessageStatus.WAITING: 'Поставлено в очередь',
    MessageStatus.SENT: 'Отправлено',
    MessageStatus.FAILED: 'Ошибка отправки',
}
"""The event in the history of a message, where the provider has no text for it."""
STATUS_EVENT_OF_PART = '{event} ({part})'
STATUS_EVENT_BILLED = '{event} ({billing})'
STATUS_EVENT_UNKNOWN = 'Неизвестный код провайдера: {code}. Что он значит, спросите в поддержке {provider}'
UNKNOWN_CODE_ADVICE = 'Код {code} журналу неизвестен: что он значит, спросите в поддержке {provider}.'
"""Whom to ask about a code that no list explains."""
STATUS_EVENT_CLAIMED = '{event} (провайдер указал невозможное время {time})'
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
BALANCE_OLD = 'Баланс: {sum} на {time} (сервис недоступен)'
BALANCE_LOW = '{balance} (мало)'

HOME_TITLE = 'Главная страница'
HOME_ENTRY = 'Главная'
"""The main page in the menu."""
SIGN_IN_TITLE = 'Вход в систему'
USER_NAME = 'Имя пользователя'
PASSWORD = 'Пароль'
SIGN_IN = 'Войти'
SIGN_IN_REFUSED = 'Неверное имя пользователя или пароль.'
SIGN_OUT = 'Выйти'
MENU = 'Меню'
MENU_NAME = 'Разделы'
LIGHT_THEME = 'Светлое оформление'
DARK_THEME = 'Тёмное оформление'
SECTION_HINT = 'Найти отправленное сообщение, узнать, дошло ли оно и почему нет'
DOCUMENTS_HINT = 'Обмен медицинскими документами с региональной картой'
GUIDE_TITLE = 'Руководство оператора'
GUIDE_CONTENTS = 'О чём здесь'
NO_SECTIONS = 'Для вашей роли здесь пока нет разделов'
NO_SECTIONS_NEXT = 'Журналы открыты ролям Admin и WebAdmin. Если они нужны вам в работе, обратитесь к администратору.'
NOT_FOUND_TITLE = 'Страница не найдена'
NOT_FOUND_NEXT = 'Такого адреса нет. Возможно, ссылка устарела или в ней опечатка.'
FORBIDDEN_TITLE = 'Нет доступа'
FORBIDDEN_NEXT = (
    'Этот раздел открыт {allowed_roles}, у вас роль {role}. Если он нужен вам в работе, обратитесь к администратору.'
)
FORBIDDEN_TO = ('роли {roles}', 'ролям {roles}')
FORBIDDEN_AND = ' и '
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
FAULT_RETRY = 'Условия поиска сохранены. Нажмите «Найти» ещё раз.'

# The columns of a list

COLUMNS = 'Столбцы'
COLUMN_EARLIER = 'Переставить раньше: {column}'
COLUMN_LATER = 'Переставить позже: {column}'
COLUMN_POSITION = '{column}: место {position} из {count}'
ROWS = 'Строки'
ROWS_COMPACT = 'Плотно'
ROWS_COMFORTABLE = 'Просторно'
RESET_COLUMNS = 'Как было'
