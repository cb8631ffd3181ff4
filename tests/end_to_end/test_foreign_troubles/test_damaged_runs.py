"""What people lost when a disk, a batch or another process damaged a run."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from trainer.run.checkpoint import Checkpoints

STEPS, EVERY = 8, 2
TOP = f"checkpoint = {{ every = {EVERY}, keep_last = 9 }}"


def weights_at(output, step=None):
    checkpoints = Checkpoints(str(output))
    try:
        return checkpoints.restore_weights(step)[0]
    finally:
        checkpoints.close()


def assert_same_weights(found, wanted):
    assert found.keys() == wanted.keys()
    for path, value in wanted.items():
        np.testing.assert_array_equal(found[path], value, err_msg=path)


def data_files(checkpoint):
    """The files with the arrays, the largest first."""
    files = [path for path in checkpoint.rglob("d/*") if path.is_file()]
    return sorted(files, key=lambda path: path.stat().st_size, reverse=True)


def invert(checkpoint):
    """64 bytes in the middle of the largest array, where nothing but a digest can notice it."""
    path = data_files(checkpoint)[0]
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(255 - byte for byte in data[middle : middle + 64])
    path.write_bytes(data)


def cut(checkpoint):
    for path in data_files(checkpoint):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def lose(checkpoint):
    for path in data_files(checkpoint):
        path.unlink()


def empty_record(checkpoint):
    (checkpoint / "run" / "metadata").write_bytes(b"")


def empty(checkpoint):
    for path in checkpoint.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


DAMAGES = [invert, cut, lose, empty_record, empty]


@pytest.fixture(scope="module")
def finished_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("finished") / "run"


@pytest.fixture
def finished(finished_folder, pretrain, tiny_plan, foreign_records):
    """A finished run that nothing happened to; read only."""
    if not finished_folder.exists():
        assert pretrain(tiny_plan(top=TOP, steps=STEPS), foreign_records, finished_folder) == 0
    return finished_folder


@pytest.fixture
def damaged(finished, tmp_path):
    """A copy of that run whose newest checkpoint is damaged in a given way."""

    def make(how, *steps):
        output = tmp_path / "run"
        shutil.copytree(finished, output)
        for step in steps or (STEPS,):
            how(output / "checkpoints" / str(step))
        return output

    return make


@pytest.mark.parametrize("how", DAMAGES)
def test_training_goes_on_from_the_newest_checkpoint_that_is_whole(
    how, damaged, finished, pretrain, tiny_plan, foreign_records, capsys
):
    """A team whose disk damaged the newest checkpoint got a traceback, or weights of 1.8e36, beside good checkpoints."""
    output = damaged(how)
    assert pretrain(tiny_plan(top=TOP, steps=STEPS), foreign_records, output) == 0
    (said,) = [line for line in capsys.readouterr().err.splitlines() if "damaged" in line]
    assert f"{output}/checkpoints/{STEPS}: the checkpoint is damaged (" in said
    assert f"moved to {output}/damaged_checkpoints/{STEPS}" in said
    assert f"going on from the checkpoint of step {STEPS - EVERY}" in said
    assert (output / "damaged_checkpoints" / str(STEPS)).is_dir(), "nothing is deleted"
    assert_same_weights(weights_at(output, STEPS), weights_at(finished, STEPS))
    steps = [json.loads(line)["step"] for line in (output / "metrics.jsonl").read_text().splitlines()]
    assert steps == sorted(steps)


def test_a_checkpoint_that_is_damaged_again_and_the_one_before_it(
    damaged, finished, pretrain, tiny_plan, foreign_records
):
    """A disk that went on failing damaged several checkpoints, and one of them again after it had been written anew."""
    output, plan = damaged(cut, STEPS, STEPS - EVERY), tiny_plan(top=TOP, steps=STEPS)
    assert pretrain(plan, foreign_records, output) == 0
    invert(output / "checkpoints" / str(STEPS))
    assert pretrain(plan, foreign_records, output) == 0
    aside = {path.name for path in (output / "damaged_checkpoints").iterdir()}
    assert aside == {f"{STEPS}", f"{STEPS - EVERY}", f"{STEPS}-2"}
    assert_same_weights(weights_at(output, STEPS), weights_at(finished, STEPS))


def test_a_run_without_a_checkpoint_that_reads_stays_as_it_is(damaged, pretrain, tiny_plan, foreign_records, capsys):
    """A team whose whole disk was damaged would rather copy its backup there than begin at random weights."""
    output = damaged(empty_record, *range(0, STEPS + 1, EVERY))
    before = sorted(path for path in output.rglob("*") if path.name != "plan.json")
    assert pretrain(tiny_plan(top=TOP, steps=STEPS), foreign_records, output) == 2
    (said,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("trainer pretrain:")]
    assert "no checkpoint can be read" in said
    assert "copy a good one there" in said
    assert set(before) <= set(output.rglob("*"))
    assert len(list((output / "checkpoints").iterdir())) == STEPS // EVERY + 1


def export(output, target, *more):
    from trainer.__main__ import main

    arguments = ["--run", output, "--output", target, "--format", "model_garden", *more]
    return main(["export", *map(str, arguments)])


def exported_weights(folder):
    from trainer.export.load import load_checkpoint

    return load_checkpoint(folder).weights


@pytest.mark.parametrize("how", [invert, empty])
def test_an_export_takes_the_newest_checkpoint_that_is_whole(how, damaged, finished, tmp_path, capsys):
    """A team exported a damaged checkpoint without a word, and published it."""
    output = damaged(how)
    assert export(output, tmp_path / "newest") == 0
    said = capsys.readouterr()
    assert f"checkpoints/{STEPS}: the checkpoint is damaged (" in said.err
    assert f"taking the checkpoint of step {STEPS - EVERY} instead" in said.err
    assert f"{output} at step {STEPS - EVERY}" in said.out
    assert export(finished, tmp_path / "wanted", "--step", STEPS - EVERY) == 0
    assert_same_weights(exported_weights(tmp_path / "newest"), exported_weights(tmp_path / "wanted"))
    assert (output / "checkpoints" / str(STEPS)).is_dir(), "reading moves nothing"


def test_an_export_of_a_damaged_step_is_one_line(damaged, tmp_path, capsys):
    """A team that named the damaged checkpoint got 60 lines of TensorStore."""
    assert export(damaged(cut), tmp_path / "out", "--step", STEPS) == 2
    (said,) = capsys.readouterr().err.strip().splitlines()
    assert said.startswith("trainer export: ")
    assert f"checkpoints/{STEPS}: the checkpoint is damaged (" in said
    assert said.endswith("name another step; there are: 0, 2, 4, 6")
    assert not (tmp_path / "out").exists()


def test_a_run_begun_from_a_damaged_run_says_where_it_begins(
    damaged, finished, pretrain, tiny_plan, foreign_records, tmp_path, capsys
):
    """A team went on from another team's damaged run."""
    output = damaged(invert)
    assert pretrain(tiny_plan(), foreign_records, tmp_path / "next", "--init", output) == 0
    assert f"taking the checkpoint of step {STEPS - EVERY} instead" in capsys.readouterr().err
    assert_same_weights(weights_at(tmp_path / "next", 0), weights_at(finished, STEPS - EVERY))


