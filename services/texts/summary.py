"""The page «Сводка»; the numbers of the main page and of the footer."""

SUMMARY_TITLE = 'Сводка'
SUMMARY_HINT = 'Сколько отправлено, сколько стоило, какие ошибки растут, что ждёт дольше всех'
SUMMARY_ATTENTION = 'Требует внимания'
SUMMARY_CALM = 'Ничего срочного.'
SUMMARY_TOTALS = 'Главное за период'
SUMMARY_COST = 'На сумму'
SUMMARY_FAILURE_RATE = 'Доля ошибок'
SUMMARY_FAILURE_RATE_HINT = 'Ошибок среди отправленных и не отправленных, без тех, что ещё ждут или отозваны'
WITHDRAWN_AMONG = 'из них отозвано до отправки: {count}'
SUMMARY_WITHDRAWN = 'Отозвано до отправки'
SUMMARY_BY_DAY = 'Сообщения по дням'
SUMMARY_BY_MONTH = 'Сообщения по месяцам'
SUMMARY_ORGANIZATIONS = 'Организации'
SUMMARY_BY_ORGANIZATION = 'Стоимость по организациям: {count}'
SUMMARY_BY_KIND = 'Стоимость по видам сообщений'
SUMMARY_CHART = '{title}: диаграмма. Те же числа в таблице рядом.'
SUMMARY_DAY = 'День'
SUMMARY_MONTH = 'Месяц'
SUMMARY_MESSAGES = 'Сообщений'
SUMMARY_ROUBLES = 'Стоимость, руб.'
SUMMARY_ALL = 'Всего'

# What the period is compared with
SUMMARY_COMPARISON = 'Сравнение'
SUMMARY_COMPARED = {'previous': 'Перед этим', 'last_year': 'Год назад'}
SUMMARY_PERIOD = 'Период'
SUMMARY_THIS_PERIOD = 'Этот период'
SUMMARY_SAME_DATES = 'те же числа месяца'
SUMMARY_SAME_WEEKDAYS = 'те же дни недели'
SUMMARY_OTHER_LENGTH = 'дней: {before} вместо {now}'
SUMMARY_TODAY_UNFINISHED = 'сегодняшний день ещё не кончился'
SUMMARY_UNKNOWN = 'нет данных'
SUMMARY_JOURNAL_BEGINS = 'нет данных: журнал начинается с {day}'
SUMMARY_NO_MESSAGES = 'нет данных: за эти дни в журнале нет ни одного сообщения'
SUMMARY_MORE = 'теперь больше на {difference}'
SUMMARY_LESS = 'теперь меньше на {difference}'
SUMMARY_SAME = 'столько же'
SUMMARY_DIFFERENCE = '{difference} ({percent})'
SUMMARY_POINTS = '{points} п. п.'
SUMMARY_INCOMPARABLE = 'у периода нет начала, сравнить не с чем'

SUMMARY_ERRORS = 'Какие ошибки растут'
SUMMARY_ERRORS_PERIODS = 'Дни {now} против стольких же дней перед ними, {before}.'
SUMMARY_ERROR = 'Ошибка'
SUMMARY_BEFORE = 'Было'
SUMMARY_NOW = 'Стало'
SUMMARY_GROWTH = 'Рост'
SUMMARY_AFFECTED = 'Кого задела'
SUMMARY_MOST_AFFECTED = '{organizations} МО, чаще {most}: {count}'
SUMMARY_NEW = 'новая'
SUMMARY_UNNAMED = 'Без названия'
SUMMARY_ERROR_CODE = '{name}, код {code}'
SUMMARY_ALL_ERRORS = '{error}: сообщения с этой ошибкой за эти дни'
SUMMARY_NO_GROWTH = 'Ни одна ошибка не стала чаще.'
SUMMARY_WAITING = 'Что ждёт дольше всех'
SUMMARY_WAITING_SINCE = 'Ждёт с'
SUMMARY_WAITING_TIME = 'Уже'
SUMMARY_NO_WAITING = 'Ничего не ждёт отправки.'
SUMMARY_TO_JOURNAL = '{what}: открыть в журнале'

