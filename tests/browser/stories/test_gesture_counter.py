"""The counter of gestures counts each gesture and its seconds once, and fails above the number."""

import pytest

from services import texts
from tests.helpers.gesture_counter import CountingOperator
from tests.helpers.sample_data import IVANOV, IVANOVA


def test_each_gesture_is_counted_once(counting_operator: CountingOperator) -> None:
    counting_operator.open('/messages')
    with counting_operator.question('a person', gestures=3, seconds=6):
        counting_operator.fill(texts.RECIPIENT, 'иванов')
        counting_operator.click(texts.FIND)
        counting_operator.wait_for_recipients(IVANOV, IVANOVA)
        counting_operator.click_element(lambda: counting_operator.check_box('Ошибка отправки'))
    assert len(counting_operator.gestures) == 3, counting_operator.gestures
    # a click and the hand to the keyboard, six letters; the hand back to the mouse and a click; a click
    assert counting_operator.seconds == pytest.approx(1.3 + 0.4 + 1.2 + 0.4 + 1.3 + 1.3)
    with (
        pytest.raises(AssertionError, match=r'too long» takes 0\.8 seconds'),
        counting_operator.question('too long', gestures=1, seconds=0.7),
    ):
        counting_operator.press('Control+End')
    with (
        pytest.raises(AssertionError, match=r'2 gestures: \(.press Escape., .press Tab'),
        counting_operator.question('too many', gestures=1, seconds=10),
    ):
        counting_operator.press('Escape', 'Tab')
