"""The page «Журнал ИЭМК» (spec S3), while its journal is being prepared."""

from journal_ui import errors
from journal_ui.frame import Viewer, frame
from services import texts


def page(viewer: Viewer) -> None:
    """Draw the page."""
    with frame(texts.EXCHANGE_TITLE, viewer, path='/iemk'):
        errors.plain(texts.PREPARING, texts.PREPARING_NEXT, heading='h2', link=False)
