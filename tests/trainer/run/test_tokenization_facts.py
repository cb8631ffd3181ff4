"""What weights need to be used: what two launches know and disagree on, and which files belong to a run."""

import dataclasses
import hashlib

import pytest

from beam_jobs.errors import UserError
from beam_jobs.records import Manifest
from trainer.data.corpus_folder import CorpusFolder
from trainer.model.config import BertConfig
from trainer.run.model_source import ModelSource
from trainer.run.tokenization_facts import TokenizationFacts, facts_of, kept_file, write_kept

FACTS = TokenizationFacts(True, 200, "a" * 64, {"vocab.txt": "b" * 64})


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({}, ""),
        ({"lower_case": None, "max_input_chars_per_word": None, "vocab_sha256": "", "files": {}}, ""),
        ({"lower_case": False}, "lower_case is True there and False in this data"),
        ({"max_input_chars_per_word": 100}, "max_input_chars_per_word is 200 there and 100 in this data"),
        ({"files": {"vocab.txt": "c"}}, f"vocab.txt is '{'b' * 64}' there and 'c' in this data"),
        ({"files": {"corpus_stats.json": "c"}}, ""),
    ],
)
def test_only_what_both_know_can_differ(change, difference):
    other = dataclasses.replace(FACTS, **change)
    assert FACTS.difference(other) == difference
    if not difference:
        assert FACTS.completed_by(other).completed_by(FACTS) == other.completed_by(FACTS).completed_by(FACTS)


def test_what_is_known_here_is_not_overwritten_by_the_other():
    here = TokenizationFacts(None, 77, "", {"vocab.txt": "here"})
    there = TokenizationFacts(True, 200, "there", {"vocab.txt": "there", "corpus_stats.json": "there"})
    files = {"vocab.txt": "here", "corpus_stats.json": "there"}
    assert here.completed_by(there) == TokenizationFacts(True, 77, "there", files)


def folder(uri, **vocabulary):
    return CorpusFolder(uri, Manifest("instances", "hash", {"max_input_chars_per_word": 77}, (), vocabulary))


def test_the_data_tells_before_the_model_class():
    source = ModelSource("tiny", BertConfig(vocab_size=64), "", None)
    assert facts_of(source) == TokenizationFacts()
    facts = facts_of(source, [CorpusFolder("foreign", None), folder("data", lower_case=True, sha256="d")])
    assert facts == TokenizationFacts(True, 77, "d", {})
    with pytest.raises(UserError, match="uncased was made in lower case, cased was not"):
        facts_of(source, [folder("cased", lower_case=False), folder("uncased", lower_case=True)])


def test_a_file_is_replaced_only_where_a_launch_without_checkpoints_left_it(tmp_path):
    def known_by(data):
        return TokenizationFacts(files={"vocab.txt": hashlib.sha256(data).hexdigest()})

    path, output = tmp_path / "vocab.txt", str(tmp_path)
    assert not kept_file(output, "vocab.txt", None)
    path.write_bytes(b"users\n")
    for former in (None, TokenizationFacts(), known_by(b"first\n")):
        with pytest.raises(UserError, match=r"vocab.txt: is not that of this run's data"):
            write_kept(output, {"vocab.txt": b"second\n"}, known_by(b"second\n"), former, begun=False)
    write_kept(output, {"vocab.txt": b"second\n"}, known_by(b"second\n"), known_by(b"users\n"), begun=False)
    assert path.read_bytes() == b"second\n"
    assert kept_file(output, "vocab.txt", known_by(b"second\n"))
    assert not kept_file(output, "vocab.txt", TokenizationFacts()), "a run that kept none has none"
    assert kept_file(output, "vocab.txt", None), "runs of earlier versions are believed"
    with pytest.raises(UserError, match="is not the file that the run was begun with"):
        kept_file(output, "vocab.txt", known_by(b"first\n"))
    with pytest.raises(UserError, match="is not that of this run's data"):
        write_kept(output, {"vocab.txt": b"third\n"}, known_by(b"third\n"), known_by(b"second\n"), begun=True)
