"""Messages: titles, dictionaries, columns, a query in words. The wording is the manual's."""

from models import MessageChannel, MessageKind, MessageStatus

JOURNAL_TITLE = 'Журнал отправленных сообщений'
SECTION_TITLE = 'Рассылка уведомлений'
DOCUMENTS_TITLE = 'Журнал ИЭМК'

KINDS = {
    MessageKind.REMINDER: 'Напоминание',
    MessageKind.ATTACHMENT: 'Прикрепление',
    MessageKind.DAY_HOSPITAL: 'Напоминание ДС',
    MessageKind.VACCINATION: 'Вакцинация COVID-19',
}
"""The kinds of a new journal, in the order of the manual (docs/manual.md S6); see the table `message_kind`."""

STATUSES = {
    MessageStatus.WAITING: 'Ожидает отправки',
    MessageStatus.SENT: 'Отправлено',
    MessageStatus.FAILED: 'Ошибка отправки',
}
"""In the order of the manual's check boxes (docs/manual.md S9)."""

DELIVERY = 'Доставка'
DELIVERY_CONDITIONS = {
    'delivered': 'Доставлено',
    'awaiting': 'Ответа ещё нет',
    'unanswered': 'Ответа не будет',
    'overdue': 'Ждёт слишком долго',
    'failed': 'Ошибка, не отозвано',
}
"""The conditions of services.messages.delivery, in the order of the filter."""
DELIVERY_NOTES = {
    'delivered': 'Доставлено',
    'awaiting': 'Ответа нет {time}',
    'unanswered': 'Ответа не будет',
    'appointment_passed': 'Ждёт {time}, запись прошла',
    'waiting_too_long': 'Ждёт {time}',
}
"""Below the status in the list."""
WAITING_NOTE = 'Ждёт {time}'
ERROR_CODE_NOTE = 'Код {code}'
DELIVERY_SENTENCES = {
    'delivered': 'Доставлено',
    'awaiting': 'Передано оператору, ответа нет {time}',
    'unanswered': 'Ответа не будет: передано оператору {time} назад',
    'appointment_passed': 'Запись прошла, а сообщение не отправлено',
    'waiting_too_long': 'Не отправлено, ждёт {time}',
}
"""In an opened row."""
RESENT_AS = 'Отправлено повторно'
RESEND_OF = 'Повтор сообщения'
RELATED_MESSAGE = '{code}: {status}'

CODE = 'Код'
RECIPIENT = 'ФИО получателя'
PHONE = 'Номер телефона'
APPOINTMENT = 'Дата и время записи'
ORGANIZATION = 'Наименование МО'
KIND = 'Вид сообщения'
SENT_AT = 'Дата и время отправки СМС'
STATUS = 'Статус отправки СМС'
COST = 'Стоимость СМС, руб'
COST_UNKNOWN = 'Ещё не известна'
NO_COST_YET = '—'
TEXT = 'Текст сообщения'
ERROR_CODE = 'Код ошибки'
ERROR_NAME = 'Ошибка'
COPY_FOR_TICKET = 'Скопировать для заявки'
COPY_LINK = 'Скопировать ссылку'
TICKET_LINK = 'Ссылка'
TICKET_PATIENT = 'Получатель'
TICKET_PERSON = '{initials} (телефон …{digits})'
TICKET_ERROR = 'Ошибка'
TICKET_PROVIDER = 'Номер у провайдера'
TICKET_COST = 'Стоимость'
QUEUED_AT = 'Дата и время создания'
ATTEMPTED_AT = 'Дата и время попытки отправки'
QUEUED_SINCE = 'В очереди с'
ATTEMPT = 'Попытка отправки'
WAITING_TIME = 'Ждёт'
PHONE_NOTE = 'Добавочный и другие номера'
PARTS = 'Частей'
SENDER = 'Отправитель'
CHANNEL = 'Канал'
CHANNELS = {
    MessageChannel.SMS: 'СМС',
    MessageChannel.RCS: 'RCS',
    MessageChannel.VIBER: 'Viber',
    MessageChannel.WHATSAPP: 'WhatsApp',
    MessageChannel.TELEGRAM: 'Telegram',
    MessageChannel.VK: 'ВКонтакте',
    MessageChannel.OK: 'Одноклассники',
    MessageChannel.MAX: 'MAX',
    MessageChannel.PUSH: 'Push-уведомление',
    MessageChannel.EMAIL: 'Электронная почта',
    MessageChannel.VOICE: 'Голосовой звонок',
}
VOLUME = 'Объём'
PART_FORMS = {'one': 'часть', 'few': 'части', 'many': 'частей'}
PART_OF = 'часть {part} из {parts}'
ONE_PART_OF = 'одна часть из {parts}'
WITHDRAWN_ERROR = 'Отозвано до отправки'
WITHDRAWN_ADVICE = 'Отправитель отозвал сообщение, прежде чем оно ушло. Звонить не нужно.'
PARTLY_DELIVERED = 'Доставлено частично'
PARTLY_DELIVERED_ERROR = f'{PARTLY_DELIVERED}: {{delivered}} из {{parts}}'
PARTLY_DELIVERED_ADVICE = 'До пациента дошла только часть текста: позвоните и передайте сообщение целиком.'
PARTS_EQUAL = '{parts} по {cost}'
PARTS_TOTAL = '{parts}, всего {cost}'

