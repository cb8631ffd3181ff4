import json
from collections import Counter
from pydoc_data.topics import topics

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.execution import launch
from beam_jobs.jobs.vocabulary import pipeline as vocabulary_pipeline
from beam_jobs.jobs.vocabulary.pipeline import run_vocabulary
from beam_jobs.records import Manifest, Shard
from beam_jobs.settings import VocabularySettings
from vocab.basic_tokenizer import split_words
from vocab.fetch import fetch_vocabulary
from vocab.learning.learn import learn_wordpiece
from vocab.model_class import load_model_class
from vocab.vocabulary import load_vocabulary

TEXTS = [text for _, text in sorted(topics.items())][:24]
FILES = ("vocab.txt", "own.json", "manifest.json")
ALL_FILES = sorted([*FILES, "config.toml", "corpus_stats.json"])


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    """Real text in each format; and the counts of its words, counted plainly."""
    folder = tmp_path_factory.mktemp("raw")
    (folder / "a.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in TEXTS[:12]))
    (folder / "b.txt").write_text("\n".join(TEXTS[12:18]))
    pq.write_table(pa.table({"text": TEXTS[18:]}), folder / "c.parquet")
    return folder


@pytest.fixture(scope="module")
def expected():
    return Counter(word for text in TEXTS for word in split_words(text, lower_case=False))


def settings_for(raw, output, **changes):
    fields = {"vocab_size": 800, "name": "own", "max_num_cpus": 1, **changes}
    return VocabularySettings((str(raw),), str(output), **fields)


@pytest.fixture(scope="module")
def finished(raw, tmp_path_factory):
    output = tmp_path_factory.mktemp("finished") / "out"
    run_vocabulary(settings_for(raw, output))
    return output


def test_the_vocabulary_of_plain_counting(finished, expected):
    assert (finished / "vocab.txt").read_text() == learn_wordpiece(expected, 800).to_text()
    assert len(load_vocabulary(finished / "vocab.txt")) == 800


def test_the_model_class_is_ready_to_use(finished):
    model_class = load_model_class(finished / "own.json")
    assert (model_class.name, model_class.vocab_size, model_class.lower_case) == ("own", 800, False)
    assert fetch_vocabulary(model_class) == finished / "vocab.txt"


def test_statistics_and_nothing_left_behind(finished, expected):
    stats = json.loads((finished / "corpus_stats.json").read_text())
    assert (stats["words"], stats["distinct_words"]) == (expected.total(), len(expected))
    assert stats["documents"] == 12 + count_lines(TEXTS[12:18]) + 6
    assert stats["vocabulary"]["size"] == 800
    assert 1 < stats["pieces_per_word"] < 3
    assert stats["unknown_words"] == 0
    assert sorted(path.name for path in finished.iterdir()) == ALL_FILES


def count_lines(texts):
    return sum(1 for line in "\n".join(texts).split("\n") if line.strip())


@pytest.mark.parametrize(
    "beam_arguments",
    [
        ["--direct_num_workers=3", "--direct_running_mode=multi_processing"],
        ["--runner=FnApiRunner", "--direct_runner_bundle_repeat=1"],
        ["--runner=BundleBasedDirectRunner"],
    ],
    ids=["three workers", "replayed bundles", "another runner"],
)
def test_the_same_bytes_whatever_runs_it(raw, finished, tmp_path, beam_arguments):
    run_vocabulary(settings_for(raw, tmp_path / "out"), beam_arguments)
    for name in FILES:
        assert (tmp_path / "out" / name).read_bytes() == (finished / name).read_bytes()


def test_a_sample_is_the_same_whatever_runs_it(raw, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("beam_jobs.inputs.plan_ranges._MIN_RANGE", 5_000)
    monkeypatch.setattr("beam_jobs.jobs.vocabulary.job._MIN_ITEM", 10_000)
    for name, arguments in [("one", []), ("two", ["--direct_num_workers=2"])]:
        run_vocabulary(settings_for(raw, tmp_path / name, sample_mb=0.04), arguments)
    assert (tmp_path / "one" / "vocab.txt").read_bytes() == (tmp_path / "two" / "vocab.txt").read_bytes()
    stats = json.loads((tmp_path / "one" / "corpus_stats.json").read_text())
    assert 20_000 < stats["bytes_in"] < 60_000 < stats["input_bytes"]
    assert "in a sample of 0.0 of 0.1 MB" in capsys.readouterr().out
    with pytest.raises(UserError, match=r"made with --sample_mb 0\.04 \(now 0\.0\)"):
        run_vocabulary(settings_for(raw, tmp_path / "one"))


def test_done_once(raw, finished, capsys):
    before = (finished / "vocab.txt").stat().st_mtime_ns
    run_vocabulary(settings_for(raw, finished))
    assert (finished / "vocab.txt").stat().st_mtime_ns == before
    assert "is finished already: 800 pieces from" in capsys.readouterr().out
    with pytest.raises(UserError, match=r"made with --vocab_size 800 \(now 900\)"):
        run_vocabulary(settings_for(raw, finished, vocab_size=900))


def test_goes_on_where_it_stopped(raw, finished, tmp_path, monkeypatch):
    def stop(*arguments):
        raise RuntimeError("stopped")

    output = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(vocabulary_pipeline, "finish_vocabulary", stop)
        with pytest.raises(Exception, match="stopped"):
            run_vocabulary(settings_for(raw, output))
    rows = sorted(output.glob("_work/count/*.json"))
    assert rows
    assert not (output / "vocab.txt").exists()
    times = [row.stat().st_mtime_ns for row in rows]
    with pytest.raises(UserError, match="half of a corpus"):
        run_vocabulary(settings_for(raw, output, normalize="none"))
    with monkeypatch.context() as patch:
        patch.setattr(launch, "remove_work", lambda output: None)
        run_vocabulary(settings_for(raw, output))
    assert [row.stat().st_mtime_ns for row in rows] == times
    assert (output / "vocab.txt").read_bytes() == (finished / "vocab.txt").read_bytes()


def test_a_sentence_corpus_is_read_by_its_manifest(tmp_path):
    folder = tmp_path / "sentences"
    (folder / "rejected").mkdir(parents=True)
    data = b"Et hus.\nTo hus.\n\nTre hus.\n"
    (folder / "sentences-00000-of-00001.txt").write_bytes(data)
    (folder / "rejected" / "text_null.jsonl").write_text('{"text": "not to be read"}\n')
    shard = Shard("sentences-00000-of-00001.txt", "default", 3, 2, len(data), "00000000")
    (folder / "manifest.json").write_text(Manifest("sentences", "0" * 16, {}, (shard,)).to_json())
    run_vocabulary(settings_for(folder, tmp_path / "out", vocab_size=100))
    stats = json.loads((tmp_path / "out" / "corpus_stats.json").read_text())
    assert (stats["words"], stats["num_rejected"]) == (9, 0)
    assert "hus" in (tmp_path / "out" / "vocab.txt").read_text().split("\n")


def test_rejections_are_told(tmp_path, capsys):
    (tmp_path / "a.jsonl").write_text('{"text": "hus hus"}\n{"text": \n')
    with pytest.raises(
        UserError, match=r"1 of 2 documents \(50.0%\) were set aside \(1 broken_json\), more than --max_rej"
    ):
        run_vocabulary(settings_for(tmp_path / "a.jsonl", tmp_path / "out", vocab_size=100))
    assert not (tmp_path / "out" / "vocab.txt").exists()
    run_vocabulary(settings_for(tmp_path / "a.jsonl", tmp_path / "out", vocab_size=100, max_rejected=0.5))
    out = capsys.readouterr().out
    assert "set aside: 1 documents (1 broken_json of 10 bytes); see" in out
    assert "13 pieces (not 100: no other pair is seen --min_frequency times) from 2 words (1 distinct)" in out
    assert len(list((tmp_path / "out" / "rejected").iterdir())) == 1


@pytest.mark.parametrize(("content", "why"), [("", "1 empty_file"), ('{"text": null}\n', "1 text_null")])
def test_no_words_is_one_line(tmp_path, content, why):
    (tmp_path / "a.jsonl").write_text(content)
    with pytest.raises(UserError, match=rf"no word in --input .*all of it was set aside \({why}\)"):
        run_vocabulary(settings_for(tmp_path / "a.jsonl", tmp_path / "out"))


def test_from_and_to_object_stores(bucket, finished, raw, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for path in raw.iterdir():
        storage.write_atomically(f"{bucket}/words/{path.name}", path.read_bytes())
    run_vocabulary(settings_for(f"{bucket}/words", f"{bucket}/vocabulary"))
    assert storage.list_folder(f"{bucket}/vocabulary") == ALL_FILES
    model_class = load_model_class(f"{bucket}/vocabulary/own.json")
    assert model_class.vocab_uri == f"{bucket}/vocabulary/vocab.txt"
    fetched = fetch_vocabulary(model_class)
    assert fetched.read_bytes() == (finished / "vocab.txt").read_bytes()
    with pytest.raises(UserError, match=r"none\.txt: (no such vocabulary file|cannot read the vocabulary)"):
        load_vocabulary(f"{bucket}/vocabulary/none.txt")
