"""What stands on the screen: frame, panel, paging bar, list, foot, errors."""

from models import MessageStatus

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
AWAY = 'База данных не отвечает. Данные на экране могли устареть.'
AWAY_NOTICE = 'Действие не выполнено: база данных не отвечает. Попробуйте ещё раз чуть позже.'
DETAILS_UNAVAILABLE = 'Подробности не получены: база данных не отвечает. Попробуйте ещё раз чуть позже.'
DETAILS_GONE = 'Этой записи больше нет. Нажмите «Найти», чтобы обновить список.'
DETAILS = 'Подробности'
CODE_COPIED = 'Код скопирован'
COPY_NUMBER = 'Скопировать номер'
NUMBER_COPIED = 'Номер скопирован'
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
BALANCE_OLD = 'Баланс: {sum} на {time} (сервис недоступен)'
BALANCE_LOW = '{said} (мало)'

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
NOT_FOUND_TITLE = 'Страница не найдена'
NOT_FOUND_NEXT = 'Такого адреса нет. Возможно, ссылка устарела или в ней опечатка.'
FORBIDDEN_TITLE = 'Нет доступа'
FORBIDDEN_NEXT = (
    'Этот раздел открыт {opened}, у вас роль {role}. Если он нужен вам в работе, обратитесь к администратору.'
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
SIGN_IN_UNAVAILABLE = 'База данных не отвечает. Подождите немного и попробуйте ещё раз.'
FAULT_AGAIN = 'Условия поиска сохранены. Нажмите «Найти» ещё раз.'
