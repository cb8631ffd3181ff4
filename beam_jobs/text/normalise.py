"""Text cleaned of what only harms a tokenizer: NFC, control characters, odd white space, invisible characters."""

import re
import unicodedata

# What each character becomes. Everything that is not here stays as it is (in NFC).
_LINE_BREAKS = "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_SPACES = "\t\x1f\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_NOTHING = "\xad\u200b\u2060\ufeff"  # soft hyphen, zero-width space, word joiner, byte order mark
_REPLACEMENT = "\ufffd"  # what a lone surrogate becomes: it is no character, and no file can hold it

_TABLE: dict[int, str] = {
    **dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], " "),  # control characters (Cc)
    **{ord(char): " " for char in _SPACES},
    **{ord(char): "\n" for char in "\n" + _LINE_BREAKS},
    **{ord(char): "" for char in _NOTHING},
    **dict.fromkeys(range(0xD800, 0xE000), _REPLACEMENT),
}

# Clean: nothing in the table, and nothing that NFC could change: below U+0300 no character changes or combines, and
# neither does common punctuation.
_CLEAN_LATIN_1 = bytes(code for code in range(256) if code == 0x0A or code not in _TABLE)
_UNCLEAN = re.compile("[^\n -~\xa1-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]")
_UNCLEAN_BUT_COMPOSED = re.compile(f"[{re.escape(''.join(map(chr, sorted(_TABLE.keys() - {0x0A}))))}]")


def normalise(text: str) -> str:
    r"""The text in NFC, with control characters, odd white space and invisible characters cleaned.

    - NFC (Unicode normalization form C): a decomposed "å" becomes the one letter that vocabularies know.
    - Line breaks of every kind (\r\n, \r, \v, \f, \x1c-\x1e, \x85, U+2028, U+2029) become "\n".
    - Tabs, no-break and other Unicode spaces, NUL and all other control characters (category Cc) become " ".
    - Soft hyphens, zero-width spaces, word joiners and byte order marks are taken out. The zero-width joiner and
      non-joiner stay: they spell words in Persian and the Indic scripts, and emoji.
    - Lone surrogates become U+FFFD.

    Nothing else is altered, and normalising twice changes nothing more.
    """
    try:
        if not text.encode("latin-1").translate(None, _CLEAN_LATIN_1):
            return text
    except UnicodeEncodeError:  # a character above U+00FF
        if _UNCLEAN.search(text) is None:
            return text
    if _UNCLEAN_BUT_COMPOSED.search(text) is not None:
        text = text.replace("\r\n", "\n").translate(_TABLE)
    return unicodedata.normalize("NFC", text)
