"""What the page «Список обзвона» says."""

from models import CallOutcome

CALLS_TITLE = 'Список обзвона'
CALLS_HINT = 'Кому позвонить, потому что сообщение не дошло, и что сказать'
CALLS_VIEWS = 'Что показать'
CALLS_TO_MAKE = 'Обзвонить'
CALLS_MADE = 'Обзвонены'
CALLS_PERSON = 'Кому звонить'
CALLS_APPOINTMENT = 'Запись'
CALLS_TOLD = 'Что хотели сообщить'
CALLS_WHY = 'Почему не дошло и что делать'
CALLS_ACTION = 'Звонок'
CALLS_NO_APPOINTMENT = 'без записи'
CALLS_OVER = 'запись прошла'
CALLS_UNNAMED_ERROR = 'Причина неизвестна'
CALLS_TAKE = 'Взять'
CALLS_TAKE_WHOM = 'Взять: {name}'
CALLS_MINE = 'Звоните Вы, с {time}'
CALLS_HELD = 'У {name}, с {time}'
CALLS_GIVE_BACK = 'Вернуть в список'
CALLS_GIVE_BACK_WHOM = 'Вернуть в список: {name}'
CALLS_NOTE = 'Заметка о звонке'
CALLS_DONE = 'Обзвонен'
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
CALLS_NONE_MADE = 'Звонков ещё не было'
CALLS_NONE_MADE_NEXT = 'Здесь останется, кого, кто и когда обзвонил.'
CALLS_TAKEN_FIRST = 'Этого человека уже взяли или обзвонили.'
CALLS_LOST = 'Отметка не поставлена: прошло больше 15 минут, и этого человека взял другой оператор.'
CALLS_UNAVAILABLE = 'Не сохранено: база данных не отвечает. Попробуйте ещё раз чуть позже.'
CALLS_SAID = '{outcome} · {by} · {time}'