def test_checkpoints_written_before_there_were_digests_still_load(
    damaged, finished, pretrain, tiny_plan, foreign_records
):
    """A team that updates the program in the middle of a run wants to go on with it."""

    def without_digests(checkpoint: Path) -> None:
        path = checkpoint / "run" / "metadata"
        record = json.loads(path.read_text())
        del record["digests"]
        record["progress"] |= {"rollbacks": 0, "data_offset": 0}
        path.write_text(json.dumps(record))

    output = damaged(without_digests, 6, 8)
    shutil.rmtree(output / "checkpoints" / "8")
    assert pretrain(tiny_plan(top=TOP, steps=STEPS), foreign_records, output) == 0
    assert not (output / "damaged_checkpoints").exists()
    assert_same_weights(weights_at(output), weights_at(finished))


# --- batches that spoil the weights

LONG = 45
LONG_TOP = "checkpoint = { every = 20, keep_last = 9 }"


@pytest.fixture
def spoiled(monkeypatch):
    """Weights of the masked pieces that are not numbers, in the batches of these data steps, as a bad disk may give."""

    from dataclasses import replace

    from trainer.training import pretrain as module

    open_phase = module.phase_data

    def spoil(*bad):
        def with_bad_batches(*arguments):
            data = open_phase(*arguments)

            def train(start):
                for step, batch in enumerate(data.train(start), start):
                    if step in bad:
                        batch["masked_lm_weights"] = batch["masked_lm_weights"] * np.nan
                    yield batch

            return replace(data, train=train)

        monkeypatch.setattr(module, "phase_data", with_bad_batches)

    return spoil


