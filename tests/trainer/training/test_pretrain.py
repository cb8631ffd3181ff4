"""Which weights a run begins with, whose output a folder is, and the other mistakes that are told before the first update."""

import dataclasses
import json

import numpy as np
import pytest
from tiny_run import TINY, synthetic_data, tiny_plan

from beam_jobs.errors import UserError
from trainer.model.config import BertConfig
from trainer.plans.reading import plan_from_toml
from trainer.run.checkpoint import Checkpoints
from trainer.run.model_source import ModelSource
from trainer.run.run_folder import read_run, read_run_log
from trainer.run.run_identity import read_plan_of
from trainer.tasks.pretraining import pretraining_of
from trainer.training.pretrain import pretrain
from trainer.training.train import Launch, Training, train

pytestmark = pytest.mark.usefixtures("quick_compilation")
EVERY = "checkpoint = { every = 6, keep_last = 5 }"


def with_init(plan, checkpoint, **more):
    return dataclasses.replace(plan, init=dataclasses.replace(plan.init, checkpoint=str(checkpoint), **more))


def start(plan, output, *, contents=None, config=None, **launch):
    source = ModelSource("tiny", BertConfig(**{**TINY, **(config or {})}), "", False)
    launch = Launch(plan=plan, data=(), output=str(output), tensorboard=False, **launch)
    contents = contents or ["synthetic"] * len(plan.phases)
    training = Training(plan, pretraining_of, source, contents, lambda plan, rows, runtime: synthetic_data(plan))
    return train(launch, training)


def weights_at(output, step):
    checkpoints = Checkpoints(str(output))
    weights, _ = checkpoints.restore_weights(step)
    checkpoints.close()
    return weights


def assert_equal(first, second):
    for path, value in second.items():
        np.testing.assert_array_equal(first[path], value, err_msg=path)


@pytest.fixture(scope="module")
def finished(tmp_path_factory, quick_compilation):
    output = tmp_path_factory.mktemp("finished")
    return output, start(tiny_plan(EVERY), output)


def test_fresh_weights_come_from_the_seed(finished, tmp_path):
    start(tiny_plan(EVERY), tmp_path / "same", max_steps=1)
    assert_equal(weights_at(tmp_path / "same", 0), weights_at(finished[0], 0))
    start(dataclasses.replace(tiny_plan(EVERY), seed=7), tmp_path / "other", max_steps=1)
    mine, other = weights_at(tmp_path / "same", 0), weights_at(tmp_path / "other", 0)
    assert any((mine[path] != other[path]).any() for path in mine)


def test_init_comes_before_fresh_and_resume_before_init(finished, tmp_path):
    begun, final = finished[0], weights_at(finished[0], 20)
    plan = with_init(tiny_plan(EVERY), begun)
    start(plan, tmp_path, max_steps=3)
    assert_equal(weights_at(tmp_path, 0), final)
    at_three = weights_at(tmp_path, 3)
    assert any((at_three[path] != final[path]).any() for path in final)
    log = start(plan, tmp_path, max_steps=4)
    assert log["step"] == 4, "resumed at 3, not begun again from init"
    assert (tmp_path / "checkpoints" / "4").is_dir()


def test_the_log_tells_settings_and_results(finished):
    output, log = finished
    assert log == read_run_log(str(output))
    assert log["status"] == "finished"
    assert log["step"] == 20
    assert log["settings"]["phase"][0]["learning_rate"]["peak"] == 1e-2
    assert log["hardware"]["micro_batches"] == [2, 1]
    assert log["results"]["step"] == 20
    assert log["results"]["mlm_loss"] > 0
    assert log["versions"]["keras"]
    assert read_plan_of(str(output)) == tiny_plan(EVERY)
    assert read_run(str(output), 12).config == BertConfig(**TINY)


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (lambda plan: dataclasses.replace(plan, seed=1), "seed is 42 there and 1 in this plan"),
        (lambda plan: with_init(plan, "elsewhere"), "init"),
        (
            lambda plan: plan.with_phases([dataclasses.replace(plan.phases[0], batch=16), plan.phases[1]]),
            "batch of phase short is 8 there and 16 in this plan",
        ),
        (
            lambda plan: plan.with_phases([plan.phases[0], dataclasses.replace(plan.phases[1], steps=9)]),
            "steps of phase long is 8 there and 9 in this plan",
        ),
    ],
    ids=["seed", "init", "batch", "steps"],
)
def test_the_output_of_another_plan_is_refused(finished, change, difference):
    plan = change(tiny_plan(EVERY))
    if plan.init.checkpoint:
        with pytest.raises(UserError, match="holds another run: init is '' there"):
            start(plan, finished[0])
        return
    with pytest.raises(UserError) as error:
        start(plan, finished[0])
    assert difference in str(error.value)
    assert "name another --output" in str(error.value)
    assert "\n" not in str(error.value)


def test_other_data_and_another_network_are_refused(finished):
    with pytest.raises(UserError, match="data of phase short is 'synthetic' there and 'other' in this plan"):
        start(tiny_plan(EVERY), finished[0], contents=["other", "synthetic"])
    with pytest.raises(UserError, match=r"config\.hidden_size is 32 there and 16 in this plan"):
        start(tiny_plan(EVERY), finished[0], config={"hidden_size": 16})


