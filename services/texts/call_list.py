"""The page «Список обзвона»."""

from models import CallOutcome

CALLS_TITLE = 'Список обзвона'
CALLS_HINT = 'Кому позвонить, потому что сообщение не дошло, и что сказать'
CALLS_VIEWS = 'Что показать'
CALLS_PENDING = 'Обзвонить'
CALLS_COMPLETED = 'Обзвонены'
CALLS_PERSON = 'Кому звонить'
CALLS_APPOINTMENT = 'Запись'
CALLS_MESSAGE_TEXT = 'Что хотели сообщить'
CALLS_ERROR = 'Почему не дошло и что делать'
CALLS_ACTION = 'Звонок'
CALLS_NO_APPOINTMENT = 'без записи'
CALLS_APPOINTMENT_PAST = 'запись прошла'
CALLS_STILL_WAITING = 'Сообщение не отправлено: ждёт {time}'
CALLS_STILL_WAITING_ADVICE = 'До записи оно может не уйти: напомните по телефону и сообщите администратору.'
CALLS_UNNAMED_ERROR = 'Причина неизвестна'
CALLS_CLAIM = 'Взять'
CALLS_CLAIM_LABEL = 'Взять: {name}'
CALLS_CLAIMED_BY_YOU = 'Звоните вы, с {time}'
CALLS_CLAIMED_BY = 'У {name}, с {time}'
CALLS_RELEASE = 'Вернуть в список'
CALLS_RELEASE_LABEL = 'Вернуть в список: {name}'
CALLS_NOTE = 'Заметка о звонке'
CALLS_COMPLETE = 'Обзвонен'
CALLS_OUTCOMES = {
    CallOutcome.REACHED: 'Дозвонились',
    CallOutcome.NOT_REACHED: 'Не дозвонились',
    CallOutcome.WRONG_NUMBER: 'Номер неверный',
}
CALLS_FIRST = 'Показаны первые {shown} из {people}'
CALLS_ALL = 'Всего: {people}'
CALLS_MORE = 'Показать ещё'
CALLS_NOBODY = 'Звонить некому'
CALLS_NOBODY_NEXT = 'За эти дни нет недошедших сообщений, о которых ещё не позвонили.'
CALLS_NONE_COMPLETED = 'Звонков ещё не было'
CALLS_NONE_COMPLETED_NEXT = 'Здесь останется, кого, кто и когда обзвонил.'
CALLS_ALREADY_CLAIMED = 'Этого человека уже взяли или обзвонили.'
CALLS_CLAIM_EXPIRED = 'Отметка не поставлена: прошло больше 15 минут, и этого человека взял другой оператор.'
CALLS_RESULT = '{outcome} · {by} · {time}'
