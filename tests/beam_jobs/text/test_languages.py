import pytest

from beam_jobs.text.language_names import NAMES, code_of_name
from beam_jobs.text.languages import canonical_language, known_languages, lacks_rules, language_rules


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("nb", "nb"),
        ("no", "nb"),
        ("NO", "nb"),
        ("nob", "nb"),
        ("nno", "nn"),
        ("en-US", "en"),
        ("en_GB.UTF-8", "en"),
        ("eng", "en"),
        (" de-AT ", "de"),
        ("zh-Hans", ""),
        ("tlh", ""),
        ("", ""),
        ("common", ""),
        ("../nb", ""),
        ("norwegian", "nb"),
        ("Bokmål", "nb"),
        ("bokma\u030al", "nb"),  # decomposed
        ("bokmal", "nb"),
        ("bokmaal", "nb"),
        ("Norwegian Nynorsk", "nn"),
        ("nynorsk", "nn"),
        ("ENGLISH", "en"),
        ("English (US)", "en"),
        ("en (US)", "en"),
        ("Greek, Modern", "el"),
        ("Spanish; Castilian", "es"),
        ("русский", "ru"),
        ("français", "fr"),
        ("francais", "fr"),
        ("Türkçe", "tr"),
        ("한국어", "ko"),
        ("nob_Latn", "nb"),
        ("__label__deu_Latn", "de"),
        ("Ancient Greek", ""),
        ("Old English", ""),
        ("Japanese", ""),
        ("norw", ""),
        ("x" * 1000, ""),
        ("english " * 1000, ""),
    ],
)
def test_codes_as_users_write_them(written, code):
    assert canonical_language(written) == code
    assert language_rules(written).code == code


def test_every_name_has_one_code():
    for name in NAMES:
        assert code_of_name(name) == code_of_name(name.upper()), name
        assert code_of_name(name) in known_languages() | {"zh", "ja"}, name
    assert len(NAMES) == len(set(NAMES))
    named = {code_of_name(name) for name in NAMES}
    assert known_languages() <= named


def test_what_lacks_rules():
    assert not any(
        map(lacks_rules, ["nb", "no", "norsk", "en-GB", "zh", "zh-Hans", "cmn", "Chinese", "jpn", "Japanese"])
    )
    assert all(map(lacks_rules, ["", "xx", "klingon", "th", "common", "x" * 10_000]))


def test_all_promised_languages_are_there():
    promised = {
        "nb",
        "nn",
        "en",
        "da",
        "sv",
        "de",
        "nl",
        "fr",
        "es",
        "it",
        "pt",
        "pl",
        "fi",
        "is",
        "ru",
        "el",
        "tr",
        "ko",
    }
    assert promised <= known_languages()


def test_word_lists_are_clean():
    for code in [*known_languages(), ""]:
        rules = language_rules(code)
        for words in (rules.listed, rules.starters, rules.unmistakable, rules.labels, rules.months):
            for word in words:
                assert word == word.lower().strip(), (code, word)
                assert not word.endswith("."), (code, word)
        assert all(len(word) > 1 for word in rules.unmistakable), code


def test_common_abbreviations_belong_to_every_language():
    for code in [*known_languages(), ""]:
        assert "mrs" in language_rules(code).listed


def test_rules_are_read_once():
    assert language_rules("nb") is language_rules("no")


def test_a_misspelt_key_of_a_language_is_refused(monkeypatch):
    from beam_jobs.errors import UserError
    from beam_jobs.text import languages

    monkeypatch.setattr(languages, "_read", lambda name: {"clause_stop": ""} if name == "nb" else {})
    with pytest.raises(UserError, match="language nb: unknown key clause_stop; did you mean clause_stops"):
        languages._rules_of_code.__wrapped__("nb")
