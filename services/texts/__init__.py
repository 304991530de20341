"""Every Russian word of the program, one file a subject.

They live here and not in journal_ui because a refused line of an import, a query's own sentence and the record of who
looked at what are worded where they arise.
"""

from services.texts.accounts import *
from services.texts.demo import *
from services.texts.incoming import *
from services.texts.messages import *
from services.texts.screen import *
from services.texts.terminal import *
