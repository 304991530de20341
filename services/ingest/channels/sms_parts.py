"""The number of SMS parts in which a text is sent.

A short message has 140 octets: 160 septets of the GSM 7 bit default alphabet, or 70 code units of UCS2 if any character
is not in that alphabet. A character of the extension table takes two septets, of which the first is the escape code. A
longer text is sent in parts, each with a header of 6 octets, which leaves 153 septets or 67 code units. Neither an
escape sequence nor a UCS2 character is split between two parts.

Sources: 3GPP TS 23.038, 6.2.1 (default alphabet), 6.2.1.1 (extension table) and 6.2.3 (UCS2); 3GPP TS 23.040,
9.2.3.24.1 (concatenated short messages). 23.038 does not mention characters outside the Basic Multilingual Plane;
handsets and gateways send them as surrogate pairs of UTF-16, which are not split either.

National language tables (23.038, annex A) are not considered: they have no Cyrillic, and gateways do not choose them by
themselves.
"""

from typing import Final

from models import MessageChannel

GSM_ALPHABET: Final = frozenset(
    '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ'
    ' !"#¤%&\'()*+,-./0123456789:;<=>?'
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§'
    '¿abcdefghijklmnopqrstuvwxyzäöñüà'
)
"""The 127 characters of the default alphabet; the 128th code is the escape to the extension table."""
GSM_EXTENSION: Final = frozenset('\f^{}\\[~]|€')
"""The characters of the extension table, which take two septets."""
SINGLE_SEPTETS, PART_SEPTETS = 160, 153
SINGLE_UNITS, PART_UNITS = 70, 67
MAX_SINGLE_UNIT: Final = 0xFFFF
"""The last character that is one code unit of UTF-16."""


def count_parts(text: str) -> int:
    """Return the number of SMS parts of a text; an empty text is one SMS."""
    if (GSM_ALPHABET | GSM_EXTENSION).issuperset(text):
        sizes = [2 if character in GSM_EXTENSION else 1 for character in text]
        single_size, part_size = SINGLE_SEPTETS, PART_SEPTETS
    else:
        sizes = [2 if ord(character) > MAX_SINGLE_UNIT else 1 for character in text]
        single_size, part_size = SINGLE_UNITS, PART_UNITS
    if sum(sizes) <= single_size:
        return 1
    parts, room = 0, 0
    for size in sizes:
        if size > room:
            parts, room = parts + 1, part_size
        room -= size
    return parts


def known_part_count(reported: int | None, text: str, channel: MessageChannel | None = None) -> int | None:
    """Return the number of parts that the sender reports, or that follows from the text.

    None without a text, and if the message is known to be no SMS: messengers do not split a text by these rules.
    """
    if reported or not text or channel not in (None, MessageChannel.SMS):
        return reported
    return count_parts(text)
