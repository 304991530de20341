"""Every Russian word of the program, one file a subject.

They live here and not in journal_ui because a refused line of an import, a query's own sentence and the record of who
looked at what are worded where they arise.
"""

from services.texts.access import *
from services.texts.accounts import *
from services.texts.arrangement import *
from services.texts.callbacks import *
from services.texts.demo import *
from services.texts.desk import *
from services.texts.exchange import *
from services.texts.guide import *
from services.texts.incoming import *
from services.texts.keys import *
from services.texts.messages import *
from services.texts.nodes import *
from services.texts.operation import *
from services.texts.screen import *
from services.texts.summary import *
from services.texts.terminal import *
