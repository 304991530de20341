"""Maintenance: backup and restore, retention, verification, health."""

from services.texts.page_elements import DATABASE_DOWN

ANONYMIZED = 'удалено'
"""Replaces the name of the recipient in an anonymized message."""

PURGE_NO_AGE = '«{text}» — не срок хранения. Нужны месяцы, например 36mo.'
REMOVAL_COUNTS = {
    'messages': 'сообщений {count}',
    'documents': 'документов {count}',
    'receipts': 'ранних отчётов о доставке {count}',
    'phone_notes': 'приписок к чужим телефонам {count}',
    'notes': 'заметок о звонках {count}',
    'claims': 'отметок «звоню» {count}',
    'searches': 'сохранённых поисков {count}',
    'links': 'ссылок с именем или телефоном {count}',
    'drafts': 'черновиков поиска {count}',
    'polls': 'отложенных запросов статуса {count}',
    'records': 'записей журнала доступа {count}',
}
"""By the fields of services.retention.removal.RemovalCounts."""

PURGE_COUNT = 'Старше {before}: {counts}.'
PURGE_NAMES_BEFORE = 'Записи журнала доступа — старше {before}.'
PURGE_NOTHING = 'Обезличивать нечего: нет сообщений и документов с данными людей старше {before}.'
PURGE_WARNING = (
    'В них будут удалены имя, телефон, СНИЛС, тексты и время записи. Вернуть их нельзя. Суммы и числа останутся.'
)
PURGE_PROGRESS = 'Обезличиваем'
PURGE_DONE = 'Обезличено или удалено: {counts}.'
PURGE_RECORD = 'старше {before}: {counts}'

FORGET_NOBODY = 'Кого забыть? Укажите --phone или --name.'
FORGET_NO_PHONE = 'Это не телефон. Нужен номер целиком.'
FORGET_NO_NAME = 'Нужно полное имя: фамилия и имя, а если есть, то и отчество.'
FORGET_REASON_LENGTH = 'Причина должна быть из 1–{longest} печатных знаков.'
FORGET_REASON_NAMES = 'В причине не должно быть имени и телефона: она останется в журнале доступа.'
FORGET_NOTHING = 'О таком человеке ничего не хранится.'
FORGET_COUNT = 'Будет обезличено или удалено: {counts}.'
FORGET_PHONES = 'У этих сообщений разных телефонов: {count}. Возможно, это однофамильцы: уточните по --phone.'
FORGET_NAMES = 'У этих сообщений разных имён: {count}. Возможно, это разные люди: уточните по --name.'
FORGET_SHARED_PHONE = 'Этот телефон есть и у других имён: поиски по нему и отчёты о доставке останутся.'
FORGET_SHARED_NAME = 'Имя есть и в других сообщениях или документах: они и поиски по имени останутся.'
FORGET_WARNING = 'Вернуть это нельзя. Суммы и числа останутся.'
FORGET_PROGRESS = 'Удаляем'
FORGET_DONE = 'Обезличено или удалено: {counts}. Запрос записан в журнал доступа.'
FORGET_IN_LOG = 'Удалённое ещё есть в файле -wal рядом с базой: его читают. Повторите команду позже.'
FORGET_RECORD = 'по запросу человека, причина: {reason}; {counts}'
FORGET_INTERRUPTED_RECORD = 'по запросу человека, прервано, причина: {reason}; {counts}'

