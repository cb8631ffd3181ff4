"""Names and codes of languages as people write them: ISO 639-2 codes, English names, the languages' own names."""

import re
import unicodedata

_CODES = {
    **{"no": "nb", "nob": "nb", "nor": "nb", "nno": "nn", "dan": "da", "swe": "sv", "isl": "is", "ice": "is"},
    **{"eng": "en", "deu": "de", "ger": "de", "nld": "nl", "dut": "nl", "fra": "fr", "fre": "fr", "spa": "es"},
    **{"ita": "it", "por": "pt", "pol": "pl", "fin": "fi", "rus": "ru", "ell": "el", "gre": "el", "tur": "tr"},
    **{"kor": "ko", "zho": "zh", "chi": "zh", "cmn": "zh", "jpn": "ja"},
}
_NAMES = {
    "nb": "norwegian, norsk, bokmål, norwegian bokmål, norsk bokmål, bokmål norwegian, bokmål norsk, riksmål",
    "nn": "nynorsk, norwegian nynorsk, norsk nynorsk, nynorsk norwegian, nynorsk norsk",
    "da": "danish, dansk",
    "de": "german, deutsch",
    "el": "greek, modern greek, ελληνικά, νέα ελληνικά",
    "en": "english",
    "es": "spanish, español, castilian, castellano",
    "fi": "finnish, suomi",
    "fr": "french, français",
    "is": "icelandic, íslenska",
    "it": "italian, italiano",
    "ja": "japanese, 日本語",
    "ko": "korean, 한국어",
    "nl": "dutch, flemish, nederlands, vlaams",
    "pl": "polish, polski",
    "pt": "portuguese, português",
    "ru": "russian, русский",
    "sv": "swedish, svenska",
    "tr": "turkish, türkçe",
    "zh": "chinese, mandarin, mandarin chinese, 中文, 汉语, 漢語",
}
_LONGEST = 64  # characters; a longer text is not the name of a language


def code_of_code(language: str) -> str:
    """The two-letter code for a code: "nb" for "no", "nob" or "nb-NO", "en" for "en_GB.UTF-8".

    Other words come back unchanged.
    """
    primary = re.split(r"[-_.@]", language[:_LONGEST].strip().lower(), maxsplit=1)[0]
    return _CODES.get(primary, primary)


def code_of_name(language: str) -> str:
    """The two-letter code for a name: "nb" for "Bokmål" or "bokmaal", "en" for "English (US)", "" for an unknown name.

    A label of fastText ("__label__nob_Latn") is understood too.
    """
    if len(language) > _LONGEST:
        return ""
    whole = " ".join(re.split(r"[\s_-]+", _plain(language)))
    first = re.split(r"[-_.@(,;/]", _plain(language), maxsplit=1)[0].strip()
    return (
        _CODE_OF_NAME.get(whole) or _CODE_OF_NAME.get(first) or _CODES.get(first) or (first if first in _NAMES else "")
    )


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFD", name.strip().lower().removeprefix("__label__").replace("aa", "å"))
    return "".join(character for character in decomposed if unicodedata.category(character) != "Mn")


NAMES = tuple(name for names in _NAMES.values() for name in names.split(", "))
"""All names that are understood, in lower case."""

_CODE_OF_NAME = {_plain(name): code for code, names in _NAMES.items() for name in names.split(", ")}
