from tests.trainer.report.made_runs import make_run, record
from trainer.report.figures import plots, run_row
from trainer.report.run_record import read_runs


def test_the_charts_of_a_pretraining(tmp_path):
    found = {plot.title: plot for plot in plots(read_runs([make_run(tmp_path / "run")]))}
    assert list(found) == [
        *("Loss", "Masked-LM loss", "Masked-LM accuracy"),
        *("Learning rate", "Gradient norm", "Instances a second", "Share of time spent waiting for data"),
    ]
    (curve,) = found["Masked-LM loss"].curves
    assert list(curve.points)[:2] == [(100, 8.0), (200, 7.0)]
    assert list(curve.marks) == [(250, 7.0), (500, 5.5)]
    assert found["Gradient norm"].logarithmic


def test_a_loss_that_is_the_masked_lm_loss_is_shown_once(tmp_path):
    runs = read_runs([make_run(tmp_path / "run", [record(100), record(200)])])
    assert [plot.title for plot in plots(runs)][:2] == ["Masked-LM loss", "Masked-LM accuracy"]


def test_second_segments_are_shown_of_the_run_that_trains_them(tmp_path):
    folders = [make_run(tmp_path / "a"), make_run(tmp_path / "b", weight=1.0)]
    (pairs,) = [plot for plot in plots(read_runs(folders)) if plot.title == "Second-segment loss"]
    assert [(curve.name, curve.colour) for curve in pairs.curves] == [("b", 1)]


def test_trust_ratios_are_two_curves(tmp_path):
    run = make_run(tmp_path / "run", [record(100, trust_ratio_min=0.1, trust_ratio_max=9.0)])
    last = plots(read_runs([run]))[-1]
    assert last.title.startswith("Trust ratios")
    assert [list(curve.points) for curve in last.curves] == [[(100, 0.1)], [(100, 9.0)]]


def test_the_row_of_a_run(tmp_path):
    (run,) = read_runs([make_run(tmp_path / "run", skipped_records={"a": 2, "b": 1})])
    row = run_row(run)
    assert row["steps"] == "500 of 1,000"
    assert (row["loss in training"], row["loss held out"], row["lowest held out"]) == ("4", "5.5", "5.5 at 500")
    assert (row["time"], row["devices"], row["records passed over"]) == ("1 h 30 min", "2 x cpu", "3")
    assert row["rollbacks"] == ""


def test_the_row_of_a_run_that_has_only_begun(tmp_path):
    folder = make_run(tmp_path / "run", [record(100)])
    (tmp_path / "run/run_logs.json").unlink()
    row = run_row(read_runs([folder])[0])
    assert (row["status"], row["steps"], row["lowest held out"]) == ("no checkpoint yet", "100", "")
