"""Vectors against the real transformers and sentence-transformers, where they are installed."""

from pathlib import Path

import numpy as np
import pytest
from tiny_models import GOLDEN_MODELS, TEXTS

from beam_jobs.__main__ import main as jobs
from tests.subword_files import TEXT
from trainer import load_embedder
from trainer.__main__ import main

pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def spiece(tmp_path_factory):
    sentencepiece = pytest.importorskip("sentencepiece")
    path = tmp_path_factory.mktemp("vocabulary") / "spiece"
    lines = iter(line for text in TEXT for line in text.split(". "))
    special = {"pad_id": 0, "unk_id": 1, "bos_id": -1, "eos_id": -1, "pad_piece": "<pad>"}
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=lines,
        model_prefix=str(path),
        vocab_size=400,
        **special,
        control_symbols="[CLS],[SEP],[MASK]",
        num_threads=1,
        minloglevel=2,
    )
    return path.with_suffix(".model")


@pytest.mark.parametrize("name", GOLDEN_MODELS)
def test_the_golden_file_is_what_transformers_computes_now(name, folder_of):
    from make_golden_vectors import GOLDEN, theirs

    found = theirs(Path(folder_of(name)))
    with np.load(GOLDEN / f"{name}.npz") as golden:
        assert set(golden) == set(found)
        for key in golden:
            np.testing.assert_allclose(found[key], golden[key], rtol=0, atol=1e-5, err_msg=key)


@pytest.mark.parametrize("name", GOLDEN_MODELS)
def test_vectors_are_those_of_transformers(name, folder_of, embedder_of):
    from make_golden_vectors import theirs

    found = theirs(Path(folder_of(name)))
    wanted = np.stack([found[f"mean_{number}"] for number in range(len(TEXTS))])
    np.testing.assert_allclose(embedder_of(name).embed(TEXTS).vectors, wanted, rtol=0, atol=1e-6)


def test_sentence_transformers_loads_the_folder_and_gives_the_same(folder_of, embedder_of):
    library = pytest.importorskip("sentence_transformers")
    theirs = library.SentenceTransformer(folder_of("sentences"), device="cpu").encode(list(TEXTS))
    np.testing.assert_allclose(embedder_of("sentences").embed(TEXTS).vectors, theirs, rtol=0, atol=1e-6)


def test_sentence_transformers_loads_the_export_of_the_folder_and_gives_the_same(folder_of, embedder_of, tmp_path):
    library = pytest.importorskip("sentence_transformers")
    assert main(["export", "--checkpoint", folder_of("sentences"), "--output", str(tmp_path / "exported")]) == 0
    loaded = library.SentenceTransformer(str(tmp_path / "exported"), device="cpu")
    assert loaded.max_seq_length == 8
    wanted = embedder_of("sentences").embed(TEXTS).vectors
    np.testing.assert_allclose(loaded.encode(list(TEXTS)), wanted, rtol=0, atol=1e-6)


def test_the_export_of_a_run_with_a_sentencepiece_model_loads_and_gives_the_same(spiece, tmp_path, quick_compilation):
    library = pytest.importorskip("sentence_transformers")
    sentences = tmp_path / "sentences.txt"
    sentences.write_text("\n\n".join(text[:2000].replace(". ", ".\n") for text in TEXT[:20]))
    made = ["--input", str(sentences), "--vocab_file", str(spiece), "--output", str(tmp_path / "data")]
    assert jobs(["instances", *made, "--max_seq_length", "32", "--dupe_factor", "1", "--max_num_cpus", "1"]) == 0
    (tmp_path / "plan.toml").write_text(PLAN)
    where = ["--data", str(tmp_path / "data"), "--output", str(tmp_path / "run"), "--no-tensorboard"]
    assert main(["pretrain", "--plan", str(tmp_path / "plan.toml"), *where]) == 0
    folder = str(tmp_path / "exported")
    assert main(["export", "--run", str(tmp_path / "run"), "--output", folder]) == 0
    pair = transformers.AutoTokenizer.from_pretrained(folder)("the class", "an object")
    assert pair["token_type_ids"] == sorted(pair["token_type_ids"])
    assert set(pair["token_type_ids"]) == {0, 1}
    texts = ["The class is an object, déjà vu.", "``quoted'' 1,000 ﬁne ½", *(text[:40] for text in TEXT[:5])]
    theirs = library.SentenceTransformer(folder, device="cpu").encode(texts)
    np.testing.assert_allclose(load_embedder(folder).embed(texts).vectors, theirs, rtol=0, atol=1e-6)


PLAN = """
name = "tiny"
[model.config]
hidden_size = 16
num_hidden_layers = 2
num_attention_heads = 2
intermediate_size = 32
max_position_embeddings = 32
[optimizer]
name = "adamw"
[[phase]]
name = "32"
sequence_length = 32
batch = 8
steps = 2
learning_rate = { peak = 1e-3 }
"""
