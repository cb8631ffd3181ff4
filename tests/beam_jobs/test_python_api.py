"""`import beam_jobs` in a program or a notebook: light and silent, and what the names do is what the commands do."""

import ast
import importlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import beam_jobs
import trainer
import vocab
from beam_jobs.decoding.decode import decode_instance
from beam_jobs.jobs.corpus import run_corpus
from beam_jobs.jobs.segment.pipeline import run_segment
from beam_jobs.records.tfrecord_stream import read_records
from beam_jobs.tokenizer.reference_tokenizer import ReferenceTokenizer
from vocab.vocabulary import load_vocabulary

HEAVY = ("apache_beam", "grpc", "jax", "keras", "numba", "numpy", "pyarrow", "rich", "tensorflow", "tokenizers")
TEXT = "Hun kom kl. 9. Så gikk hun.\nHan ble igjen. Det var kaldt ute, og ingen kom."


def test_importing_is_light_and_silent() -> None:
    code = f"""
import logging, os, sys
before = dict(os.environ)
import beam_jobs, trainer, vocab
assert {{name for name in os.environ if os.environ[name] != before.get(name)}} <= {{"NUMBA_CACHE_DIR"}}
assert not logging.root.handlers and logging.root.level == logging.WARNING
loaded = [name for name in {HEAVY} if name in sys.modules]
assert not loaded, loaded
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("package", [beam_jobs, trainer], ids=["beam_jobs", "trainer"])
def test_type_checkers_see_the_names_that_are_loaded_when_they_are_used(package) -> None:
    tree = ast.parse(Path(package.__file__).read_text())
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {alias.asname: node.module for node in block.body for alias in node.names}
    assert seen == package._HOMES
    assert set(seen) <= set(dir(package))
    for name, module in seen.items():
        assert getattr(package, name) is getattr(importlib.import_module(module), name)
    with pytest.raises(AttributeError, match="no attribute 'segmnt'"):
        package.segmnt  # noqa: B018


def test_the_page_shows_lines_that_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    page = (Path(beam_jobs.__file__).parent / "README.md").read_text()
    (code,) = re.findall(r"(?s)## From Python\n.*?```python\n(.*?)```", page)
    (tmp_path / "raw").mkdir()
    lines = [json.dumps({"text": TEXT, "lang": "nb"}, ensure_ascii=False) for _ in range(9)]
    (tmp_path / "raw" / "a.jsonl").write_text("\n".join(lines))
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(code.replace("vocab_size=8000", "vocab_size=100"), names)
    assert names["instance"].pieces[0] == "[CLS]"
    assert names["sentences"].statistics["sentences"] == 36
    vocab_page = (Path(vocab.__file__).parent / "README.md").read_text()
    (code,) = re.findall(r"(?s)## From Python\n.*?```python\n(.*?)```", vocab_page)
    exec(code, names)
    assert len(names["vocabulary"]) == names["corpus"].manifest.vocabulary["size"]


def test_segment() -> None:
    assert beam_jobs.segment("Hun kom kl. 9. Så gikk hun.", "nb") == ["Hun kom kl. 9.", "Så gikk hun."]
    assert beam_jobs.segment("Hun kom kl. 9. Så gikk hun.", "norwegian") == ["Hun kom kl. 9.", "Så gikk hun."]


@pytest.fixture(scope="module")
def vocab_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    characters = sorted(set(TEXT) - set(" \n"))
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters, *(f"##{c}" for c in characters if c.isalnum())]
    path = tmp_path_factory.mktemp("vocabulary") / "vocab.txt"
    path.write_text("\n".join([*pieces, "kom", "Hun", "##elt", "igjen", "["]) + "\n")
    return path


def test_the_tokenizer_gives_the_pieces_of_the_original(vocab_file: Path) -> None:
    tokenizer = beam_jobs.Tokenizer(vocab_file)
    assert tokenizer("Hun kom,\r\nkelt.") == ["Hun", "kom", ",", "k", "##elt", "."]
    vocabulary = load_vocabulary(vocab_file)
    reference = ReferenceTokenizer(vocabulary.ids, vocabulary.unk_id, lower_case=False)
    for text in (TEXT, "", " \n\n \r", "a\rb\r\n\nc", "[MASK] Q\ud800 kom", "kom" * 200, TEXT):
        ids = tokenizer.ids(text)
        assert ids.dtype == np.int32
        assert ids.tolist() == reference.tokenize(text.replace("\ud800", "")), text
    lowered = beam_jobs.Tokenizer(vocabulary, lower_case=True, max_input_chars_per_word=3)
    assert lowered("KOM Kommer") == ["kom", "[UNK]"]


def test_the_tokenizer_of_a_model_class_has_its_casing(tmp_path: Path, vocab_file: Path) -> None:
    config = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8}
    config |= {"max_position_embeddings": 16, "type_vocab_size": 2}
    size = len(load_vocabulary(vocab_file))
    content = {"name": "mine", "lower_case": True, "vocab_size": size, "vocab_uri": str(vocab_file), "config": config}
    (tmp_path / "mine.json").write_text(json.dumps(content))
    assert beam_jobs.Tokenizer(tmp_path / "mine.json")("KOM") == ["kom"]
    assert beam_jobs.Tokenizer(tmp_path / "mine.json", lower_case=False)("KOM") == ["[UNK]"]


def test_mistakes_are_one_line(tmp_path: Path, vocab_file: Path) -> None:
    (tmp_path / "uncased.txt").write_text(
        "\n".join(
            [
                "[PAD]",
                "[UNK]",
                "[CLS]",
                "[SEP]",
                "[MASK]",
                *(f"word{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(300)),
            ]
        )
    )
    for call, said in (
        (lambda: beam_jobs.Tokenizer(tmp_path / "no.txt"), "no such vocabulary file"),
        (lambda: beam_jobs.Tokenizer("bert_base_casd"), "bert_base_casd"),
        (lambda: beam_jobs.Tokenizer(tmp_path / "uncased.txt"), "say lower_case=True, or False"),
        (lambda: beam_jobs.Tokenizer(vocab_file, max_input_chars_per_word=0), "max_input_chars_per_word is 0"),
        (lambda: beam_jobs.run({"input": "raw"}), "takes the settings of a job"),
        (lambda: beam_jobs.run(beam_jobs.SegmentSettings()), "--input is missing"),
        (lambda: beam_jobs.run(beam_jobs.SegmentSettings((str(tmp_path / "none"),), str(tmp_path / "out"))), "none"),
        (lambda: beam_jobs.read_instances(tmp_path / "none"), "no such file or folder"),
        (
            lambda: beam_jobs.run_corpus(
                beam_jobs.SegmentSettings(("raw",), "a"), beam_jobs.InstanceSettings(("b",), "c")
            ),
            "the input of the one must be the output of the other",
        ),
    ):
        with pytest.raises(beam_jobs.UserError) as error:
            call()
        assert said in str(error.value)
        assert "\n" not in str(error.value)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("raw") / "raw.jsonl"
    lines = [json.dumps({"id": str(i), "lang": "nb", "text": f"{TEXT} Kom {i}."}) for i in range(40)]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def sentences(raw: Path) -> beam_jobs.JobResult:
    return beam_jobs.run(beam_jobs.SegmentSettings((str(raw),), str(raw.parent / "sentences"), dev_fraction=0.2))


def test_a_job_from_its_settings_is_the_job_of_the_command(raw: Path, sentences: beam_jobs.JobResult) -> None:
    run_segment(beam_jobs.SegmentSettings((str(raw),), str(raw.parent / "same"), dev_fraction=0.2))
    assert sentences.output == str(raw.parent / "sentences")
    assert sentences.manifest.kind == "sentences"
    assert sentences.statistics["documents"] == 40
    assert sentences.statistics == json.loads((raw.parent / "sentences" / "corpus_stats.json").read_text())
    assert [Path(shard).parent.name for shard in sentences.shards] == ["train", "dev"]
    for shard in sentences.shards:
        assert Path(shard).read_bytes() == Path(shard.replace("sentences/", "same/", 1)).read_bytes()


@pytest.mark.parametrize("masking", ["whole_word", "dynamic"])
def test_instances_are_read_as_they_are_stored(
    tmp_path: Path, sentences: beam_jobs.JobResult, vocab_file: Path, masking: str
) -> None:
    settings = beam_jobs.InstanceSettings(
        (sentences.output,),
        str(tmp_path),
        model_class="bert_base_cased",
        vocab_file=str(vocab_file),
        max_seq_length=32,
        masking=masking,
        dupe_factor=2,
    )
    result = beam_jobs.run(settings)
    instances = list(beam_jobs.read_instances(tmp_path))
    assert len(instances) == result.manifest.records > 0
    stored = [
        (shard.name, number, decode_instance(record))
        for shard in result.manifest.shards
        for number, record in read_records(io.BytesIO((tmp_path / shard.name).read_bytes()), shard.name)
    ]
    assert [(instance.shard, instance.record) for instance in instances] == [place[:2] for place in stored]
    vocabulary = load_vocabulary(vocab_file)
    for instance, (_, _, arrays) in zip(instances, stored, strict=True):
        np.testing.assert_array_equal(instance.arrays.input_ids, arrays.input_ids)
        assert instance.label == arrays.next_sentence_labels[0]
        assert instance.pieces == [vocabulary.pieces[i] for i in arrays.input_ids[: arrays.pieces]]
        assert instance.pieces[0] == "[CLS]"
        positions, ids = arrays.masked_lm_positions, arrays.masked_lm_ids
        expected = {int(positions[i]): vocabulary.pieces[ids[i]] for i in range(arrays.predictions)}
        assert instance.predictions == expected
        assert bool(expected) == (masking == "whole_word")
        assert str(instance).startswith("A [CLS] ")
    train = list(beam_jobs.read_instances(tmp_path / "train"))
    assert 0 < len(train) < len(instances)
    shards = list(beam_jobs.read_instances(*result.shards))
    assert [str(instance) for instance in shards] == [str(instance) for instance in instances]


def test_a_damaged_shard_is_told_while_it_is_read(tmp_path: Path, vocab_file: Path) -> None:
    (tmp_path / "a.tfrecord").write_bytes(b"no records at all, but long enough for a header")
    with pytest.raises(beam_jobs.UserError, match=r"a\.tfrecord"):
        next(beam_jobs.read_instances(tmp_path / "a.tfrecord", vocab_file=str(vocab_file)))


def test_a_corpus_in_one_launch(tmp_path: Path, raw: Path, vocab_file: Path) -> None:
    def settings(output: str) -> tuple[beam_jobs.SegmentSettings, beam_jobs.InstanceSettings]:
        sentences = f"{tmp_path / output}/sentences"
        return (
            beam_jobs.SegmentSettings((str(raw),), sentences),
            beam_jobs.InstanceSettings(
                (sentences,),
                f"{tmp_path / output}/instances",
                vocab_file=str(vocab_file),
                max_seq_length=32,
                dupe_factor=1,
            ),
        )

    result = beam_jobs.run_corpus(*settings("api"))
    run_corpus(*settings("command"))
    assert result.output == str(tmp_path / "api" / "instances")
    assert result.manifest.documents == 40
    for shard in result.shards:
        assert Path(shard).read_bytes() == Path(shard.replace("/api/", "/command/")).read_bytes()


def test_a_vocabulary_from_its_settings(tmp_path: Path, raw: Path) -> None:
    settings = beam_jobs.VocabularySettings((str(raw),), str(tmp_path), vocab_size=120, name="mine")
    result = beam_jobs.run(settings)
    assert result.manifest.vocabulary["size"] == len(load_vocabulary(tmp_path / "vocab.txt"))
    assert beam_jobs.Tokenizer(tmp_path / "mine.json")("Hun kom") != []
