from types import SimpleNamespace

from tiny_run import tiny_plan

from trainer.training.run_results import hardware, results


def record(kind, phase, step):
    return {"kind": kind, "phase": phase, "step": step}


def test_the_last_of_each_phase_and_of_all():
    records = [
        record("train", "short", 1),
        record("train", "short", 12),
        record("evaluation", "short", 12),
        {"kind": "rollback", "phase": "long", "step": 13},
        record("train", "long", 20),
    ]
    data = [SimpleNamespace(skipped=lambda: {"a": 1}), SimpleNamespace(skipped=lambda: {"b": 2})]
    work = [SimpleNamespace(data=each) for each in data]
    progress = SimpleNamespace(step=20, seconds=7200.0, rollbacks=(1, 2), best=None)
    found = results(SimpleNamespace(plan=tiny_plan(), records=records, work=work, progress=progress))
    assert found == {
        "step": 20,
        "hours": 2.0,
        "rollbacks": 2,
        "skipped_records": {"a": 1, "b": 2},
        "phases": [
            {"name": "short", "train": records[1], "evaluation": records[2]},
            {"name": "long", "train": records[4], "evaluation": None},
        ],
        "results": records[2],
    }


def test_before_the_first_evaluation_there_is_no_result():
    progress = SimpleNamespace(step=0, seconds=0.0, rollbacks=(), best=None)
    assert results(SimpleNamespace(plan=tiny_plan(), records=[], work=[], progress=progress))["results"] is None


def test_what_a_launch_ran_on():
    runtime = SimpleNamespace(device_kind="TPU v4", device_count=8, hosts=2)
    assert hardware(runtime, (4, 2)) == {
        "backend": "jax",
        "device": "TPU v4",
        "devices": 8,
        "hosts": 2,
        "micro_batches": [4, 2],
    }