# The queue, in the footer and on the main page
QUEUE = 'Очередь: {count}'
QUEUE_STUCK = 'Очередь стоит: {count}'
QUEUE_EMPTY = 'Очередь пуста'
QUEUE_TOTAL = 'всего в очереди {count}'
QUEUE_OLDEST = 'старшее ждёт {time}'
QUEUE_LAST_SENT = 'последнее отправлено {time}'
QUEUE_NOTHING_SENT = 'ещё ничего не отправлено'
QUEUE_UNKNOWN = 'Очередь: нет данных'
QUEUE_LINK = 'Показать те, что ждут, начиная со старшего'
NOTHING_SENT = 'ещё ничего'
SENT_TODAY = 'сегодня'
TIME_AGO = '{time} назад'
JUST_NOW = 'только что'

# The numbers of the main page
FIGURES_TITLE = 'Сейчас'
FIGURE_UNKNOWN = 'нет данных'
FIGURE_ERRORS = 'Ошибки сегодня'
FIGURE_USUAL = 'обычно за весь день {usual} (среднее за {days})'
FIGURE_ABOVE_USUAL = 'уже больше обычного: {usual} за весь день (среднее за {days})'
FIGURE_WITHDRAWN = '{note}; ещё отозвано до отправки: {count}'
FIGURE_NO_USUAL = 'сравнить пока не с чем'
FIGURE_WAITING = 'Ждут больше часа'
FIGURE_WAITING_MORE = 'больше {count}'
FIGURE_LAST_SENT = 'Последнее отправлено'
FIGURE_TO_CALL = 'Обзвонить'
FIGURE_TO_CALL_NOTE = 'человек, за последние {days}'
FIGURE_BALANCE = 'Баланс'
FIGURE_BALANCE_LOW = 'мало'
FIGURE_BALANCE_OLD = 'на {time}, сервис недоступен'
DAY_FORMS = {'one': 'день', 'few': 'дня', 'many': 'дней'}
WEEKDAY_FORMS = (
    {'one': 'понедельник', 'few': 'понедельника', 'many': 'понедельников'},
    {'one': 'вторник', 'few': 'вторника', 'many': 'вторников'},
    {'one': 'среду', 'few': 'среды', 'many': 'сред'},
    {'one': 'четверг', 'few': 'четверга', 'many': 'четвергов'},
    {'one': 'пятницу', 'few': 'пятницы', 'many': 'пятниц'},
    {'one': 'субботу', 'few': 'субботы', 'many': 'суббот'},
    {'one': 'воскресенье', 'few': 'воскресенья', 'many': 'воскресений'},
)
"""The days of the week after «за», from Monday."""

# Alerts, in the header of every page
ALERT_QUEUE = 'Очередь стоит'
ALERT_ERRORS = 'Ошибок за час: {count}, обычно {usual}'
ALERT_PART_ERRORS = f'{ALERT_ERRORS} — {{name}}'
ALERT_DAY_LIST = 'В списке все ошибки за {day}'
ALERT_DAYS_LIST = 'В списке все ошибки {period}'
ALERT_RECEIPTS = 'Нет отчётов о доставке с {since}'
ALERT_BALANCE = 'Мало денег на балансе: {sum}'
ALERT_ENDS = {
    'queue': 'Очередь снова идёт',
    'errors': 'Ошибок снова как обычно',
    'kind_errors': 'Ошибок снова как обычно — {name}',
    'organization_errors': 'Ошибок снова как обычно — {name}',
    'receipts': 'Отчёты о доставке снова приходят',
    'balance': 'Баланс пополнен',
}
NOTICE_SUBJECT = 'Журнал сообщений: {text}'
NOTICE_BODY = '{text}.\nНачалось: {time}.\n\n{list}{url}'
NOTICE_LISTS = dict.fromkeys(
    ('errors', 'kind_errors', 'organization_errors'), 'Все ошибки за весь день, не только за час:\n'
)
"""What the link of a notification opens, where it is not exactly what the alert has counted."""
NOTICE_END_BODY = '{text}.\nКончилось: {time}.'
ALERT_FIRST = '{text} · ещё {others}'
ALERT_TIME = '{time} {text}'
ALERTS_TITLE = 'Предупреждения: {count}'
