import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from beam_jobs.decoding.summary import Summary
from beam_jobs.errors import UserError
from beam_jobs.inspection import scan as scan
from beam_jobs.inspection.inspected_corpus import ShardFile, open_corpus
from beam_jobs.inspection.scan import scan_corpus, scan_shard

ROOT = Path(__file__).parent.parent.parent.parent


def read_all(path, **options):
    return scan_corpus(open_corpus([str(path)], **options), check_all=True)


@pytest.mark.parametrize("settings", [{}, {"masking": "dynamic"}, {"objective": "full_sentences", "masking": "span"}])
def test_counts_what_the_generator_counted(make_corpus, settings):
    folder = make_corpus(**settings)
    corpus = open_corpus([str(folder)])
    scan = scan_corpus(corpus, check_all=True)
    totals, summary = corpus.stats["totals"], scan.summary
    assert scan.wrong == 0
    assert scan.violations == ()
    assert scan.read_all
    assert scan.shards == 3
    for name in ("instances", "pieces", "unknown"):
        assert getattr(summary, name) == totals[name], name
    assert summary.labels.tolist() == [totals["label_0"], totals["label_1"]]
    assert summary.lengths.tolist() == totals["lengths"][: len(summary.lengths)]
    assert sum(totals["lengths"][len(summary.lengths) :]) == 0
    if "masking" in settings and settings["masking"] == "dynamic":
        assert (summary.dynamic, summary.predictions, summary.padding) == (summary.instances, 0, 0)
    else:
        masked = totals["masked"]
        assert summary.masked == masked["mask"]
        assert summary.random + summary.kept == masked["random"] + masked["kept"]
        # A random piece that happens to be the original looks kept: one in some 450 here.
        assert 0 <= masked["random"] - summary.random <= 0.01 * masked["random"]
        assert summary.padding == totals["padding"]
        assert summary.predictions_per_instance.tolist() == totals["predictions_per_instance"]
    if not settings:
        assert summary.whole_words == summary.long_words > 0
        assert summary.one_segment == 0
    if "objective" in settings:
        assert summary.one_segment == summary.instances


def test_processes_give_the_same(corpus_folder):
    corpus = open_corpus([str(corpus_folder)])
    seen = []
    one, two = (scan_corpus(corpus, True, workers, seen.append) for workers in (1, 2))
    assert one.read == two.read
    assert one.summary.lengths.tolist() == two.summary.lengths.tolist()
    assert [scan.shards for scan in seen] == [1, 2, 3] * 2


def test_a_sample_reads_the_beginnings(corpus_folder, monkeypatch):
    monkeypatch.setattr("beam_jobs.inspection.scan.SAMPLE_INSTANCES", 2)
    monkeypatch.setattr("beam_jobs.inspection.scan.SAMPLE_SHARDS", 2)
    monkeypatch.setattr("beam_jobs.records.tfrecord_stream.BATCH_BYTES", 1000)
    corpus = open_corpus([str(corpus_folder)])
    scan = scan_corpus(corpus, check_all=False)
    assert scan.shards == 2
    assert not scan.read_all


def test_each_shard_of_a_sample_gives_its_part_of_it(corpus_folder, monkeypatch):
    limits = []

    def read(shard, limit, **more):
        limits.append(limit)
        return scan.ShardScan(Summary(), {shard.name: 5}, 0, (), False)

    monkeypatch.setattr(scan, "scan_shard", read)
    monkeypatch.setattr(scan, "SAMPLE_INSTANCES", 41)
    monkeypatch.setattr(scan, "SAMPLE_SHARDS", 2)
    corpus = open_corpus([str(corpus_folder)])
    scan_corpus(corpus, check_all=False)
    assert limits == [21, 21]
    scan_corpus(corpus, check_all=True)
    assert limits[2:] == [-1, -1, -1]


def test_wrong_instances_are_counted_and_told(tmp_path, serialise, frame, classic, small_vocabulary):
    good, bad = serialise(classic()), serialise(classic(next_sentence_labels=[3]))
    (tmp_path / "s").write_bytes(frame([good] * 3 + [bad] * 9))
    scan = scan_shard(ShardFile(str(tmp_path / "s"), "s"), small_vocabulary, "vocab.txt")
    assert (scan.records, scan.wrong, scan.summary.instances) == (12, 9, 3)
    assert len(scan.violations) == 5
    assert scan.violations[0].record == 3
    assert "next_sentence_labels is [3]" in scan.violations[0].what


def test_shards_that_are_not_what_the_manifest_says(corpus_folder, tmp_path):
    folder = shutil.copytree(corpus_folder, tmp_path / "copy")
    first, second = sorted(folder.rglob("*.gz"))[:2]
    shutil.copy(second, first)
    scan = read_all(folder)
    whats = " ".join(violation.what for violation in scan.violations)
    assert scan.wrong == 2
    assert "records, the manifest says" in whats
    assert "bytes long, the manifest says" in whats
    first.unlink()
    with pytest.raises(UserError, match=first.name):
        read_all(folder)


def test_a_vocabulary_too_small_names_both(corpus_folder, tmp_path, small_vocabulary):
    other = tmp_path / "other.txt"
    other.write_text("\n".join(small_vocabulary.pieces))
    with pytest.raises(UserError, match=r"tfrecord.gz: record \d+ holds piece \d+, but .*other.txt has 15 pieces"):
        read_all(corpus_folder, vocab_file=str(other))


def test_damaged_and_foreign_files(corpus_folder, tmp_path, topic_vocabulary, frame):
    whole = next(corpus_folder.rglob("*.gz")).read_bytes()

    def error(name, data):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(UserError) as caught:
            scan_shard(ShardFile(str(path), name), topic_vocabulary, "vocab.txt")
        assert "\n" not in str(caught.value)
        assert str(path) in str(caught.value)
        return str(caught.value)

    assert "damaged: the file ends in the middle" in error("cut.tfrecord.gz", whole[:-20])
    assert "gzip stream ends too early" in error("cut.tfrecord", whole[:-20])
    plain = bytearray(gzip.decompress(whole))
    assert "record 0 at byte 0 is cut off" in error("cut", bytes(plain[:100]))
    plain[2000] ^= 1
    assert "fails its checksum" in error("flipped", bytes(plain))
    assert "not a TFRecord file" in error("text.txt", b"En setning.\n" * 10)
    assert "record 0 is no pretraining instance" in error("other.tfrecord", frame([b"something else"]))


def test_a_process_that_ends_at_once_while_others_read_prints_nothing():
    """Python's resource tracker would warn of the locks that such a process leaves behind."""
    code = "import os, time; from beam_jobs.inspection.scan import _map; "
    code += "scans = _map(time.sleep, [0, 60], 2); next(scans); os._exit(7)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (7, "", "")
