import argparse

import pytest

from trainer.commands.column_arguments import add_column_arguments
from trainer.commands.prediction_arguments import add_prediction_arguments, prediction_settings
from trainer.finetuning.predict import PredictSettings


@pytest.mark.parametrize(
    ("given", "settings"),
    [
        ([], PredictSettings()),
        (["--batch", "8", "--null_threshold", "-2"], PredictSettings(batch=8, null_threshold=-2.0)),
    ],
)
def test_the_settings_that_the_arguments_say(given, settings):
    parser = argparse.ArgumentParser()
    add_prediction_arguments(parser)
    add_column_arguments(parser)
    assert prediction_settings(parser.parse_args(given)) == settings


def test_a_column_of_pairs_makes_the_texts_pairs():
    parser = argparse.ArgumentParser()
    add_prediction_arguments(parser)
    add_column_arguments(parser)
    assert prediction_settings(parser.parse_args(["--text_column", "a", "--pair_column", "b"])).pairs