VERIFY_PROGRESS = 'Пересчитываем'
VERIFY_TOTALS = 'Итоги по дням, месяцам и организациям равны пересчёту сообщений'
VERIFY_WORD_TOTALS = 'Итоги по словам имён равны пересчёту сообщений'
VERIFY_IDS = 'Каждый код сообщения встречается один раз'
VERIFY_ORGANIZATIONS = 'У каждого сообщения есть организация'
VERIFY_KINDS = 'Вид каждого сообщения есть в справочнике'
VERIFY_STATUSES = 'Статус и время отправки не противоречат друг другу'
VERIFY_SORT_KEYS = 'Каждое сообщение стоит на своём дне'
VERIFY_STATUS_HISTORY = 'Статус каждого сообщения следует из его истории'
VERIFY_ENGINE = 'База данных и поиск целы'
VERIFY_OK = '{title}: сошлось'
VERIFY_WRONG = '{title}: расхождений {count}'
VERIFY_MORE = '  … и ещё {count}'
VERIFY_LINE = '  {line}'
VERIFY_ALL_OK = 'Сошлось.'
VERIFY_NOT_OK = 'Не сошлось.'
VERIFY_ALL_ORGANIZATIONS = 'все'
VERIFY_COUNT = '{count} на {sum}'
VERIFY_TOTAL = 'организация {organization}, {period}, {kind}, {status}: в итогах {stored}, сообщений {counted}'
VERIFY_WORD_TOTAL = '{day}: в итогах слова не то, что в сообщениях'
VERIFY_DUPLICATE = '{id}: сообщений {times}'
VERIFY_ORPHAN = 'организация {organization}: нет в справочнике, сообщений {messages}'
VERIFY_NO_KIND = 'вид {kind}: нет в справочнике, сообщений {messages}'
VERIFY_CONTRADICTION = '{id}'
VERIFY_MISPLACED = '{id}: место не по времени'
VERIFY_DAY = '{day}: есть сообщения другого дня'
VERIFY_NO_MESSAGE = '{id}: история есть, а сообщения нет'
VERIFY_STATUS_DIFFERS = '{id}: статус не тот, что в истории'
VERIFY_WORD_UNKNOWN = 'место {sort_key}: слова имени нет в словаре поиска'
VERIFY_WORD_NOT_INDEXED = 'место {sort_key}: поиск не находит имя'
VERIFY_NO_AMCHECK = 'Индексы PostgreSQL не проверены: нет расширения amcheck или прав на него.'

BACKUP_PROGRESS = 'Копируем'
BACKUP_DONE = 'Копия базы проверена и записана: {file}'
BACKUP_NOT_RECORDED = 'В журнал доступа копия не записана: база сделана более старой версией программы.'
BACKUP_NO_PASSPHRASE = 'Нет пароля копий: файл с ним задаёт JOURNAL_BACKUP_KEY_FILE (--backup-key-file).'
BACKUP_SHARED_PASSPHRASE = '{file}: файл с паролем копий доступен другим пользователям. Закройте его: chmod 600.'
BACKUP_SHORT_PASSPHRASE = '{file}: пароль копий короче {shortest} знаков.'
BACKUP_FILE_EXISTS = '{file}: такой файл уже есть. Копия поверх него не записана.'
BACKUP_NO_DATABASE = '{file}: базы данных здесь нет, копировать нечего.'
BACKUP_FAILED = 'Копия {file} не сделана: {cause}'
BACKUP_NO_TOOL = 'Нет программы {tool}. Она ставится вместе с клиентом PostgreSQL.'
BACKUP_OLD_TOOL = (
    'Программа {tool} версии {tool_version} старее сервера PostgreSQL версии {server_version}. '
    'Поставьте клиент PostgreSQL версии {server_version} или новее.'
)
BACKUP_TOOL_FAILED = 'Программа {tool} закончилась ошибкой и не сказала какой.'
RESTORE_PROGRESS = 'Восстанавливаем'
RESTORE_WARNING = 'База {database} будет заменена копией {file}.'
RESTORE_DONE = 'База восстановлена из копии {file}.'
RESTORE_PREVIOUS = 'Прежняя база лежит рядом: {file}'
RESTORE_ANCHOR = 'Отметка о прежнем журнале доступа отложена: {file}. На других узлах удалите файл *.anchor.'
RESTORE_NO_FILE = '{file}: такого файла нет.'
RESTORE_NO_JOURNAL = '{file}: это не копия журнала.'
RESTORE_DAMAGED = '{file}: копия повреждена: {cause}'
RESTORE_WRONG_PASSPHRASE = '{file}: пароль не от этой копии, или её начало изменено. База не тронута.'
RESTORE_CHANGED = '{file}: зашифрованная копия изменена или обрезана. База не тронута.'
RESTORE_NEWER = '{file}: копия сделана более новой версией программы. Обновите программу.'
RESTORE_FILE_IN_USE = '{file}: рядом лежит {companion}, значит это база в работе, а не копия.'
RESTORE_OTHER_ZONE = 'Копия считает дни по поясу {stored_zone}, а задан {zone} (JOURNAL_TIMEZONE).'
RESTORE_IN_USE = 'С этой базой работает программа. Остановите её и повторите.'
RESTORE_CONNECTED = 'К этой базе подключены: {count}. Остановите программу и повторите.'
RESTORE_UNKNOWN_TABLES = 'В базе есть таблицы, которых нет в копии: {tables}. Восстановите копию в пустую базу.'
RESTORE_FAILED = 'База не заменена: {cause}'
DATABASE_BEING_RESTORED = 'Эту базу сейчас восстанавливают из копии. Повторите позже.'
CONFIRM_PROMPT = 'Продолжить? Наберите «да»: '
CONFIRM_YES = 'да'
CONFIRM_NO_TERMINAL = 'Спросить некого. Если согласны, добавьте --yes'
CONFIRM_DECLINED = 'Ничего не изменено.'

