"""Texts of the demonstration data."""

from models import CallOutcome, MessageChannel, MessageKind

DEMO_TEXTS = {
    MessageKind.REMINDER: (
        '{given}, ждём вас {day} в {time}. {organization}. Отмена: 122',
        '{given}, напоминаем о записи к врачу {day} в {time}. {organization}. Тел. 122',
    ),
    MessageKind.ATTACHMENT: (
        '{given}, вы прикреплены к {organization}. Запись: zdrav.mosreg.ru или 122',
        '{given}, заявление о прикреплении рассмотрено. {organization}. Тел. 122',
    ),
    MessageKind.DAY_HOSPITAL: (
        '{given}, дневной стационар ждёт вас {day} в {time}. {organization}. Возьмите паспорт и полис',
    ),
    MessageKind.VACCINATION: (
        'Важно! 2 этап вакцинации {day}! zdrav.mosreg.ru или звоните 122',
        '{given}, вакцинация от COVID-19 {day} в {time}. {organization}. Тел. 122',
    ),
}
"""The texts of messages of each kind."""
DEMO_SENDER = 'Рассылка (демонстрация)'
DEMO_SENDER_NAMES = {
    MessageChannel.SMS: ('MosOblMed', 'ZdravMO', 'MosOblMed', '122'),
    MessageChannel.MAX: ('Здравоохранение МО',),
    MessageChannel.PUSH: ('Здоровье МО',),
}
"""The names under which messages are sent by each channel."""
DEMO_STORY_TEXT = (
    '{given}, ждём вас {day} в {time}. {organization}. Новости больницы в нашем канале, подписывайтесь. Отмена: 122'
)
"""The changed wording of a reminder, which the operator rejects."""
DEMO_OPERATORS = ('petrova', 'sidorova', 'kuznetsov')
"""The names of the operators who call."""
DEMO_CALL_NOTES = {
    CallOutcome.REACHED: ('Придёт', 'Просит перенести запись', 'Запись подтверждена', ''),
    CallOutcome.NOT_REACHED: ('Не берёт трубку', 'Занято', 'Телефон выключен', ''),
    CallOutcome.WRONG_NUMBER: ('Ответил другой человек', 'Номер не обслуживается', 'Взять новый номер в карте'),
}
"""What they have noted."""
DEMO_TRY = 'Попробуйте:'
DEMO_WHY_NO_REMINDER = 'Почему пациент не получил напоминание?'
DEMO_WHOM_ERROR_HITS = 'Кого задела ошибка «Нет шаблона»?'
DEMO_MONTH_COST = 'Сколько стоил этот месяц?'
DEMO_NAME = 'Семёнова Алёна Петровна'
DEMO_ORGANIZATION = 'ГБУЗ МО «Балашихинская областная больница»'
DEMO_TEXT = 'Важно! 2 этап вакцинации 14.10.2021! zdrav.mosreg.ru или звоните 122'

DEMO_DOCUMENT_KINDS = (
    'Протокол консультации',
    'Протокол лабораторного исследования',
    'Протокол инструментального исследования',
    'Эпикриз в стационаре выписной',
    'Эпикриз по законченному случаю амбулаторный',
    'Направление на консультацию',
    'Протокол вакцинации',
    'Справка о прохождении медицинского осмотра',
)
"""The most common kind first."""
DEMO_DOCUMENT_ERRORS = (
    ('PATIENT_NOT_FOUND', 'Пациент не найден в регистре'),
    ('SIGNATURE_INVALID', 'Электронная подпись врача не прошла проверку'),
    ('CERTIFICATE_EXPIRED', 'Срок действия сертификата подписи истёк'),
    ('DUPLICATE_DOCUMENT', 'Документ с таким номером уже зарегистрирован'),
    ('STRUCTURE_INVALID', 'Структура документа не соответствует схеме'),
)
DEMO_REMD_NUMBER = '50.{year:02}.{month:02}.{number:09}'
