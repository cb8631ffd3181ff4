import json

import pytest

from trainer.run import metrics as module
from trainer.run.metrics import (
    Interval,
    MetricsFile,
    Speed,
    evaluation_line,
    log_line,
    parse_records,
    short_number,
    short_time,
)
from trainer.tasks.pretraining import pretraining

ONE = {
    "loss": 3.0,
    "mlm_loss": 2.0,
    "mlm_accuracy": 0.5,
    "nsp_loss": 1.0,
    "nsp_accuracy": 0.25,
    "gradient_norm": 4.0,
    "instances": 8.0,
    "tokens": 100.0,
    "learning_rate": 0.1,
}
FIGURES = ("loss", "mlm_loss", "mlm_accuracy", "nsp_loss", "nsp_accuracy")
TWO = {**ONE, "loss": 5.0, "gradient_norm": 8.0, "instances": 6.0, "learning_rate": 0.2}


def test_means_are_over_updates_and_totals_are_added():
    interval = Interval(FIGURES)
    interval.add(ONE)
    interval.add(TWO)
    assert interval.take() == {**ONE, "loss": 4.0, "gradient_norm": 6.0, "instances": 14.0, "tokens": 200.0, "learning_rate": 0.2}  # fmt: skip
    assert interval.sums == {}


def test_the_widest_range_of_trust_ratios():
    interval = Interval(FIGURES)
    for lowest, highest in ((0.5, 2.0), (0.1, 1.0), (0.3, 9.0)):
        interval.add({**ONE, "trust_ratio_min": lowest, "trust_ratio_max": highest})
    means = interval.take()
    assert (means["trust_ratio_min"], means["trust_ratio_max"]) == (0.1, 9.0)


def test_an_interval_goes_on_where_a_checkpoint_left_it():
    first, whole = Interval(FIGURES), Interval(FIGURES)
    first.add(ONE)
    second = Interval(FIGURES, first.sums)
    second.add(TWO)
    for each in (ONE, TWO):
        whole.add(each)
    assert second.take() == whole.take()


def test_rates_leave_out_what_was_not_training(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(module.time, "perf_counter", lambda: now[0])
    speed = Speed()
    speed.add(ONE, waited=1.0)
    speed.add(TWO, waited=0.5)
    now[0] = 110.0
    speed.pause(6.0)
    assert speed.take(flops_per_update=10.0, peak_flops=20.0) == {
        "seconds_per_update": 2.0,
        "instances_per_second": 3.5,
        "tokens_per_second": 50.0,
        "model_flops_per_second": 5.0,
        "data_wait": 0.375,
        "mfu": 0.25,
    }
    now[0] = 111.0
    speed.add(ONE, waited=5.0)
    found = speed.take(1.0, None)
    assert (found["data_wait"], found["seconds_per_update"], "mfu" in found) == (1.0, 1.0, False)
    assert speed.take(1.0, None)["seconds_per_update"] == 0.0


def test_lines_for_people():
    task = pretraining(1.0)
    record = {
        **ONE, "step": 1200, "phase": "short", "instances_per_second": 1234.5, "tokens_per_second": 158_016.0,
        "model_flops_per_second": 1.5e12, "data_wait": 0.012, "seconds_left": 7500.0,
    }  # fmt: skip
    assert log_line(record, 10_000, task.line(record, 3)) == (
        "step 1,200/10,000 short | loss 3.000 mlm 2.000 nsp 1.000 | acc mlm 0.500 nsp 0.250 | lr 1.00e-01 grad 4.00 | "
        "1,234 ex/s 158 k tok/s 1.5 TFLOP/s | data wait 1.2% | 2 h 05 min left"
    )
    more = log_line({**record, "mfu": 0.314, "trust_ratio_min": 0.012, "trust_ratio_max": 3.14}, 10_000, "")
    assert " | trust 0.012-3.1 | " in more
    assert " 1.5 TFLOP/s MFU 31.4% | " in more
    held_out = {**ONE, "step": 5, "phase": "p", "split": "dev", "instances": 1000.0}
    assert evaluation_line(held_out, task.line(held_out, 4)) == (
        "step 5 p evaluation on dev (1,000 instances): loss 3.0000 mlm 2.0000 nsp 1.0000 | acc mlm 0.5000 nsp 0.2500"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(999, "999 "), (1000, "1 k"), (12_345_678, "12.3 M"), (2e9, "2 G"), (3e12, "3 T"), (4e15, "4 P")],
)
def test_short_numbers(value, text):
    assert short_number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (12, "12 s"),
        (119, "119 s"),
        (120, "2 min"),
        (3599, "60 min"),
        (3600, "1 h 00 min"),
        (7500, "2 h 05 min"),
        (47.99 * 3600, "47 h 59 min"),
        (48 * 3600, "2 d 0 h"),
        (100 * 3600, "4 d 4 h"),
    ],
)
def test_short_times(seconds, text):
    assert short_time(seconds) == text


def test_the_file_tells_one_story(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1}\n{"step": 2}\n{"step": 3}\n{"st')
    file = MetricsFile(str(tmp_path), 2)
    assert parse_records(path.read_text()) == [{"step": 1}, {"step": 2}]
    file.write({"step": 3, "kind": "train"})
    assert path.read_text().endswith('{"step": 3, "kind": "train"}\n')
    file.write({"step": 4})
    file.drop_beyond(3)
    assert [json.loads(line)["step"] for line in path.read_text().splitlines()] == [1, 2, 3]
    assert [record["step"] for record in file.records] == [1, 2, 3]
    assert [entry.name for entry in tmp_path.iterdir()] == ["metrics.jsonl"]
