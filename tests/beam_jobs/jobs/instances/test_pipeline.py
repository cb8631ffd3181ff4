"""The instances job in this process: what it writes, what the statistics say, what a second call does."""

import json
from collections.abc import Callable
from pathlib import Path
from pydoc_data.topics import topics

import pytest

from beam_jobs.decoding.decode import decode_instance
from beam_jobs.decoding.invariants import check_instance
from beam_jobs.errors import UserError
from beam_jobs.jobs.instances.pipeline import run_instances
from beam_jobs.records import MANIFEST_NAME, SAMPLES_NAME, SAMPLES_TEXT_NAME, STATS_NAME
from beam_jobs.records.tfrecord_stream import read_records
from beam_jobs.settings import InstanceSettings
from vocab.vocabulary import load_vocabulary

PUBLISHED_KEYS = [
    "counts",
    "time_taken_min",
    "run_name",
    "max_seq_length",
    "model_class",
    "dupe_factor",
    "gzipped",
    "short_seq_prob",
    "max_predictions_per_seq",
    "random_seed",
    "masked_lm_prob",
    "num_logged_samples",
    "max_num_cpus",
    "data_dir",
    "output_dir",
    "vocab_dir",
    "run_in_parallel",
]


@pytest.fixture(scope="module")
def vocab_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    characters = sorted(set("".join(topics.values())) - set(" \n\t"))
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters, *(f"##{c}" for c in characters if c.isalnum())]
    path = tmp_path_factory.mktemp("vocabulary") / "vocab.txt"
    path.write_text("\n".join([*pieces, "the", "statement", "object", "class"]) + "\n")
    return path


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sentences")
    documents = ["\n".join(filter(str.strip, text.split("\n"))) for text in list(topics.values())[:24]]
    for split, chosen in (("train", documents[:18]), ("dev", documents[18:])):
        (folder / split).mkdir()
        (folder / split / "a.txt").write_text("\n\n".join(chosen))
    return folder


@pytest.fixture
def run(tmp_path: Path, sentences: Path, vocab_file: Path) -> Callable[..., Path]:
    def run(**changes: object) -> Path:
        output = tmp_path / "out"
        fields = {"dupe_factor": 2, "vocab_file": str(vocab_file), "max_num_cpus": 1, **changes}
        run_instances(InstanceSettings((str(sentences),), str(output), **fields))  # type: ignore[arg-type]
        return output

    return run


def _instances(output: Path) -> list[list[str]]:
    """Violations of the invariants, an entry per instance of all shards."""
    vocabulary = load_vocabulary(output / "vocab.txt")
    found = []
    for shard in json.loads((output / MANIFEST_NAME).read_text())["shards"]:
        with (output / shard["name"]).open("rb") as stream:
            records = [data for _, data in read_records(stream, shard["name"])]
        assert len(records) == shard["records"]
        found += [check_instance(decode_instance(record), vocabulary) for record in records]
    return found


@pytest.mark.parametrize("gzipped", [True, False])
@pytest.mark.parametrize("objective", ["nsp", "sop", "full_sentences"])
@pytest.mark.parametrize("masking", ["whole_word", "wordpiece", "span", "dynamic"])
def test_every_objective_and_masking(run: Callable[..., Path], objective: str, masking: str, gzipped: bool) -> None:
    output = run(objective=objective, masking=masking, gzipped=gzipped, max_seq_length=64, max_predictions_per_seq=10)
    violations = _instances(output)
    assert len(violations) > 300
    assert not any(violations)
    ending = ".tfrecord.gz" if gzipped else ".tfrecord"
    names = [shard["name"] for shard in json.loads((output / MANIFEST_NAME).read_text())["shards"]]
    assert names == [f"dev/instances-00000-of-00001{ending}", f"train/instances-00000-of-00001{ending}"]


def test_statistics(run: Callable[..., Path], sentences: Path) -> None:
    output = run(run_name="a run")
    stats = json.loads((output / STATS_NAME).read_text())
    assert set(PUBLISHED_KEYS) <= set(stats)
    assert stats["data_dir"] == str(sentences)
    assert stats["output_dir"] == str(output)
    assert {split: counts["num_documents"] for split, counts in stats["counts"].items()} == {"train": 18, "dev": 6}
    made = sum(counts["num_instances"] for counts in stats["counts"].values())
    totals = stats["totals"]
    assert made == totals["instances"] == len(_instances(output)) == sum(totals["lengths"])
    assert totals["label_0"] + totals["label_1"] == made
    assert sum(totals["masked"].values()) == totals["predictions"]
    assert totals["pieces"] + totals["padding"] == made * 128
    assert stats["bytes_out"] == sum(path.stat().st_size for path in output.rglob("*.tfrecord.gz"))
    assert stats["bytes_in"] >= sum(path.stat().st_size for path in sentences.rglob("*.txt"))
    assert set(stats["sources"]) == {"train/a.txt", "dev/a.txt"}
    assert 0.45 < stats["shares"]["label_1"] < 0.55
    assert stats["versions"]["python"]


def test_samples_and_nothing_left_behind(run: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    output = run(num_logged_samples=3)
    assert len((output / SAMPLES_NAME).read_text().splitlines()) == 3
    printed = capsys.readouterr().out
    assert (output / SAMPLES_TEXT_NAME).read_text() in printed
    assert "instances of 24 documents in 2 shards" in printed.splitlines()[-1]
    names = {path.name for path in output.iterdir()}
    samples = {SAMPLES_NAME, SAMPLES_TEXT_NAME}
    assert names == {"train", "dev", "vocab.txt", "config.toml", MANIFEST_NAME, STATS_NAME, *samples}


def test_a_second_call_does_nothing_and_other_settings_are_refused(
    run: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    output = run()
    before = {path: path.stat().st_mtime_ns for path in output.rglob("*")}
    capsys.readouterr()
    run()
    assert "is finished already" in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in output.rglob("*")} == before
    with pytest.raises(UserError, match=r"--dupe_factor 2 \(now 3\)"):
        run(dupe_factor=3)


def test_seeds_and_copies_differ(run: Callable[..., Path], tmp_path: Path) -> None:
    shards = {}
    for seed in (1, 2):
        output = run(random_seed=seed, gzipped=False)
        shards[seed] = (output / "train" / "instances-00000-of-00001.tfrecord").read_bytes()
        output.rename(tmp_path / f"seed{seed}")
    assert shards[1] != shards[2]