HEALTH_NO_DATABASE = f'{DATABASE_DOWN}.'
HEALTH_READ_ONLY = 'База данных открыта только для чтения.'
HEALTH_RECOVERY = 'База данных — резервный сервер: он только повторяет записи основного.'
HEALTH_NO_STANDBY = 'База данных ждёт резервный сервер, а его нет: записи не завершаются.'
HEALTH_DISK_FULL = 'База данных не может писать на диск: на нём нет места, или он неисправен.'
HEALTH_ENCODING = 'База данных не в кодировке UTF-8.'
HEALTH_WRITES_FAIL = 'База данных не принимает записи.'
HEALTH_NO_MIGRATIONS = 'База данных другой версии: миграции не применены.'
HEALTH_LOADING = 'В базу загружают сообщения: итоги и поиск ещё не построены.'
METRICS_FORBIDDEN = 'Показатели видны с этого же компьютера или по токену JOURNAL_METRICS_TOKEN.'

PLAN_LINE = '{path}. Причина: {reason}'
PLAN_LEADS = {
    '': 'чтение сообщений в порядке списка',
    'errors': 'чтение сообщений с этими ошибками по их индексу',
    'surnames': 'чтение сообщений людям с этой фамилией по их индексу',
    'appointment': 'чтение сообщений с этими датами записи по их индексу',
    'waiting': 'чтение сообщений, которые ожидают отправки, по их индексу',
}
PLAN_TEXT_INDEX = 'текстовый индекс'
PLAN_LIMITED_DAYS = 'только за нужные дни'
PLAN_EXACT_INDEX = 'без сверки с сообщениями'
PLAN_INEXACT_INDEX = 'со сверкой с сообщениями'
PLAN_CODE_INDEX = 'индекс кодов'
PLAN_SORT_INDEX = 'индекс столбца сортировки'
PLAN_REVERSE = 'с конца списка'
PLAN_SKIP = 'пропустить строк: {count}'
PLAN_GROUPS = 'списки по значениям столбца, один за другим: {count}'
PLAN_TOTALS_NOTHING = 'ничего не читается'
PLAN_TOTALS_AGGREGATES = 'готовые итоги по дням и месяцам'
PLAN_TOTALS_WORDS = 'готовые итоги по словам имён'
PLAN_TOTALS_MESSAGES = 'пересчёт сообщений'
PLAN_REASON_AGGREGATES = 'нет условий на имя, телефон, ожидание, ошибку и запись'
PLAN_REASON_WORD_TOTALS = 'ищут одну часть имени, и слов с ней немного'
PLAN_REASON_NO_WORD = 'такого имени нет ни у кого'
PLAN_REASON_NO_TEXT = 'нет условий на имя и телефон'
PLAN_REASON_SURNAME = 'от имени нужна только фамилия'
PLAN_REASON_CODE = 'известен код или его начало'
PLAN_REASON_FULL_PHONE = 'телефон известен полностью, у него свой индекс'
PLAN_REASON_COMMON_TEXT = 'подходящих слишком много, текстовый индекс не ускорит поиск'
PLAN_REASON_FILTERS = 'остальные условия оставляют меньше сообщений, чем имя и телефон'
PLAN_REASON_SORT_INDEX = 'первые строки по индексу ближе, чем сортировка всех'
PLAN_REASON_SMALL_JOURNAL = 'сообщений так мало, что их быстрее прочитать'
PLAN_REASON_NEWEST_ROWS = 'страница скорее всего среди крайних сообщений списка'
PLAN_REASON_FIRST_WINDOW = 'страница скорее всего в крайних днях периода'
PLAN_REASON_FEW_DAYS = 'страница занимает мало дней'
PLAN_REASON_TEXT_INDEX = 'подходящих немного, текстовый индекс находит их сразу'
PLAN_REASON_NEAR = 'страница близко к началу списка'
PLAN_REASON_LAST_DAYS = 'первая страница скорее всего в последних двух днях периода'
PLAN_REASON_LAST_PAGE = 'последняя страница ближе к концу списка'
PLAN_REASON_SEEK = 'начало страницы известно из готовых итогов'
PLAN_REASON_GROUPS = 'строк слишком много для сортировки, а итоги каждого значения известны'

