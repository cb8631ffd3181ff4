import pytest

from beam_jobs.text.language_names import NAMES, code_of_code, code_of_name


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("nb", "nb"),
        ("no", "nb"),
        ("NOR", "nb"),
        ("nb-NO", "nb"),
        ("en_GB.UTF-8", "en"),
        ("eng@x", "en"),
        (" ger ", "de"),
        ("cmn", "zh"),
        ("klingon", "klingon"),
        ("", ""),
        ("x" * 100, "x" * 64),
    ],
)
def test_codes(given, code):
    assert code_of_code(given) == code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("Bokmål", "nb"),
        ("bokmaal", "nb"),
        ("bokmal", "nb"),
        ("Norwegian", "nb"),
        ("norsk_nynorsk", "nn"),
        ("English (US)", "en"),
        ("francais", "fr"),
        ("ΕΛΛΗΝΙΚΑ", "el"),
        ("日本語", "ja"),
        ("__label__nob_Latn", "nb"),
        ("__label__de", "de"),
        ("German; Austria", "de"),
        ("klingon", ""),
        ("", ""),
        ("english" + "x" * 64, ""),
    ],
)
def test_names(given, code):
    assert code_of_name(given) == code


def test_every_name_is_understood():
    assert all(code_of_name(name) for name in NAMES)
    assert len(NAMES) == len(set(NAMES)) == 58