APPOINTMENT_FILTER = 'Дата записи'
ERROR_OPTION = '{name} ({code})'
ERROR_OPTION_COUNT = '{error}: {count}'
SAME_ERROR = 'Таких же ошибок'
SAME_ERROR_COUNT = 'ещё {count} за неделю'
PERIOD = 'Дата отправки сообщения'
PERIOD_SINCE = 'с'
PERIOD_UNTIL = 'по'
ORGANIZATION_FILTER = 'Медицинская организация'

# A query in words
WHOLE_JOURNAL = 'весь журнал'
CONDITION_CODE = 'код {code}'
CONDITION_NAME = 'ФИО «{name}»'
CONDITION_SURNAME = 'только фамилия'
SURNAME_ONLY = 'Только фамилия'
SURNAME_ONLY_COUNT = 'Только фамилия: {count}'
CONDITION_PHONE = 'телефон {phone}'
CONDITION_PHONE_START = 'телефон начинается с {digits}'
CONDITION_PHONE_DIGITS = 'в номере телефона {digits}'
CONDITION_ORGANIZATION = 'МО {name}'
CONDITION_ERRORS = 'ошибка {errors}'
UNNAMED_ERROR = 'без названия'
ERROR_WITHOUT_CODE = 'без кода'
CONDITION_APPOINTMENT = 'запись {period}'
CONDITION_OR = ' или '
WAITING_AN_HOUR = 'ждут больше часа'
WAITING_MINUTES = 'ждут больше {minutes} мин.'
PERIOD_REVERSED = 'Дата «с» позже даты «по». Поменяйте их местами.'
TEXT_TOO_LONG = 'Слишком длинный текст. Оставьте не больше {longest} букв.'
DIGITS_TOO_LONG = 'Слишком длинный текст. Оставьте один номер.'
NAME_TOO_LONG = 'Имя слишком длинное. Оставьте не больше {longest} букв, например фамилию и инициалы.'
TOO_MANY_CHOICES = 'Выбрано слишком много. Оставьте не больше {most}.'
YEAR_OUT_OF_RANGE = 'Укажите год от {first} до {last}.'
RELAX_CONDITION = {
    'snils': 'Оставьте меньше цифр или сотрите СНИЛС: сейчас в условиях {condition}.',
    'phone': 'Оставьте меньше цифр или сотрите номер: сейчас в условиях {condition}.',
    'name': 'Оставьте часть имени, например первые буквы фамилии: сейчас в условиях {condition}.',
    'surname_only': 'Снимите условие «Только фамилия»: сейчас в условиях {condition}.',
    'older_than': 'Снимите условие о долгом ожидании: сейчас в условиях {condition}.',
    'delivery': 'Сотрите условие о доставке: сейчас в условиях {condition}.',
    'errors': 'Сотрите ошибку: сейчас в условиях {condition}.',
    'appointment': 'Раздвиньте даты записи: сейчас в условиях {condition}.',
    'statuses': 'Снимите отметку статуса: сейчас в условиях {condition}.',
    'kind': 'Сотрите вид сообщения: сейчас в условиях {condition}.',
    'document_kind': 'Сотрите вид документа: сейчас в условиях {condition}.',
    'organization': 'Сотрите медицинскую организацию: сейчас в условиях {condition}.',
    'period': 'Раздвиньте даты: сейчас в условиях {condition}.',
}
CHECK_NUMBER = 'Проверьте номер: сейчас в условиях {condition}.'
RELAX_ONLY_CONDITION = 'Измените условие: {condition}.'
BEGINS_LIKE_CODE = 'С этих цифр начинается код сообщения. Чтобы найти его, введите в поле ФИО код с дефисом: {code}'
NO_SUCH_CODE = 'Сообщения с таким кодом в журнале нет. Проверьте, целиком ли скопирован код.'
UNDERSTOOD_AS_CODE = 'Это код сообщения: {code}. Остальные условия не учитываются.'
UNDERSTOOD_AS_PHONE = 'Цифры в поле ФИО поняты как номер телефона.'
UNDERSTOOD_AS_NAME = 'Буквы в поле телефона поняты как ФИО.'
JOURNAL_EMPTY = 'В журнале ещё нет сообщений.'