EXPLAIN_CONDITION = 'Условие: {condition} ({engine})'
EXPLAIN_ESTIMATES = 'Оценки:'
EXPLAIN_NO_ESTIMATES = '  не понадобились'
EXPLAIN_ROWS = 'Строки страницы, по порядку попыток:'
EXPLAIN_TOTALS = 'Количество и стоимость:'
EXPLAIN_STEP = '  {step}'
EXPLAIN_INDEX = 'текстовый индекс: около {share} сообщений, прочтений {alternatives}, слов {tokens}, {exactness}'
EXPLAIN_EXACT = 'точно'
EXPLAIN_INEXACT = 'с лишними'
EXPLAIN_NO_INDEX = 'текстовый индекс: не поможет'
EXPLAIN_FILTERED = '  подходят под всё, кроме имени, телефона и ожидания: {count}'
EXPLAIN_PERIOD = '  сообщений за период: {count}'
EXPLAIN_MESSAGES = '  сообщений в журнале: {count}'
EXPLAIN_WORDS = '  слов с итогами: {count}'
EXPLAIN_INVALID = 'Условие не понято. Допустимые значения: python main.py explain --help.'
EXPLAIN_NO_ORGANIZATION = '«{name}»: такой организации в журнале нет.'

# Webhooks

WEBHOOK_NAME_RULE = 'Имя вебхука «{name}» не подходит: нужны буквы, цифры и знаки . _ - @, не больше 64.'
WEBHOOK_URL_RULE = 'Адрес вебхука не подходит: нужен адрес, который начинается с https:// или http://.'
WEBHOOK_EXISTS = 'Вебхук {name} уже есть.'
WEBHOOK_UNKNOWN = 'Вебхука {name} нет.'
WEBHOOK_ADDED = 'Вебхук {name} добавлен. Секрет (покажем только один раз): {secret}'
WEBHOOK_REMOVED = 'Вебхук {name} удалён, неотправленное — тоже.'
WEBHOOK_RETRIED = 'Вебхук {name}: снова в очереди {count}.'
WEBHOOK_LINE = '{name}: {url}, {organization}, {state}, оставлено неотправленных: {given_up}'
WEBHOOK_STATE_OK = 'работает'
WEBHOOK_STATE_FAILING = 'не принимает ({failure}), повтор {at}'
NO_WEBHOOKS = 'Вебхуков ещё нет.'
WEBHOOKS_TITLE = 'Вебхуки'
WEBHOOKS_ABOUT = (
    'Кому журнал сообщает об изменениях сообщений. Что не принимают сутки, журнал больше не отправляет. '
    'Снова отправить: python main.py webhook retry ИМЯ.'
)
WEBHOOK_COLUMNS = ('Вебхук', 'Организация', 'Состояние', 'Не отправлено')
GIVEN_UP_TITLE = 'Не отправленное вебхукам'
GIVEN_UP_COLUMNS = ('Вебхук', 'Идентификатор', 'Время', 'Попыток', 'Причина')
