"""The page «Список обзвона», and the page with all messages to a person and the calls about them."""

from models import CallOutcome

CALLS_ABOUT_MESSAGE = 'Звонки'
CALLS_NOT_RECORDED = 'Звонок не отмечен'
CALLS_CALLING_NOW = 'звонит {by}'
CALLS_TITLE = 'Список обзвона'
CALLS_HINT = 'Кому позвонить, потому что сообщение не дошло, и что сказать'
CALLS_SEARCH = 'ФИО или телефон'
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
CALLS_OUTCOME_LABEL = '{outcome}: {name}'
CALLS_NOTE = 'Заметка о звонке'
CALLS_COMPLETE = 'Обзвонен'
CALLS_OUTCOMES = {
    CallOutcome.REACHED: 'Дозвонились',
    CallOutcome.NOT_REACHED: 'Не дозвонились',
    CallOutcome.WRONG_NUMBER: 'Номер неверный',
}
CALLS_RETURN = 'Не дозвонились: когда перезвонить'
CALLS_RETURN_TIMES = {  # by services.call_list.return_times.ReturnTime
    'half_an_hour': 'Через 30 минут',
    'two_hours': 'Через 2 часа',
    'next_morning': 'Завтра утром',
}
CALLS_RETURN_ON_MONDAY = 'В понедельник утром'
CALLS_RETURN_CHOICE = '{words}, в {time}'
CALLS_NO_RETURN = 'Больше не звонить'
CALLS_ATTEMPTS = 'Не дозвонились: {attempts}'
CALLS_ATTEMPT_FORMS = {'one': 'раз', 'few': 'раза', 'many': 'раз'}
CALLS_CALL_AGAIN = 'перезвонить {time}'
CALLS_RETURNED = 'снова в списке с {time}'
CALLS_UNDONE = 'отметка отменена: {by} · {time}'
CALLS_POSTPONED = 'отложено: {people}, ближайший звонок {time}'
CALLS_DONE = '{outcome}: {name}'
CALLS_UNDO = 'Отменить отметку'
CALLS_NOT_UNDONE = 'Отменить не удалось: с этим человеком уже работает другой оператор.'
CALLS_FIRST = 'Показаны первые {shown} из {people}'
CALLS_ALL = 'Всего: {people}'
CALLS_MORE = 'Показать ещё'
CALLS_NOBODY = 'Звонить некому'
CALLS_NOBODY_NEXT = 'По этим условиям нет недошедших сообщений, о которых пора позвонить.'
CALLS_NONE_COMPLETED = 'Звонков ещё не было'
CALLS_NONE_COMPLETED_NEXT = 'Здесь останется, кого, кто и когда обзвонил.'
CALLS_ALREADY_CLAIMED = 'Этого человека уже взяли или обзвонили.'
CALLS_CLAIM_EXPIRED = 'Отметка не поставлена: прошло больше 15 минут, и этого человека взял другой оператор.'
CALLS_PUT_BACK = 'возвращён в список: {by} · {time}'
CALLS_RESULT = '{outcome} · {by}'
CALLS_QUOTED_NOTE = '«{note}»'

PERSON_TITLE = 'Все сообщения человеку'
PERSON_STORY = 'Получатель'
PERSON_LINK = 'Все сообщения этому человеку'
PERSON_LINK_LABEL = 'Все сообщения: {name}'
PERSON_SCOPES = 'Чьи сообщения'
PERSON_MESSAGES = 'Этому человеку: {count}'
PERSON_PHONE_MESSAGES = 'Всем на этот номер: {count}'
PERSON_SHOWN_ALL = 'За всё время, со звонками о них'
PERSON_SHOWN_FIRST = 'Показаны последние {shown} из {count} и звонки о них'
PERSON_MORE = 'Показать ещё'
PERSON_UNKNOWN = 'Сообщение не найдено'
PERSON_UNKNOWN_NEXT = 'Сообщения с таким кодом нет, или данные его получателя удалены.'
PERSON_TIMELINE = 'Сообщения и звонки, сначала новые'
PERSON_APPOINTMENT = 'запись {time}'
PERSON_CALL = 'Звонок: {call}'
PERSON_OPEN = 'Открыть сообщение в журнале'
