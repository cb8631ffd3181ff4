"""A template is made offline, and its launch with other settings writes the same bytes as the job itself."""

import json
from pathlib import Path

import pytest
from apache_beam.options.value_provider import RuntimeValueProvider

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.jobs.corpus import run_corpus
from beam_jobs.jobs.instances.pipeline import run_instances
from beam_jobs.jobs.segment.pipeline import run_segment
from beam_jobs.jobs.template import Parameters, make_template
from beam_jobs.jobs.vocabulary.pipeline import run_vocabulary
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghij.", *(f"##{c}" for c in "abcdefghij")]
OF_ONE_LAUNCH = ("time_taken_min", "max_num_cpus", "run_in_parallel", "data_dir", "output_dir")
HERE = {"max_num_cpus": 1}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    records = [
        {"id": str(i), "text": " ".join(f"Abc de {'abcdefghij'[j % 10]}." for j in range(i % 9 + 2))} for i in range(60)
    ]
    (tmp_path / "raw.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    (tmp_path / "vocab.txt").write_text("\n".join(PIECES) + "\n")
    return tmp_path


def _content(folder: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "config.toml":  # it names the output
            data: object = path.read_bytes()
            if path.name == "corpus_stats.json":
                data = {
                    name: value for name, value in json.loads(path.read_text()).items() if name not in OF_ONE_LAUNCH
                }
            found[str(path.relative_to(folder))] = data
    return found


@pytest.fixture
def launched(gs: str, run_staged, capsys):
    """Make the template of a job whose settings name other places, and launch it with those that are wanted."""

    def launch(kind: str, settings: list, **given: str) -> None:
        location = f"{gs}/templates/{kind}.json"
        arguments = ["--runner=DataflowRunner", "--project=project-1", "--region=r", f"--temp_location={gs}/temp"]
        arguments += [f"--staging_location={gs}/staging", "--no_auth", "--sdk_container_image=gcr.io/a/b:1"]
        make_template(kind, settings, [*arguments, f"--template_location={location}"])
        assert f"template {location} is made; to launch it:\n  gcloud dataflow jobs run NAME" in capsys.readouterr().out
        job = json.loads(storage.read_bytes(location))
        options = job["environment"]["sdkPipelineOptions"]["options"]
        listed = json.loads(storage.read_bytes(f"{location}_metadata"))["parameters"]
        assert {parameter["name"] for parameter in listed} <= set(options)
        assert (options["input"], options["output"]) == ("gs://bucket/defaults", "gs://bucket/made")
        run_staged(options["pipelineUrl"], {**options, **given})

    return launch


def test_every_job(place: Path, launched, monkeypatch) -> None:
    monkeypatch.setattr("beam_jobs.engines.preflight._probe", lambda name, folder: None)
    raw, out, from_template = (str(place / name) for name in ("raw.jsonl", "out", "launched"))
    defaults = {"input": ("gs://bucket/defaults",), "output": "gs://bucket/made"}

    run_vocabulary(VocabularySettings((raw,), f"{out}/words", vocab_size=100, **HERE))
    given = {"input": raw, "output": f"{from_template}/words", "vocab_size": "100"}
    launched("vocabulary", [VocabularySettings(**defaults)], **given)
    assert _content(place / "launched" / "words") == _content(place / "out" / "words")

    run_segment(SegmentSettings((raw,), f"{out}/text", dev_fraction=0.2, **HERE))
    given = {"input": raw, "output": f"{from_template}/text", "dev_fraction": "0.2"}
    launched("segment", [SegmentSettings(**defaults)], **given)
    assert _content(place / "launched" / "text") == _content(place / "out" / "text")

    fields = {"vocab_file": str(place / "vocab.txt"), "dupe_factor": 2, "max_seq_length": 32, "gzipped": False}
    run_instances(InstanceSettings((f"{out}/text",), f"{out}/made", **fields, **HERE))
    given = {"input": f"{from_template}/text", "output": f"{from_template}/made", "gzipped": "false"}
    launched("instances", [InstanceSettings(**defaults, **{**fields, "gzipped": True})], **given)
    made = _content(place / "out" / "made")
    assert _content(place / "launched" / "made") == made
    assert any(name.endswith(".tfrecord") for name in made)

    whole = SegmentSettings((raw,), f"{out}/whole/sentences", **HERE)
    run_corpus(whole, InstanceSettings((whole.output,), f"{out}/whole/instances", **fields, **HERE))
    inner = {"input": ("gs://bucket/made/sentences",), "output": "gs://bucket/made/instances"}
    of_segment = SegmentSettings(("gs://bucket/defaults",), "gs://bucket/made/sentences")
    launched("corpus", [of_segment, InstanceSettings(**inner, **fields)], input=raw, output=f"{from_template}/whole")
    assert _content(place / "launched" / "whole") == _content(place / "out" / "whole")


def test_parameters_are_known_to_workers_only() -> None:
    with pytest.raises(Exception, match="not called from a runtime context"):
        Parameters(SegmentSettings(("a",), "b")).get()


def test_what_a_launch_gives_is_read_and_checked() -> None:
    parameters = Parameters(InstanceSettings(("a",), "b", vocab_file="v", max_seq_length=64))
    try:
        RuntimeValueProvider.set_runtime_options({"input": "x y", "gzipped": "False", "dupe_factor": "3", "output": ""})
        settings = parameters.get()
        assert (settings.input, settings.output, settings.gzipped) == (("x", "y"), "b", False)
        assert (settings.dupe_factor, settings.max_seq_length, settings.vocab_file) == (3, 64, "v")
        RuntimeValueProvider.set_runtime_options({"dupe_factor": "many"})
        with pytest.raises(UserError, match="dupe_factor=many is no int; correct the parameter of this launch"):
            parameters.get()
        RuntimeValueProvider.set_runtime_options({"masking": "no"})
        with pytest.raises(UserError, match="--masking 'no' is not one of"):
            parameters.get()
    finally:
        RuntimeValueProvider.runtime_options = None


def test_a_template_lies_in_a_bucket() -> None:
    arguments = ["--runner=DataflowRunner", "--template_location=/tmp/template"]
    with pytest.raises(UserError, match="--template_location must be gs://BUCKET/NAME"):
        make_template("segment", [SegmentSettings(("gs://bucket/a",), "gs://bucket/b")], arguments)
