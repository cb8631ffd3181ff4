"""The characters that end sentences: those with Unicode's property Sentence_Terminal (UAX 29), ellipses and shads.

UAX 29 ends a sentence at each of them except the full stop, whatever follows. This fits running text, but not the web,
where "?" stands in addresses, "!" in names, a danda between the digits of verse numbers, and the Urdu full stop after
initials. So in a script that puts spaces between words, a stop counts only before a space, where its writers put one.
In scripts that have no spaces between words it counts without one. These are Tibetan, and the scripts whose lines may
break within words (Line_Break SA, AK, AS, ID in UAX 14).
"""

import re

STOPS = ".!?…‥․‽‼⁇⁈⁉⸮⹓⹔"
"""These end a sentence if a space and then no lower-case letter follows, as they have other uses in cased scripts."""

_ARABIC_AND_SYRIAC = "\u061d\u061e\u061f\u06d4\u0700\u0701\u0702"
_AFRICAN = "\u07f9\u1362\u1367\u1368\ua60e\ua60f\ua6f3\ua6f7\U00016af5\U00016e98"  # N'Ko, Ethiopic, Vai, Bamum ...
_INDIC = "\u0964\u0965\u1944\u1945\u1c3b\u1c3c\u1c7e\u1c7f\ua8ce\ua8cf\uaaf0\uaaf1\uabeb"  # dandas above all
_MONGOLIAN_AND_PHAGS_PA = "\u1803\u1809\ua876\ua877"
_OTHER = "\u0589\u0837\u0839\u083d\u083e\u166e\u1735\u1736\u2cf9\u2cfa\u2cfb\u2e3c\u2e60\u2e61\ua4ff\ua92f"
_MYANMAR_COMMA = "\u104a"  # a Sentence_Terminal, but today it separates phrases, so a space must follow
_BEYOND_THE_BMP = (
    "\U00010a56\U00010a57\U00010f55\U00010f56\U00010f57\U00010f58\U00010f59\U00010f86\U00010f87\U00010f88\U00010f89"
    "\U000110be\U000110bf\U000110c0\U000110c1\U00011141\U00011142\U00011143\U000111c5\U000111c6\U000111cd\U000111de"
    "\U000111df\U00011238\U00011239\U0001123b\U0001123c\U000112a9\U0001144b\U0001144c\U000115c2\U000115c3"
    + "".join(map(chr, range(0x115C9, 0x115D8)))
    + "\U00011641\U00011642\U00011a42\U00011a43\U00011a9b\U00011a9c\U00011c41\U00011c42\U00016a6e\U00016a6f\U00016b37"
    "\U00016b38\U00016b44\U00016d6e\U00016d6f\U0001bc9f\U0001da88"
)
SPACED_STOPS = (
    _ARABIC_AND_SYRIAC + _AFRICAN + _INDIC + _MONGOLIAN_AND_PHAGS_PA + _OTHER + _MYANMAR_COMMA + _BEYOND_THE_BMP
)
"""These end a sentence if a space follows: they have no other use, or their script has no capitals."""

_EAST_ASIAN = "。！？｡．\ufe12\ufe15\ufe16\ufe52\ufe56\ufe57"
_KHMER_AND_MYANMAR = "\u17d4\u17d5\u104b"
_TAI_THAM_AND_AHOM = "\u1aa8\u1aa9\u1aaa\u1aab\U0001173c\U0001173d\U0001173e"
_ISLAND_SCRIPTS = (
    "\u1b4e\u1b4f\u1b5a\u1b5b\u1b5e\u1b5f\u1b7d\u1b7e\u1b7f\ua9c8\ua9c9\U00011ef7\U00011ef8\U00011f43\U00011f44"
)
_CHAM_BRAHMI_AND_KIN = "\uaa5d\uaa5e\uaa5f\U00011047\U00011048\U000113d4\U000113d5\U00011944\U00011946"
SHADS = "\u0f0d\u0f0e\u0f0f\u0f10\u0f11\u0f12"
"""Tibetan shads: they end clauses too, so they are not Sentence_Terminal, but Tibetan has no other stop.

"། །" is a pair.
"""
WIDE_STOPS = SHADS + _EAST_ASIAN + _KHMER_AND_MYANMAR + _TAI_THAM_AND_AHOM + _ISLAND_SCRIPTS + _CHAM_BRAHMI_AND_KIN
"""These end a sentence with or without a space, because their scripts put none between words."""

ALL_STOPS = STOPS + SPACED_STOPS + WIDE_STOPS

_PART = 1 << 16  # characters that are looked at together
_RARE = re.compile("[\U00010a56-\U0001da88]")


def below_and_beyond(stops: str) -> tuple[str, str]:
    """The stops up to U+FFFF, for which a regular expression uses a table, and the stops beyond."""
    below = "".join(stop for stop in stops if stop <= "\uffff")
    return below, "".join(stop for stop in stops if stop > "\uffff")


def may_hold_rare_stops(text: str) -> bool:
    """Whether a character lies in the range of the stops beyond U+FFFF.

    This is quick to test, and hardly any text has one.
    """
    for start in range(0, len(text), _PART):
        part = text[start : start + _PART]
        if len(part.encode("utf-16-le", "surrogatepass")) > 2 * len(part) and _RARE.search(part):
            return True
    return False
