import json

from beam_jobs.commands import demo
from beam_jobs.console.our_module import module_command


def test_the_raw_text_is_a_topic_a_line(tmp_path):
    path = demo.write_raw_text(tmp_path / "raw")
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(records) > 50
    assert [record["id"] for record in records] == sorted(record["id"] for record in records)
    assert all(set(record) == {"id", "text"} for record in records)
    texts = "\n".join(record["text"] for record in records)
    assert "  " not in texts, "wrapped paragraphs are joined"
    assert "\n\n" not in texts


def test_a_failed_command_of_the_trainer_ends_the_demo(tmp_path, monkeypatch, capsys):
    ran, answers = [], iter([0, 3])
    monkeypatch.setattr(
        demo, "run_command", lambda command: ran.append(command[len(module_command("trainer"))]) or next(answers)
    )
    assert demo._train(tmp_path, "data", "./run.sh") == 3
    assert ran == ["pretrain", "export"]
    assert "5. train a tiny model" in capsys.readouterr().out


def test_labelled_docstrings_are_split_within_each_package(tmp_path):
    train, dev = (
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for path in demo.write_labelled_docstrings(tmp_path)
    )
    assert {row["label"] for row in train} == {row["label"] for row in dev} == set(demo.PACKAGES)
    assert len(dev) > 200
    assert 3.5 * len(dev) < len(train) < 4 * len(dev)
    for package in demo.PACKAGES:
        held_out = {row["text"] for row in dev if row["label"] == package}
        assert held_out.isdisjoint(row["text"] for row in train if row["label"] == package)
        assert len(held_out) > 10
