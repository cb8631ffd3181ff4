import json
import shutil

import pytest

from beam_jobs.errors import UserError
from beam_jobs.inspection.inspected_corpus import open_corpus


@pytest.fixture
def copy(corpus_folder, tmp_path):
    return shutil.copytree(corpus_folder, tmp_path / "corpus")


def test_our_folder(corpus_folder, topic_vocabulary):
    corpus = open_corpus([f"{corpus_folder}/"])
    assert len(corpus.shards) == 3
    assert all(shard.records > 0 for shard in corpus.shards)
    assert corpus.vocabulary == topic_vocabulary
    assert corpus.manifest is not None
    assert corpus.stats["run_name"] == "<trial>"


def test_the_output_of_a_corpus_job(corpus_folder, tmp_path):
    shutil.copytree(corpus_folder, tmp_path / "out" / "instances")
    assert len(open_corpus([str(tmp_path / "out")]).shards) == 3


def test_one_shard_finds_the_vocabulary_above_its_split(corpus_folder, topic_vocabulary):
    shard = next(corpus_folder.rglob("*.gz"))
    corpus = open_corpus([str(shard)])
    assert [s.uri for s in corpus.shards] == [str(shard)]
    assert corpus.vocabulary == topic_vocabulary
    assert corpus.manifest is None
    assert corpus.stats == {}


def test_a_glob_and_a_folder_without_manifest(copy):
    (copy / "manifest.json").unlink()
    assert len(open_corpus([str(copy)]).shards) == 3
    assert len(open_corpus([f"{copy}/train/*.gz"]).shards) == 2


def test_two_folders_with_the_same_names(corpus_folder, copy):
    corpus = open_corpus([str(corpus_folder), str(copy)])
    assert len({shard.name for shard in corpus.shards}) == 6
    assert corpus.title == f"{corpus_folder} and 1 more"
    assert corpus.manifest is None


def test_a_shard_named_twice_is_read_once(corpus_folder):
    assert len(open_corpus([str(corpus_folder), str(next(corpus_folder.rglob("*.gz")))]).shards) == 3


def test_vocabulary_by_name(copy, topic_vocabulary, tmp_path):
    (copy / "vocab.txt").rename(tmp_path / "mine.txt")
    with pytest.raises(UserError, match=r"no vocab.txt beside the shards; .*--vocab_file or --model_class"):
        open_corpus([str(copy)])
    assert open_corpus([str(copy)], vocab_file=str(tmp_path / "mine.txt")).vocabulary == topic_vocabulary


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda f: shutil.rmtree(f), "no such file or folder"),
        (lambda f: (shutil.rmtree(f), f.mkdir()), "holds no file to look at"),
        (lambda f: (f / "manifest.json").write_text("{"), "no manifest of ours"),
        (lambda f: (f / "corpus_stats.json").write_text("{"), "not valid JSON"),
        (lambda f: (f / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]"), "not the vocabulary"),
        (
            lambda f: (shutil.rmtree(f / "train"), shutil.rmtree(f / "dev"), (f / "manifest.json").unlink()),
            "no instance",
        ),
    ],
)
def test_folders_that_are_not_right(copy, prepare, message):
    prepare(copy)
    with pytest.raises(UserError, match=message) as error:
        open_corpus([str(copy)])
    assert str(copy) in str(error.value)
    assert "\n" not in str(error.value)


def test_sentence_shards_are_told_apart(copy):
    content = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**content, "kind": "sentences"}))
    with pytest.raises(UserError, match="holds sentences, no instances"):
        open_corpus([str(copy)])


def test_nothing_named():
    with pytest.raises(UserError, match="name an instance shard"):
        open_corpus([])


@pytest.mark.parametrize("name", ["manifest.json", "corpus_stats.json"])
def test_files_of_a_newer_format_are_refused_with_their_path(copy, name):
    content = json.loads((copy / name).read_text())
    (copy / name).write_text(json.dumps({**content, "of_tomorrow": 1}))
    assert open_corpus([str(copy)]).stats["run_name"] == "<trial>"
    (copy / name).write_text(json.dumps({**content, "format": 2}))
    with pytest.raises(UserError, match=rf"corpus/{name}: its format is 2, .*; update beambert$"):
        open_corpus([str(copy)])
