import pytest

from beam_jobs.errors import UserError
from trainer.examples.files.column_settings import ColumnSettings, column_number


@pytest.mark.parametrize(
    ("settings", "option"),
    [
        ({"label_separator": ""}, "label_separator"),
        ({"pair_column": "b"}, "pair_column"),
        ({"pair_column": "a", "text_column": "a"}, "pair_column"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings, option):
    with pytest.raises(UserError, match=f"^--{option} "):
        ColumnSettings(**settings).validate()


def test_the_defaults_are_valid():
    ColumnSettings().validate()


@pytest.mark.parametrize(
    ("setting", "number"), [("", -1), ("2", 2), ("-1", -1), ("0", None), ("upos", None), ("1.5", None)]
)
def test_columns_of_words_are_numbers_from_1(setting, number):
    assert column_number(setting, -1) == number
