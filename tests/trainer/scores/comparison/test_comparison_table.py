from trainer.scores.comparison.compare_runs import Compared, Comparison, Figure, Settings
from trainer.scores.comparison.comparison_table import comparison_lines
from trainer.scores.comparison.multi_bootstrap import Interval


def _figure(value):
    return Figure(value, value, Interval(value - 0.01, value + 0.01))


def _comparison(seeds=(5, 5), runs=(5, 10), settings=None, always_better=True, p=0.001):
    row = Compared("macro_f1", _figure(0.5), _figure(0.625), _figure(0.125), p, always_better)
    return Comparison("classification", 1701, seeds[0], runs[0], seeds[1], runs[1], settings or Settings(), (row,))


def test_what_was_compared_and_the_table():
    lines = comparison_lines(_comparison())
    assert lines[:3] == ["classification of 1,701 examples", "base        5 seeds", "experiment  5 seeds, 10 runs"]
    assert lines[4].split("  ")[0] == "metric"
    assert lines[5].split() == (
        [
            "macro_f1",
            "0.5000",
            "[0.4900,",
            "0.5100]",
            "0.6250",
            "[0.6150,",
            "0.6350]",
            "+0.1250",
            "[+0.1150,",
            "+0.1350]",
            "<",
            "0.001",
        ]
    )
    assert lines[4].index("difference [95%]") == lines[5].index("+0.1250")
    assert lines[7] == "1,000 draws of unpaired seeds and examples; p: the share in which the experiment is not better"
    assert len(lines) == 8


def test_a_p_that_was_counted_has_no_sign():
    assert comparison_lines(_comparison(always_better=False, p=0.25))[5].endswith("  0.25")


def test_one_seed_is_told():
    lines = comparison_lines(_comparison((1, 5), (1, 5), Settings(paired=True, confidence=0.995)))
    assert "base        1 seed" in lines
    assert "[99.5%]" in lines[4]
    assert lines[-2].startswith("1,000 draws of paired seeds")
    assert lines[-1] == "one seed of base: the interval knows nothing of how other seeds would do"
