"""The icons as SVG paths in the colour of the text; unlike an icon font, they need no further download."""

from markupsafe import Markup

STROKE_STYLE = 'fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round'


def _stroke_icon(path: str) -> str:
    """Return a path in the notation of Quasar's SVG icons."""
    return f'{path}@@{STROKE_STYLE}|0 0 24 24'


def icon_html(icon: str) -> Markup:
    """Return the HTML that Quasar draws for an icon."""
    path, style, box = icon.replace('@@', '|').split('|')
    svg = Markup('<svg viewBox="{}"><path d="{}" style="{}"></path></svg>').format(box, path, style)
    return Markup('<i class="q-icon" aria-hidden="true" role="presentation">{}</i>').format(svg)


MENU = _stroke_icon('M4 7h16M4 12h16M4 17h16')
SEARCH = _stroke_icon('M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0-14zM16 16l4 4')
CLOSE = _stroke_icon('M7 7l10 10M17 7L7 17')
CHEVRON_DOWN = _stroke_icon('M7 10l5 5l5-5')
CHEVRON_UP = _stroke_icon('M7 14l5-5l5 5')
CALENDAR = _stroke_icon('M5 6h14v13H5zM5 10h14M9 4v3M15 4v3')
FIRST_PAGE = _stroke_icon('M17 7l-5 5l5 5M8 7v10')
PREVIOUS_PAGE = _stroke_icon('M14 7l-5 5l5 5')
NEXT_PAGE = _stroke_icon('M10 7l5 5l-5 5')
LAST_PAGE = _stroke_icon('M7 7l5 5l-5 5M16 7v10')
SUN = _stroke_icon(
    'M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8zM12 3v2M12 19v2M3 12h2M19 12h2'
    'M5.6 5.6L7 7M17 17l1.4 1.4M5.6 18.4L7 17M17 7l1.4-1.4'
)
MOON = _stroke_icon('M19 14.5A7.5 7.5 0 1 1 9.5 5a6 6 0 0 0 9.5 9.5z')
SIGN_OUT = _stroke_icon('M14 5h5v14h-5M4 12h10M11 8.5l3.5 3.5L11 15.5')
ENVELOPE = _stroke_icon('M4 6h16v12H4zM4 7l8 6l8-6')
COLUMNS = _stroke_icon('M4 5h16v14H4zM9.3 5v14M14.7 5v14')
HELP = _stroke_icon('M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18zM9.4 9.5a2.6 2.6 0 1 1 3.8 2.3c-.8.4-1.2 1-1.2 1.9M12 16.8v.1')
BOOK = _stroke_icon('M6 4h12v16H7a2 2 0 0 1-2-2V5a1 1 0 0 1 1-1zM5 18a2 2 0 0 1 2-2h11M9 8h5')
EYE = _stroke_icon('M2 12c3-5 6.5-7 10-7s7 2 10 7c-3 5-6.5 7-10 7s-7-2-10-7zM12 9a3 3 0 1 0 0 6a3 3 0 0 0 0-6z')
DOCUMENT_EXCHANGE = _stroke_icon('M4 9h14M14 5l4 4l-4 4M20 16H6M10 12l-4 4l4 4')
DOWNLOAD = _stroke_icon('M12 4v10M8 10.5l4 4l4-4M5 19h14')
UPLOAD = _stroke_icon('M12 14V4M8 7.5l4-4l4 4M5 19h14')
BOOKMARK = _stroke_icon('M7 4h10v16l-5-4l-5 4z')
DELETE = _stroke_icon('M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13')
CHART = _stroke_icon('M4 20h16M7 16v-5M12 16V6M17 16v-8')
PHONE = _stroke_icon('M7 4h3l1.5 4l-2 1.5a10 10 0 0 0 5 5l1.5-2l4 1.5v3a2 2 0 0 1-2 2A14 14 0 0 1 5 6a2 2 0 0 1 2-2z')
PERSON = _stroke_icon('M12 4a4 4 0 1 0 0 8a4 4 0 0 0 0-8zM5 20c0-4 3-6 7-6s7 2 7 6')
PEOPLE = _stroke_icon(
    'M9 5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 0 0 0-7zM3 19c0-3.5 2.5-5 6-5s6 1.5 6 5'
    'M16 5.5a3.2 3.2 0 0 1 0 6.2M17.5 14.5c2.2.6 3.5 2 3.5 4.5'
)
MORE_ACTIONS = _stroke_icon(
    'M5 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0M11 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0M17 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0'
)