def records(output, kind):
    lines = [json.loads(line) for line in (output / "metrics.jsonl").read_text().splitlines()]
    return [line for line in lines if line["kind"] == kind]


def board_steps(output, tag):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    return [event.step for event in EventAccumulator(str(output / "tensorboard")).Reload().Scalars(tag)]


def test_a_run_with_two_bad_batches_after_a_checkpoint_finishes(
    spoiled, tiny_plan, foreign_records, tmp_path, capsys, quick_compilation
):
    """A team's run fell back to the batches it had already passed over, at each launch again, until it gave up."""
    from trainer.__main__ import main

    spoiled(29, 34)
    plan, output = tiny_plan(top=LONG_TOP, steps=LONG), tmp_path / "run"
    assert main(["pretrain", "--plan", plan, "--data", str(foreign_records), "--output", str(output)]) == 0
    said = [line for line in capsys.readouterr().err.splitlines() if "rolled back" in line]
    assert len(said) == 2
    assert "step 30: loss is nan; rolled back to step 20, skipping 10 batches" in said[0]
    assert "step 25: loss is nan; rolled back to step 20, skipping 5 batches, 15 with those of" in said[1]
    assert [record["step"] for record in records(output, "train")] == list(range(1, LONG + 1))
    assert board_steps(output, "train/loss") == list(range(1, LONG + 1)), "no step twice in TensorBoard"
    assert json.loads((output / "run_logs.json").read_text())["rollbacks"] == 2
    survived = {25, 30}  # the steps that failed: once they are passed, nothing before is gone over again
    assert survived <= {int(path.name) for path in (output / "checkpoints").iterdir()}


def test_rollbacks_survive_a_kill(spoiled, pretrain, tiny_plan, foreign_records, tmp_path, capsys, monkeypatch):
    """A team's preempted run forgot its rollbacks, and went through the same faults after every relaunch."""
    from trainer.training.loop import Loop

    class Killed(BaseException):
        """As kill -9 at this moment: nothing more is written."""

    plan, restore = tiny_plan(top=LONG_TOP, steps=LONG), Loop._run_phase
    moments = [1, 2]  # rollbacks behind a run when it is killed

    def run_phase(self, checkpoints, state, progress):
        if moments and len(progress.rollbacks) == moments[0]:
            moments.pop(0)
            raise Killed
        return restore(self, checkpoints, state, progress)

    spoiled(29, 34)
    assert pretrain(plan, foreign_records, tmp_path / "undisturbed") == 0
    monkeypatch.setattr(Loop, "_run_phase", run_phase)
    for _ in range(2):
        with pytest.raises(Killed):
            pretrain(plan, foreign_records, tmp_path / "killed")
    assert not moments
    capsys.readouterr()
    assert pretrain(plan, foreign_records, tmp_path / "killed") == 0
    assert "rolled back" not in capsys.readouterr().err
    assert_same_weights(weights_at(tmp_path / "killed"), weights_at(tmp_path / "undisturbed"))
    steps = [record["step"] for record in records(tmp_path / "killed", "train")]
    assert steps == list(range(1, LONG + 1))


