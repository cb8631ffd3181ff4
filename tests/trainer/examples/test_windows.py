import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from beam_jobs.errors import UserError
from trainer.examples.windows import WindowSettings, best_windows, windows

SHAPES = st.integers(1, 20).flatmap(lambda room: st.tuples(st.integers(0, 90), st.just(room), st.integers(0, room - 1)))


@given(SHAPES)
def test_windows_cover_the_text_and_overlap_as_said(shape):
    length, room, overlap = shape
    cut = windows(length, room, overlap)
    assert sorted({i for start, end in cut for i in range(start, end)}) == list(range(length))
    assert all(end - start == room for start, end in cut[:-1])
    assert cut[-1][1] - cut[-1][0] <= room
    assert all(one[1] - two[0] == overlap for one, two in itertools.pairwise(cut))
    assert all(one[1] < two[1] for one, two in itertools.pairwise(cut))


def original_best(cut, piece):
    """google-research/bert's rule, in its own words."""
    best_score, best = None, None
    for number, (start, end) in enumerate(cut):
        if not start <= piece < end:
            continue
        score = min(piece - start, end - 1 - piece) + 0.01 * (end - start)
        if best_score is None or round(score, 6) > round(best_score, 6):
            best_score, best = score, number
    return best


@given(SHAPES)
@example((310, 300, 150))  # piece 225 has a piece more before it in the shorter window
def test_the_best_window_is_the_original_s(shape):
    cut = windows(*shape)
    assert best_windows(cut, shape[0]).tolist() == [original_best(cut, piece) for piece in range(shape[0])]


def test_overlap_is_no_step():
    assert windows(10, 4, 1) == [(0, 4), (3, 7), (6, 10)]
    assert windows(0, 4, 1) == [(0, 0)]
    with pytest.raises(ValueError, match="cannot overlap"):
        windows(10, 4, 4)


def test_the_usual_settings_are_valid():
    WindowSettings(384, 128).validate()
    WindowSettings(128, 32, 0).validate()
    assert WindowSettings(384, 128).room == 384 - 64 - 3
    assert WindowSettings(128, 32, 0).room == 126


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            WindowSettings(384, 317),
            r"--window_overlap is 317, but a window of 384 pieces has room for 317 of the text beside a que",
        ),
        (WindowSettings(128, 126, 0), r"--window_overlap is 126, .* of the text, and must go on .*; name at most 125$"),
        (WindowSettings(384, -1), r"--window_overlap is -1; "),
        (
            WindowSettings(64, 0),
            r"--max_seq_length is 64, which leaves no room beside a question of 64 pieces and special",
        ),
        (WindowSettings(2, 0, 0), r"--max_seq_length is 2, which leaves no room beside special"),
        (WindowSettings(64, 0, -1), r"--max_question_length is -1"),
    ],
)
def test_settings_that_some_input_would_break_are_refused(settings, message):
    with pytest.raises(UserError, match=message):
        settings.validate()
