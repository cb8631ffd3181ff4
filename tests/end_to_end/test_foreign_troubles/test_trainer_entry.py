"""What people lost at the trainer's entry: other data or weights under an old name, settings and surroundings out of order."""

import json
import shutil

import pytest


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    return tmp_path_factory.mktemp("begun") / "run"


@pytest.fixture
def run_of_records(begun, pretrain, tiny_plan, foreign_records, tmp_path):
    """A copy of a run that stands at step 1, and of its records, which have been moved with it."""
    if not begun.exists():
        assert pretrain(tiny_plan(), foreign_records, begun) == 0
    shutil.copytree(begun, tmp_path / "run")
    shutil.copytree(foreign_records, tmp_path / "moved")
    return tmp_path / "run", tmp_path / "moved"


def data_of(run):
    return json.loads((run / "plan.json").read_text())["identity"]["phases"][0]["data"]


def test_records_of_another_tool_may_be_moved(run_of_records, pretrain, tiny_plan):
    """A run on records of another tool did not continue after the records had been moved to a larger disk."""
    run, moved = run_of_records
    assert pretrain(tiny_plan(), moved, run) == 0
    assert data_of(run).startswith("records ")


def test_records_of_another_tool_that_have_grown_are_other_data(
    run_of_records, pretrain, tiny_plan, write_records, capsys
):
    """Somebody added shards between two launches, and the second launch trained on other batches in silence."""
    run, moved = run_of_records
    write_records(moved / "train" / "added.tfrecord", 5, 9)
    assert pretrain(tiny_plan(), moved, run) == 2
    assert "holds another run: data of phase only is 'records " in capsys.readouterr().err


def test_held_out_records_of_another_tool_may_grow(run_of_records, pretrain, tiny_plan, write_records):
    """More held-out shards change no weight, so they are no other data."""
    run, moved = run_of_records
    write_records(moved / "dev" / "added.tfrecord", 5, 9)
    assert pretrain(tiny_plan(), moved, run) == 0


def test_a_run_that_an_earlier_version_began_continues(
    run_of_records, pretrain, tiny_plan, foreign_records, write_records, capsys
):
    """Runs of earlier versions name the records by their path, and must go on there."""
    run, moved = run_of_records
    text = (run / "plan.json").read_text()
    (run / "plan.json").write_text(text.replace(data_of(run), f"records {foreign_records}"))
    assert pretrain(tiny_plan(), moved, run) == 2, "nobody can tell whether these are the same"
    assert "holds another run: data of phase only is 'records " in capsys.readouterr().err
    assert pretrain(tiny_plan(), foreign_records, run) == 0
    assert pretrain(tiny_plan(), moved, run) == 0, "from now on they are known by their content"


@pytest.fixture(scope="module")
def published(tmp_path_factory, foreign_bert):
    pieces = [*(f"[unused{i}]" for i in range(59)), "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "intermediate_size": 64, "max_position_embeddings": 16}

    def write(folder, seed=0):
        return foreign_bert(folder, pieces=["[PAD]", *pieces], seed=seed, **sizes)

    return write


def test_init_is_known_by_its_weights(published, pretrain, tiny_plan, foreign_records, tmp_path, capsys):
    """The checkpoint that a run began with was moved, and the run did not continue; another took its place unnoticed."""
    first, run = published(tmp_path / "first"), tmp_path / "run"
    assert pretrain(tiny_plan(), foreign_records, run, "--init", first) == 0
    shutil.copytree(first, tmp_path / "moved")
    assert pretrain(tiny_plan(), foreign_records, run, "--init", tmp_path / "moved") == 0

    other = published(tmp_path / "other", seed=1)
    assert pretrain(tiny_plan(), foreign_records, run, "--init", other) == 2
    assert f"init is '{tmp_path}/moved' there and is '{other}', with other weights, in this plan" in (
        capsys.readouterr().err
    )
    shutil.copy(other / "model.safetensors", tmp_path / "moved" / "model.safetensors")
    assert pretrain(tiny_plan(), foreign_records, run, "--init", tmp_path / "moved") == 2
    assert f"init is '{tmp_path}/moved' there and holds other weights now" in capsys.readouterr().err

    shutil.rmtree(tmp_path / "moved")
    assert pretrain(tiny_plan(), foreign_records, run, "--init", tmp_path / "moved") == 0, "a run needs its init once"
    assert pretrain(tiny_plan(), foreign_records, run) == 2
    assert f"init is '{tmp_path}/moved' there and '' in this plan" in capsys.readouterr().err


def test_a_run_that_an_earlier_version_began_from_a_checkpoint_continues(
    published, pretrain, tiny_plan, foreign_records, tmp_path, capsys
):
    """Runs of earlier versions know what they began with by its name alone."""
    first, run = published(tmp_path / "first"), tmp_path / "run"
    assert pretrain(tiny_plan(), foreign_records, run, "--init", first) == 0
    content = json.loads((run / "plan.json").read_text())
    assert content["identity"]["run"].pop("init_weights")
    (run / "plan.json").write_text(json.dumps(content))
    assert pretrain(tiny_plan(), foreign_records, run, "--init", first) == 0
    assert pretrain(tiny_plan(), foreign_records, run, "--init", tmp_path / "elsewhere") == 2
    assert f"init is '{first}' there and '{tmp_path}/elsewhere' in this plan" in capsys.readouterr().err


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), -1.0])
def test_a_weight_that_is_no_number_is_a_damaged_record(weight, pretrain, tiny_plan, write_records, tmp_path, capsys):
    """A converter had written nan as the weight of a prediction: every loss was nan, and no word of which record."""
    write_records(tmp_path / "data" / "train" / "a.tfrecord", 20)
    write_records(tmp_path / "data" / "train" / "b.tfrecord", 1, masked_lm_weights=[1.0, weight, 0.0, 0.0])
    assert pretrain(tiny_plan(batch=4, steps=6), tmp_path / "data", tmp_path / "out") == 2
    error = capsys.readouterr().err.strip().split("\n")[-1]
    assert "b.tfrecord: record 0 cannot be used: its masked_lm_weights are 1, " in error
