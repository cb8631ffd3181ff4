"""The languages that detection knows, by the codes that this project writes, and how users may name them."""

from beam_jobs.text.language_names import code_of_code, code_of_name

_CODES = """
ace af am an ar ary arz as az ba bcl be bg bn br bs ca crh cs cy da de dz el en eo es et eu ext fa fi fo fr fuv fy ga
gcf gcr gd gl gom grc gu gug guw ha hbo he hi hr ht hu hy id ig is it ja jv ka kab kik kk km kn ko ku ky la lb lg lij
ln lo lt ltg lv mg mk ml mn mr ms mt my nb ne nl nn nso oc om or pa pcm pl ps pt qu ro ru rw sa sdh se si sk sl sn so
sq sr st sv sw ta te tg th tk tl tr tt ug uk ur uz uzs vec vi vo wa wuu xh yo yue zh zu zxx
"""

DETECTED_LANGUAGES = tuple(_CODES.split())
"""Two-letter codes (ISO 639-1) or, where there is none, three-letter codes (ISO 639-3), sorted."""

NO_LANGUAGE = "zxx"
"""The code of what is written in no language, such as a table. It is one of the above."""


def detected_code(code: str) -> str:
    """The code for a code of the model, which calls Bokmål "no"."""
    return "nb" if code == "no" else code


def detected_language(name: str) -> str:
    """The code of the language that a user names by a code or a name, or "" if detection does not know it.

    "no", "nob" and "Norwegian" mean Bokmål, as everywhere else; Nynorsk is a language of its own.
    """
    return next((code for code in (code_of_code(name), code_of_name(name)) if code in DETECTED_LANGUAGES), "")
