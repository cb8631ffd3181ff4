"""Odd flags, files and surroundings at every entry of the trainer: it succeeds, or says in one line what is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

NUMBERS = ("nan", "inf", "-inf", "-1", "0", "1", "1e308", "-0.0", "1" + "0" * 30, "x", "", "²", "٣", "1e400")
FLAGS = {
    "plan show": ("--seed", "--steps_scale", "--devices", "--mfu", "--compute_dtype", "--device", "--model_class"),
    "pretrain": ("--seed", "--steps_scale", "--max_steps", "--accumulation", "--profile_steps", "--compute_dtype"),
    "export": ("--step", "--format", "--lower_case", "--hidden_act", "--allow_missing"),
    "fill_mask": ("--top",),
}
START = {
    "plan show": ["plan", "show", "demo", "--device", "H100"],
    "pretrain": ["pretrain", "--plan", "demo", "--data", "no/such/folder", "--output", "out"],
    "export": ["export", "--run", "no/such/run", "--output", "out"],
    "fill_mask": ["fill_mask", "a [MASK]", "--model", "no/such/model"],
}


@pytest.mark.parametrize(("command", "flag"), [(command, flag) for command, flags in FLAGS.items() for flag in flags])
def test_every_flag_with_every_odd_value(command, flag, outcome, tmp_path, monkeypatch):
    """--steps_scale nan, --mfu 0 and the like came out as tracebacks."""
    monkeypatch.chdir(tmp_path)
    for value in (*NUMBERS, "10-15", "5-5", "--", "-", "²-٣"):
        status, _ = outcome([*START[command], f"{flag}={value}"])
        assert status == 2 or command == "plan show", (flag, value)
        if value in ("nan", "inf", "x"):
            assert status == 2, (flag, value)
    outcome([*START[command], flag])  # without its value
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["pretrian"], "did you mean pretrain?"),
        ([*START["pretrain"], "--acumulation", "2"], "unknown argument --acumulation 2; did you mean --accumulation?"),
        ([*START["pretrain"], "--max-steps=2"], "did you mean --max_steps?"),
        ([*START["plan show"], "--device_s", "2"], "did you mean --devices?"),
        (["plan", "show", "notram_mber"], "did you mean notram_mbert?"),
        ([*START["plan show"], "--model_class", "bert_multi_case"], "did you mean bert_multi_cased?"),
        ([*START["export"], "--fromat", "hugging_face"], "did you mean --format?"),
        ([*START["fill_mask"], "--modle", "x"], "did you mean --model?"),
    ],
)
def test_a_mistyped_name_is_told_what_was_meant(arguments, meant, outcome):
    """A mistyped flag was answered by a page of usage in which it had to be found."""
    status, error = outcome(arguments)
    assert status == 2
    assert meant in error


def spoilt(folder):
    """Files of every kind that a user may name by mistake."""
    (folder / "empty").write_bytes(b"")
    (folder / "binary").write_bytes(bytes(range(256)) * 40)
    (folder / "nested.json").write_text("[" * 100_000)
    (folder / "list.json").write_text("[1, 2]")
    (folder / "table.json").write_text('{"a": 1}')
    (folder / "cut.toml").write_text('name = "')
    (folder / "folder").mkdir()
    (folder / "folder.toml").mkdir()
    (folder / "folder.json").mkdir()
    (folder / "link").symlink_to(folder / "gone")
    return [*sorted(map(str, folder.iterdir())), str(folder / "missing"), str(folder / "empty/below"), "", "x" * 5000]


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan", "show", "FILE", "--device", "H100"],
        ["plan", "show", "demo", "--device", "H100", "--model_class", "FILE"],
        ["plan", "show", "demo", "--device", "H100", "--data", "FILE"],
        ["pretrain", "--plan", "FILE", "--data", "RECORDS", "--output", "OUT"],
        ["pretrain", "--plan", "PLAN", "--data", "FILE", "--output", "OUT"],
        ["pretrain", "--plan", "PLAN", "--data", "RECORDS", "--output", "OUT", "--model_class", "FILE"],
        ["pretrain", "--plan", "PLAN", "--data", "RECORDS", "--output", "OUT", "--init", "FILE", "--max_steps", "1"],
        ["export", "--run", "FILE", "--output", "OUT"],
        ["export", "--checkpoint", "FILE", "--output", "OUT", "--lower_case", "true"],
        ["fill_mask", "a [MASK]", "--model", "FILE"],
    ],
    ids=" ".join,
)
def test_any_file_in_the_place_of_another(arguments, outcome, tmp_path, tiny_plan, foreign_records):
    """Files of another kind, cut, empty, gone or with endless brackets were named, and the answer was a traceback."""
    (tmp_path / "spoilt").mkdir()
    places = {"PLAN": tiny_plan(), "RECORDS": foreign_records, "OUT": tmp_path / "out"}
    for file in spoilt(tmp_path / "spoilt"):
        if not file and ("--init" in arguments or "--model_class" in arguments):
            continue  # as good as not given
        status, _ = outcome([file if part == "FILE" else places.get(part, part) for part in arguments])
        assert status == 2, file
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"[1]", b"{}", b"[" * 100_000, b'{"plan": 1, "identity": 2}']
)
@pytest.mark.parametrize(
    ("command", "names"),
    [
        (["export", "--run", "FOLDER", "--output", "OUT"], ["plan.json"]),
        (["pretrain", "--plan", "PLAN", "--data", "RECORDS", "--output", "FOLDER", "--max_steps", "1"], ["plan.json"]),
        (["pretrain", "--plan", "PLAN", "--data", "FOLDER", "--output", "OUT", "--max_steps", "1"], ["manifest.json"]),
        (["pretrain", "--plan", "PLAN", "--data", "FOLDER", "--output", "OUT", "--max_steps", "1"], ["a.tfrecord"]),
        (["pretrain", "--plan", "PLAN", "--data", "FOLDER", "--output", "OUT", "--max_steps", "1"], ["a.tfrecord.gz"]),
        (["export", "--checkpoint", "FOLDER", "--output", "OUT"], ["config.json", "model.safetensors"]),
        (["export", "--checkpoint", "FOLDER", "--output", "OUT"], ["config.json", "x.index"]),
        (["fill_mask", "a [MASK]", "--model", "FOLDER"], ["config.json", "model.safetensors", "tokenizer.json"]),
    ],
)
def test_any_bytes_in_the_files_of_a_folder(command, names, content, outcome, tmp_path, tiny_plan, foreign_records):
    """A copy that broke off, or an editor that saved something else, in the folder that a command reads."""
    (tmp_path / "folder").mkdir()
    for name in names:
        (tmp_path / "folder" / name).write_bytes(content)
    if "--output FOLDER" in " ".join(command):
        (tmp_path / "folder" / "checkpoints" / "5").mkdir(parents=True)
    places = {
        "FOLDER": tmp_path / "folder",
        "OUT": tmp_path / "out",
        "PLAN": tiny_plan(),
        "RECORDS": foreign_records,
    }
    status, error = outcome([places.get(part, part) for part in command])
    assert status == 2
    assert str(tmp_path / "folder") in error


@pytest.mark.parametrize(
    "output", ["plan.toml", "plan.toml/below", "", "x" * 300, "ü/../plan.toml", "/dev/null/x", "/proc/x"]
)
def test_an_output_that_cannot_be(output, outcome, tmp_path, tiny_plan, foreign_records, monkeypatch):
    """An output that is a file, lies below one, or where nobody may write."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.toml").write_text("mine")
    plan = tiny_plan()
    status, _ = outcome(["pretrain", "--plan", plan, "--data", foreign_records, "--output", output])
    assert status == 2
    assert (tmp_path / "plan.toml").read_text() == "mine"


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"KERAS_BACKEND": "torch"}, "KERAS_BACKEND is 'torch', but the trainer runs on jax or tensorflow"),
        ({"KERAS_BACKEND": "Jax"}, "did you mean jax?"),
        ({"JAX_COORDINATOR_ADDRESS": "host:1"}, "set, but not JAX_NUM_PROCESSES and JAX_PROCESS_ID"),
        ({"JAX_NUM_PROCESSES": "2"}, "set, but not JAX_COORDINATOR_ADDRESS and JAX_PROCESS_ID"),
        ({"JAX_PROCESS_ID": "0"}, "set, but not JAX_COORDINATOR_ADDRESS and JAX_NUM_PROCESSES"),
        ({"SLURM_STEP_NUM_TASKS": "many"}, "SLURM_STEP_NUM_TASKS is 'many'"),
    ],
)
def test_surroundings_that_are_set_by_halves(
    variables, message, outcome, tmp_path, tiny_plan, foreign_records, monkeypatch
):
    """A launcher had set some of the cluster's variables, and every process trained alone or died in a traceback."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    status, error = outcome(
        ["pretrain", "--plan", tiny_plan(), "--data", foreign_records, "--output", tmp_path / "out"]
    )
    assert status == 2
    assert message in error
    assert not (tmp_path / "out").exists()


def test_a_device_that_is_not_there(outcome, monkeypatch):
    """JAX_PLATFORMS=cuda on a machine without a GPU ended in an assertion of JAX's."""
    import jax

    def fail():
        raise AssertionError

    monkeypatch.setenv("JAX_PLATFORMS", "cuda")
    monkeypatch.setattr(jax, "devices", fail)
    status, error = outcome(["plan", "show", "demo"])
    assert status == 2
    assert "JAX_PLATFORMS is 'cuda', but JAX finds no such device here; unset it" in error


