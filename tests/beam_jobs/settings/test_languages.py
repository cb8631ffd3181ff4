import pytest

from beam_jobs.errors import UserError
from beam_jobs.settings import SegmentSettings, output_settings, settings_hash
from beam_jobs.settings.languages import language_codes, languages_problems


def settings(**more: object) -> SegmentSettings:
    return SegmentSettings(input=("in",), output="out", **more)


def test_languages_are_named_with_commas_or_apart_by_code_or_name():
    assert (
        language_codes(("nb,nn",))
        == language_codes(("nn", "nb"))
        == language_codes(("Norwegian, nynorsk",))
        == ("nb", "nn")
    )
    assert language_codes(("no",)) == ("nb",)
    assert language_codes(()) == ()
    assert list(languages_problems(("nb,nn", "se"))) == []


@pytest.mark.parametrize(
    ("languages", "message"),
    [
        (("nb,norwgian",), r"^--languages 'norwgian' is no language that can be detected; did you mean norwegian\?$"),
        (
            ("klingon12345",),
            r"^--languages 'klingon12345' is no language .*; name it by its code of ISO 639, such as nb$",
        ),
        (("nb,",), r"^--languages 'nb,' leaves a language out"),
        (("",), r"^--languages '' leaves a language out"),
    ],
)
def test_a_wrong_language_is_one_line(languages: tuple[str, ...], message: str):
    with pytest.raises(UserError, match=message):
        settings(languages=languages).validate()


def test_a_wrong_use_is_one_line_with_the_nearest():
    with pytest.raises(
        UserError, match=r"^--detect_language 'overide' is not one of off, fill, override; did you mean override\?$"
    ):
        settings(detect_language="overide").validate()


def test_detection_is_off_unless_asked_for():
    assert not settings().detects_languages
    assert settings(languages=("nb",)).detects_languages
    assert settings(detect_language="fill").detects_languages


def test_the_hash_knows_codes_and_not_how_they_were_written():
    plain = output_settings(settings())
    assert not {"languages", "detect_language"} & set(plain)
    hashes = {
        settings_hash(settings(languages=names)) for names in (("nb,nn",), ("nn", "no"), ("Bokmål", "nynorsk", "nb"))
    }
    assert len(hashes) == 1
    assert output_settings(settings(languages=("nn,no",)))["languages"] == ["nb", "nn"]
    others = {settings_hash(settings(detect_language=use)) for use in ("off", "fill", "override")}
    assert len(others) == 3
    assert settings_hash(settings()) in others