def test_what_does_not_decide_the_weights_may_change(finished):
    plan = tiny_plan("checkpoint = { every = 3, keep_last = 1 }\nguard = { max_rollbacks = 9 }")
    plan = dataclasses.replace(plan, name="renamed", log_every=5)
    assert start(plan, finished[0])["step"] == 20


def test_a_finished_run_can_be_given_another_phase(finished, tmp_path):
    import shutil

    shutil.copytree(finished[0], tmp_path / "run")
    plan = tiny_plan(EVERY)
    longer = plan.with_phases([*plan.phases, dataclasses.replace(plan.phases[1], name="longer", steps=4)])
    log = start(longer, tmp_path / "run")
    assert log["step"] == 24
    assert [phase["name"] for phase in log["phases"]] == ["short", "long", "longer"]
    assert longer.first_data_step(2) == 8, "it goes on in the data where the phase of the same shape stopped"


def test_an_unreachable_checkpoint_is_a_plain_error(tmp_path):
    with pytest.raises(UserError, match="no such checkpoint"):
        start(with_init(tiny_plan(), tmp_path / "missing" / "bert_model.ckpt"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_run_that_left_no_checkpoint_is_begun_anew(finished, tmp_path):
    (tmp_path / "plan.json").write_text(json.dumps({"plan": {}, "hash": "", "identity": {}}))
    assert start(tiny_plan(EVERY), tmp_path, max_steps=1)["step"] == 1


@pytest.mark.parametrize("name", ["plan.json", "metrics.jsonl", "run_logs.json", "checkpoints/100/weights.pt"])
def test_a_folder_with_files_of_others_under_the_names_of_a_run_is_refused(name, tmp_path):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text('{"plan": "my holidays"}')
    with pytest.raises(UserError, match=f"already holds {name.split('/')[0]}, which no run wrote.*move it away"):
        start(tiny_plan(), tmp_path, max_steps=1)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [name]


def test_a_batch_that_the_micro_batches_cannot_share_is_refused(tmp_path):
    with pytest.raises(UserError, match="phase short: batch 8 cannot be split evenly over 1 devices x 3 micro batches"):
        start(tiny_plan(), tmp_path, accumulation=3)


def test_more_pieces_than_positions_are_refused(tmp_path):
    with pytest.raises(UserError, match="phase long has sequence_length 16, but the model has only 8 positions"):
        start(tiny_plan(), tmp_path, config={"max_position_embeddings": 8})


def test_what_shapes_do_not_show_is_as_in_the_checkpoint_unless_the_plan_says(tmp_path):
    source = tmp_path / "source"
    start(
        tiny_plan(),
        source,
        config={"hidden_act": "gelu_new", "num_attention_heads": 4, "layer_norm_eps": 1e-5},
        max_steps=1,
    )
    follows = with_init(tiny_plan(), source)
    start(follows, tmp_path / "follows", max_steps=1)
    start(follows, tmp_path / "follows", max_steps=2)
    followed = read_run(str(tmp_path / "follows")).config
    assert followed == read_run(str(source)).config
    model = dataclasses.replace(follows.model, config={"hidden_act": "gelu"})  # what the class says, said by the plan
    start(dataclasses.replace(follows, model=model), tmp_path / "says", max_steps=1)
    assert read_run(str(tmp_path / "says")).config == dataclasses.replace(followed, hidden_act="gelu")


def test_phases_over_the_same_data_continue_it():
    phase = '[[phase]]\nname = "{}"\nsequence_length = {}\nbatch = 4\nsteps = {}\nlearning_rate = {{ peak = 1e-3 }}\n'
    text = 'name = "x"\n' + phase.format("a", 128, 10) + phase.format("b", 512, 20) + phase.format("c", 128, 30)
    plan = plan_from_toml(text, "x.toml")
    assert [plan.first_data_step(i) for i in range(3)] == [0, 0, 10]
    larger = plan.with_phases([*plan.phases[:2], dataclasses.replace(plan.phases[2], batch=16)])
    assert larger.first_data_step(2) == 3, "40 rows are read, 48 is the first multiple of 16 beyond"


def test_an_output_in_a_store_takes_no_traces():
    launch = Launch(plan=tiny_plan(), data=("no such folder",), output="s3://corpora/run", profile_steps=range(2, 4))
    with pytest.raises(UserError, match="--profile_steps: traces are written to a local disk, not to s3://corpora/run"):
        pretrain(launch)
    dataclasses.replace(launch, profile_steps=range(0)).validate()


@pytest.mark.parametrize("output", ["http://corpora/run", "https://example.org/run"])
def test_an_output_that_cannot_hold_checkpoints_is_refused_before_anything_is_written(output, monkeypatch):
    monkeypatch.setattr(
        "trainer.training.train.claim_output", lambda *args, **kwargs: pytest.fail("plan.json is written")
    )
    with pytest.raises(
        UserError, match=f"--output {output}: checkpoints cannot be written there; name a folder"
    ) as caught:
        start(tiny_plan(), output)
    assert "\n" not in str(caught.value)
    with pytest.raises(UserError, match="checkpoints cannot be written there"):
        pretrain(Launch(plan=tiny_plan(), data=("no such folder",), output=output))