@pytest.mark.parametrize("index", ["[1]", '{"a.tfrecord": 5}', '{"a.tfrecord": ["x", -1]}', "[" * 100_000, "\0"])
def test_an_index_of_records_that_is_not_ours_any_more(index, outcome, tmp_path, write_records, tiny_plan):
    """An index beside the records that broke off in the middle: the records are counted again."""
    write_records(tmp_path / "data" / "a.tfrecord", 20)
    (tmp_path / "data" / ".beambert_index").mkdir()
    (tmp_path / "data" / ".beambert_index" / "record_counts.json").write_text(index)
    arguments = ["pretrain", "--plan", tiny_plan(batch=7), "--data", tmp_path / "data", "--output", tmp_path / "out"]
    status, error = outcome([*arguments, "--accumulation", "2"])
    assert status == 2
    assert "batch 7 cannot be split evenly" in error


def test_a_user_without_a_home(outcome, tmp_path, write_records, tiny_plan, monkeypatch):
    """A container that runs as a user without a home: the index lies beside the records, the vocabulary needs a place."""
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    write_records(tmp_path / "data" / "a.tfrecord", 20)
    from beam_jobs import _user_cache
    from beam_jobs.errors import UserError
    from trainer.data.record_index import RecordIndex
    from vocab.fetch import cache_folder

    assert _user_cache().is_dir()
    uri = f"{tmp_path}/data/a.tfrecord"
    assert RecordIndex(f"{tmp_path}/data").count("a.tfrecord", uri, 9, False) == 20
    with pytest.raises(UserError, match="set XDG_CACHE_HOME, or --vocab_dir"):
        cache_folder()


def launched(arguments, **environment):
    """A command in a process of its own, which prints to a disk that is full or in an encoding that has few letters."""
    command = [sys.executable, "-m", "trainer", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), **environment}
    with Path(environment.pop("TO", os.devnull)).open("w") as out:
        return subprocess.run(command, stdout=out, stderr=subprocess.PIPE, text=True, env=environment, timeout=120)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_full_disk_for_what_is_printed():
    """What a command prints went to a disk that was full."""
    done = launched(["plan", "list"], TO="/dev/full")
    assert done.returncode == 2
    assert done.stderr == "trainer plan: error: No space left on device; make room, or write to another place\n"


def test_letters_that_the_terminal_does_not_know(tmp_path):
    """A terminal of another encoding, and a plan whose name has letters that it lacks."""
    plan = tmp_path / "plan.toml"
    plan.write_text(
        'name = "blåbær"\nmodel = { model_class = "bert_base_cased" }\n[[phase]]\nname = "α"\nsequence_length = 128\n'
        "batch = 8\nsteps = 9\nlearning_rate = { peak = 1e-3 }\n"
    )
    done = launched(["plan", "show", plan, "--device", "H100"], PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
