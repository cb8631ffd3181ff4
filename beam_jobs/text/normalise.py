"""Text cleaned of what only harms a tokenizer: NFC, control characters, odd white space, invisible characters."""

import re

from vocab.unicode_forms import to_nfc

# What each character becomes. Everything that is not here stays as it is (in NFC).
_LINE_BREAKS = "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_SPACES = "\t\x1f\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_NOTHING = "\xad\u200b\u2060\ufeff"  # soft hyphen, zero-width space, word joiner, byte order mark
_REPLACEMENT = "\ufffd"  # what a lone surrogate becomes: it is no character, and no file can hold it

_TABLE: dict[str, str] = {
    **dict.fromkeys(map(chr, [*range(0x20), *range(0x7F, 0xA0)]), " "),  # control characters (Cc)
    **dict.fromkeys(_SPACES, " "),
    **dict.fromkeys(_LINE_BREAKS, "\n"),
    **dict.fromkeys(_NOTHING, ""),
    **dict.fromkeys(map(chr, range(0xD800, 0xE000)), _REPLACEMENT),
}
del _TABLE["\n"]

# Text of these characters only is clean: none is in the table, and NFC changes none (below U+0300 no character changes or
# combines, nor does common punctuation). Matching all of it is twice as fast as searching for something else.
_CLEAN = re.compile("[\n -~\xa1-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]*+")
_IN_TABLE = re.compile(f"[{re.escape(''.join(_TABLE))}]")


def normalise(text: str) -> str:
    r"""The text in NFC, with control characters, odd white space and invisible characters cleaned.

    - NFC (Unicode normalization form C): a decomposed "å" becomes the one letter that vocabularies know.
    - Line breaks of every kind (\r\n, \r, \v, \f, \x1c-\x1e, \x85, U+2028, U+2029) become "\n".
    - Tabs, no-break and other Unicode spaces, NUL and all other control characters (category Cc) become " ".
    - Soft hyphens, zero-width spaces, word joiners and byte order marks are taken out. The zero-width joiner and
      non-joiner stay: they spell words in Persian and the Indic scripts, and emoji.
    - Lone surrogates become U+FFFD.

    Nothing else is altered, and normalising twice changes nothing more. Time is linear in the length of the text.
    """
    if _CLEAN.fullmatch(text):
        return text
    cleaned = _IN_TABLE.sub(lambda found: _TABLE[found[0]], text.replace("\r\n", "\n"))
    return cleaned if _CLEAN.fullmatch(cleaned) else to_nfc(cleaned)
