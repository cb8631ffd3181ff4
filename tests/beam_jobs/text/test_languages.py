import pytest

from beam_jobs.text.languages import canonical_language, known_languages, language_rules


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
    ],
)
def test_codes_as_users_write_them(written, code):
    assert canonical_language(written) == code
    assert language_rules(written).code == code


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
