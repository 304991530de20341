"""Messages: titles, dictionaries, columns, a query in words. The wording is the manual's."""

from models import MessageKind, MessageStatus

JOURNAL_TITLE = 'Журнал отправленных сообщений'
SECTION_TITLE = 'Рассылка уведомлений'
DOCUMENTS_TITLE = 'Журнал ИЭМК'

KINDS = {
    MessageKind.REMINDER: 'Напоминание',
    MessageKind.ATTACHMENT: 'Прикрепление',
    MessageKind.DAY_HOSPITAL: 'Напоминание ДС',
    MessageKind.VACCINATION: 'Вакцинация COVID-19',
}
"""In the order of the manual's dictionary (docs/manual.md S6)."""

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
}
"""The conditions of services.messages.delivery, in the order of the filter."""
DELIVERY_NOTES = {
    'delivered': 'Доставлено',
    'awaiting': 'Ответа нет {time}',
    'unanswered': 'Ответа не будет',
    'appointment_passed': 'Запись прошла',
    'waiting_too_long': 'Ждёт {time}',
}
"""Next to the status in the list."""
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
TEXT = 'Текст сообщения'
ERROR_CODE = 'Код ошибки'
ERROR_NAME = 'Ошибка'
QUEUED_AT = 'Дата и время создания'
ATTEMPTED_AT = 'Дата и время попытки отправки'
PHONE_NOTE = 'Добавочный и другие номера'
PARTS = 'Частей'
VOLUME = 'Объём'
PART_FORMS = {'one': 'часть', 'few': 'части', 'many': 'частей'}
PART_OF = 'часть {part} из {parts}'
ONE_PART_OF = 'одна часть из {parts}'
PARTLY_DELIVERED = 'Доставлено частично'
PARTLY_DELIVERED_ERROR = f'{PARTLY_DELIVERED}: {{delivered}} из {{parts}}'
PARTLY_DELIVERED_ADVICE = 'До пациента дошла только часть текста: позвоните и передайте сообщение целиком.'
PARTS_EQUAL = '{parts} по {cost}'
PARTS_TOTAL = '{parts}, всего {cost}'

PERIOD = 'Дата отправки сообщения'
PERIOD_SINCE = 'с'
PERIOD_UNTIL = 'по'
ORGANIZATION_FILTER = 'Медицинская организация'

# A query in words
WHOLE_JOURNAL = 'весь журнал'
CONDITION_NAME = 'ФИО «{name}»'
CONDITION_PHONE = 'телефон {phone}'
CONDITION_PHONE_START = 'телефон начинается с {digits}'
CONDITION_PHONE_DIGITS = 'в номере телефона {digits}'
CONDITION_ORGANIZATION = 'МО {name}'
CONDITION_OR = ' или '
WAITING_AN_HOUR = 'ждут больше часа'
WAITING_MINUTES = 'ждут больше {minutes} мин.'
PERIOD_REVERSED = 'Дата «с» позже даты «по». Поменяйте их местами.'
NAME_TOO_LONG = 'Имя слишком длинное. Оставьте не больше {longest} букв, например фамилию и инициалы.'
YEAR_OUT_OF_RANGE = 'Укажите год от {first} до {last}.'
RELAX_CONDITION = {
    'snils': 'Оставьте меньше цифр или сотрите СНИЛС: сейчас в условиях {condition}.',
    'phone': 'Оставьте меньше цифр или сотрите номер: сейчас в условиях {condition}.',
    'name': 'Оставьте часть имени, например первые буквы фамилии: сейчас в условиях {condition}.',
    'older_than': 'Снимите условие о долгом ожидании: сейчас в условиях {condition}.',
    'delivery': 'Сотрите условие о доставке: сейчас в условиях {condition}.',
    'statuses': 'Снимите отметку статуса: сейчас в условиях {condition}.',
    'kind': 'Сотрите вид сообщения: сейчас в условиях {condition}.',
    'document_kind': 'Сотрите вид документа: сейчас в условиях {condition}.',
    'organization': 'Сотрите медицинскую организацию: сейчас в условиях {condition}.',
    'period': 'Раздвиньте даты: сейчас в условиях {condition}.',
}
RELAX_ONLY_CONDITION = 'Измените условие: {condition}.'
JOURNAL_EMPTY = 'В журнале ещё нет сообщений.'
