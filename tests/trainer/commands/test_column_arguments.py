import argparse
from dataclasses import fields

import pytest

from beam_jobs.errors import UserError
from trainer.commands.column_arguments import add_column_arguments, chosen_columns
from trainer.examples.files.column_settings import ColumnSettings


def _chosen(*arguments):
    parser = argparse.ArgumentParser()
    add_column_arguments(parser)
    return chosen_columns(parser.parse_args(arguments))


def test_the_usual_names_unless_others_are_given():
    assert _chosen() == ColumnSettings()
    assert _chosen("--tag_column", "-1", "--id_column", "-") == ColumnSettings(tag_column="-1", id_column="-")
    assert _chosen("--label_column=mark").label_column == "mark"


def test_every_setting_of_columns_has_its_flag_and_help():
    parser = argparse.ArgumentParser()
    add_column_arguments(parser)
    text = parser.format_help()
    assert all(f"--{field.name}" in text for field in fields(ColumnSettings))


def test_columns_that_make_no_sense():
    with pytest.raises(UserError, match="--pair_column is b, but --text_column is not given"):
        _chosen("--pair_column", "b")
