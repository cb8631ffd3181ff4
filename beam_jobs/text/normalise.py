"""Cleaning of text: Unicode form NFC, and no control characters, unusual white space or invisible characters."""

import re

from vocab.unicode_forms import to_nfc

# What each character becomes. A character that is not in the table stays as it is (in NFC).
_LINE_BREAKS = "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_SPACES = "\t\x1f\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_NOTHING = "\xad\u200b\u2060\ufeff"  # soft hyphen, zero-width space, word joiner, byte order mark
_REPLACEMENT = "\ufffd"  # replaces lone surrogates, which UTF-8 cannot encode

_TABLE: dict[str, str] = {
    **dict.fromkeys(map(chr, [*range(0x20), *range(0x7F, 0xA0)]), " "),  # control characters (Cc)
    **dict.fromkeys(_SPACES, " "),
    **dict.fromkeys(_LINE_BREAKS, "\n"),
    **dict.fromkeys(_NOTHING, ""),
    **dict.fromkeys(map(chr, range(0xD800, 0xE000)), _REPLACEMENT),
}
del _TABLE["\n"]

# Text of only these characters is clean: none of them is in the table, and NFC changes none of them (no character below
# U+0300 changes or combines, nor does common punctuation). To match a whole text is twice as fast as to search it for
# others.
_CLEAN = re.compile("[\n -~\xa1-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]*+")
_IN_TABLE = re.compile(f"[{re.escape(''.join(_TABLE))}]")


def normalise(text: str) -> str:
    r"""The text in NFC, without control characters, unusual white space and invisible characters.

    - NFC (Unicode normalization form C): a decomposed "å" becomes the single character that vocabularies hold.
    - Line breaks of every kind (\r\n, \r, \v, \f, \x1c-\x1e, \x85, U+2028, U+2029) become "\n".
    - Tabs, no-break and other Unicode spaces, NUL and all other control characters (category Cc) become " ".
    - Soft hyphens, zero-width spaces, word joiners and byte order marks are removed. The zero-width joiner and
      non-joiner stay, because words of Persian and of the Indic scripts, and emoji, are spelt with them.
    - Lone surrogates become U+FFFD.

    Nothing else is altered, and normalising twice changes nothing more. Time is linear in the length of the text.
    """
    if _CLEAN.fullmatch(text):
        return text
    cleaned = _IN_TABLE.sub(lambda found: _TABLE[found[0]], text.replace("\r\n", "\n"))
    return cleaned if _CLEAN.fullmatch(cleaned) else to_nfc(cleaned)
