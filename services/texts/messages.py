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
"""The kinds of a new journal, in the order of the manual (docs/manual.md S6); see the table `message_kind`."""

STATUSES = {
    MessageStatus.WAITING: 'Ожидает отправки',
    MessageStatus.SENT: 'Отправлено',
    MessageStatus.FAILED: 'Ошибка отправки',
}
"""In the order of the manual's check boxes (docs/manual.md S9)."""

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

PERIOD = 'Дата отправки сообщения'
PERIOD_SINCE = 'с'
PERIOD_UNTIL = 'по'
ORGANIZATION_FILTER = 'Медицинская организация'

# A query in words
WHOLE_JOURNAL = 'весь журнал'
CONDITION_NAME = 'ФИО «{name}»'
CONDITION_PHONE = 'телефон {phone}'
CONDITION_PHONE_DIGITS = 'в номере телефона {digits}'
CONDITION_ORGANIZATION = 'МО {name}'
CONDITION_OR = ' или '
WAITING_AN_HOUR = 'ждут больше часа'
WAITING_MINUTES = 'ждут больше {minutes} мин.'
PERIOD_REVERSED = 'Дата «с» позже даты «по». Поменяйте их местами.'
YEAR_OUT_OF_RANGE = 'Укажите год от {first} до {last}.'
RELAX_CONDITION = {
    'snils': 'Оставьте меньше цифр или сотрите СНИЛС: сейчас в условиях {condition}.',
    'phone': 'Оставьте меньше цифр или сотрите номер: сейчас в условиях {condition}.',
    'name': 'Оставьте часть имени, например первые буквы фамилии: сейчас в условиях {condition}.',
    'older_than': 'Снимите условие о долгом ожидании: сейчас в условиях {condition}.',
    'statuses': 'Снимите отметку статуса: сейчас в условиях {condition}.',
    'kind': 'Сотрите вид сообщения: сейчас в условиях {condition}.',
    'document_kind': 'Сотрите вид документа: сейчас в условиях {condition}.',
    'organization': 'Сотрите медицинскую организацию: сейчас в условиях {condition}.',
    'period': 'Раздвиньте даты: сейчас в условиях {condition}.',
}
RELAX_ONLY_CONDITION = 'Измените условие: {condition}.'
JOURNAL_EMPTY = 'В журнале ещё нет сообщений.'
