import numpy as np

from beam_jobs.decoding.summary import Summary
from beam_jobs.inspection.figures import figures, mask_rate_by_position, mean, percent

STATIC = Summary(
    instances=4,
    labels=np.array([3, 1]),
    one_segment=1,
    pieces=40,
    stored=64,
    unknown=1,
    masked=6,
    random=1,
    kept=1,
    long_words=5,
    whole_words=4,
    lengths=np.array([0] * 8 + [2, 0, 0, 0, 2]),
    predictions_per_instance=np.array([0, 0, 4, 0]),
)


def told(summary):
    return [(figure.name.strip(), figure.value, figure.note) for figure in figures(summary)]


def test_what_a_researcher_looks_at_first():
    assert told(STATIC) == [
        ("pieces per instance", "10.0", "of 16"),
        ("padding", "37.5 %", "of the positions"),
        ("label 1", "25.0 %", "B is random or swapped"),
        ("one segment", "25.0 %", "instances without a second segment"),
        ("[UNK]", "2.5 %", "of the pieces"),
        ("predictions per instance", "2.0", "of at most 3"),
        ("predicted", "20.0 %", "of the pieces"),
        ("hidden by [MASK]", "75.0 %", "of the predictions; 80 % is usual"),
        ("another piece", "12.5 %", "10 % is usual"),
        ("kept as it was", "12.5 %", "10 % is usual"),
        ("whole words", "80.0 %", "of masked words of several pieces"),
    ]
    shares = {figure.name.strip(): figure.share for figure in figures(STATIC) if figure.share is not None}
    assert (shares["padding"], shares["label 1"], shares["whole words"]) == (0.375, 0.25, 0.8)


def test_dynamic_instances_have_no_masking_to_tell_of():
    dynamic = Summary(instances=2, dynamic=2, pieces=20, stored=20, lengths=np.array([0] * 10 + [2]))
    assert told(dynamic) == [
        ("pieces per instance", "10.0", "longest 10"),
        ("[UNK]", "0.0 %", "of the pieces"),
        ("not masked yet", "100.0 %", "dynamic instances, masked by the trainer"),
    ]


def test_how_many_are_full():
    lengths = np.array([0] * 12 + [1] + [0] * 3 + [3])
    summary = Summary(instances=4, pieces=60, stored=64, lengths=lengths)
    assert told(summary)[0] == ("pieces per instance", "15.0", "of 16; 75.0 % are full")


def test_the_mean_of_a_histogram():
    assert mean(np.array([1, 2, 1])) == 1.0
    assert mean(np.zeros(3)) == 0.0


def test_mask_rate_by_position():
    summary = Summary(lengths=np.array([0, 0, 0, 2, 2, 0]), predicted_at=np.array([0, 1, 4, 1, 0, 0]))
    assert mask_rate_by_position(summary).tolist() == [0, 0.25, 1, 0.5]


def test_percent_and_an_empty_scan():
    assert [percent(x) for x in (0, 0.00003, 0.0031, 0.1499, 1)] == ["0.0 %", "0.003 %", "0.31 %", "15.0 %", "100.0 %"]
    assert figures(Summary()) == []