def test_a_long_run_may_roll_back_more_often_than_a_stuck_one(
    spoiled, pretrain, tiny_plan, foreign_records, tmp_path, capsys
):
    """A run of weeks met its fourth bad batch and was stopped; a run whose weights are spoiled must be."""
    top = "guard = { max_rollbacks = 1 }\ncheckpoint = { every = 10 }"
    spoiled(3, 14, 25, 36)
    assert pretrain(tiny_plan(top=top, steps=LONG), foreign_records, tmp_path / "healthy") == 0
    spoiled(*range(14, 99))
    plan = tiny_plan(top=top.replace("max_rollbacks = 1", "max_rollbacks = 2"), steps=LONG)
    for _ in range(2):  # a relaunch does not begin to count anew
        capsys.readouterr()
        assert pretrain(plan, foreign_records, tmp_path / "stuck") == 2
        said = [line for line in capsys.readouterr().err.splitlines() if "max_rollbacks" in line]
        assert len(said) == 1
        assert "after 2 rollbacks to step 10 (guard.max_rollbacks)" in said[0]
    assert [record["step"] for record in records(tmp_path / "stuck", "rollback")] == [10, 10]


# --- a disk that is full, and one process too many


@pytest.fixture
def disk_fills_up(monkeypatch):
    """From the checkpoint of step 4 on, no file can grow beyond 20 KB; the system says so as it says of a full disk."""
    import resource

    save, before = Checkpoints.save, resource.getrlimit(resource.RLIMIT_FSIZE)

    def limited(self, step, *arguments):
        if step >= 4:
            self.wait()
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
        return save(self, step, *arguments)

    monkeypatch.setattr(Checkpoints, "save", limited)
    yield lambda: (monkeypatch.undo(), resource.setrlimit(resource.RLIMIT_FSIZE, before))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_fills_up_is_one_line_and_the_earlier_checkpoint_stays(
    finished, disk_fills_up, pretrain, tiny_plan, foreign_records, tmp_path, capsys
):
    """A team's run ended with pages of TensorStore, and nobody dared to say which checkpoint was good."""
    plan, output = tiny_plan(top=TOP, steps=STEPS), tmp_path / "run"
    capsys.readouterr()
    assert pretrain(plan, foreign_records, output) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    (line,) = [line for line in said.splitlines() if line.startswith("trainer pretrain:")]
    assert f"{output}/checkpoints: a checkpoint cannot be written (" in line
    assert "File too large" in line
    assert "the checkpoint of step 2 is whole; make room on that disk, and the same command continues" in line
    disk_fills_up()  # room is made
    assert pretrain(plan, foreign_records, output) == 0
    assert_same_weights(weights_at(output), weights_at(finished))


def test_one_process_too_many_names_the_other(finished, pretrain, tiny_plan, foreign_records, capsys):
    """A team started a run twice by mistake; two processes wrote checkpoints of one name, and both ended in tracebacks."""
    import subprocess
    import sys

    hold = (
        "import sys; from trainer.run.output_lock import output_lock\n"
        "with output_lock(sys.argv[1], print):\n    print('held', flush=True); sys.stdin.read()\n"
    )
    root = str(Path(__file__).parents[3])
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": root}
    with subprocess.Popen([sys.executable, "-c", hold, str(finished)], **streams) as other:
        try:
            assert other.stdout.readline() == "held\n"
            capsys.readouterr()
            assert pretrain(tiny_plan(top=TOP, steps=STEPS), foreign_records, finished) == 2
            (line,) = capsys.readouterr().err.strip().splitlines()
            assert f"{finished}: process {other.pid} on " in line
            assert " trains into it; wait for it, stop it, or name another --output" in line
        finally:
            other.kill()  # a dead process's lock is nobody's
    assert pretrain(tiny_plan(top=TOP, steps=STEPS), foreign_records, finished) == 0
