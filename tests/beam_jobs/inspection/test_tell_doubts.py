import json

import pytest

from beam_jobs.inspection.tell_doubts import warn_of_instances, warn_of_vocabulary
from beam_jobs.settings import InstanceSettings, VocabularySettings

TOTALS = {
    "instances": 2000,
    "label_0": 1000,
    "label_1": 1000,
    "pieces": 200_000,
    "padding": 56_000,
    "unknown": 0,
    "predictions": 30_000,
    "predictions_per_instance": [0] * 15 + [2000] + [0] * 4,
}


@pytest.fixture
def said(tmp_path, capsys):
    def lines(totals, **settings):
        (tmp_path / "corpus_stats.json").write_text(json.dumps({"totals": {**TOTALS, **totals}}))
        warn_of_instances(str(tmp_path), InstanceSettings(**settings))
        captured = capsys.readouterr()
        assert captured.out == ""
        return captured.err.splitlines()

    return lines


def test_instances(said, tmp_path):
    assert said({}) == []
    (line,) = said({"unknown": 2100})
    assert line.startswith("beambert: warning: 1.1% of the pieces are [UNK]")
    assert f"--vocab_file {tmp_path}/vocab.txt" in line
    (line,) = said({"label_0": 1900, "label_1": 100})
    assert "5.0% of the instances have label 1" in line
    assert said({"label_0": 2000, "label_1": 0}, objective="full_sentences") == []
    assert said({"unknown": 2100}, silence=("unknown_pieces",)) == []


def test_few_predictions_are_not_told_again_when_the_settings_told_before_that_they_must_be_few(said):
    few = {"predictions": 14_000, "predictions_per_instance": [0] * 7 + [2000]}
    assert len(said(few)) == 1
    assert said(few, max_predictions_per_seq=7) == []


def test_dynamic_records_have_no_padding_and_no_predictions_yet(said):
    thin = {"padding": 300_000, "predictions": 0, "predictions_per_instance": [2000, 0]}
    assert said(thin, masking="dynamic") == []
    assert len(said(thin)) == 2


def test_the_room_for_predictions_is_that_of_the_list(said):
    few = {"predictions": 14_000, "predictions_per_instance": [0] * 7 + [2000]}
    (line,) = said(few)
    assert line.startswith("beambert: warning: 7.0% of the pieces are predicted, not 15%: 2,000 of 2,000")


def test_a_vocabulary(tmp_path, capsys):
    def lines(unknown, pieces, silence=()):
        stats = {"unknown_words": unknown, "pieces_per_word": pieces}
        (tmp_path / "corpus_stats.json").write_text(json.dumps(stats))
        warn_of_vocabulary(str(tmp_path), VocabularySettings(silence=silence))
        return capsys.readouterr().err.splitlines()

    assert lines(0.01, 2.5) == []
    assert len(lines(0.011, 2.5)) == len(lines(0.01, 2.6)) == 1
    assert lines(0.011, 2.5, ("unknown_words",)) == []
