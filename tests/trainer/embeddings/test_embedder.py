import json
import random

import numpy as np
import pytest
from tiny_models import PIECES, TEXTS, golden_folder, sentence_folder

import trainer
from beam_jobs.errors import UserError
from trainer.embeddings.embedder import Embedder
from trainer.embeddings.settings import EmbedSettings


def test_vectors_do_not_depend_on_the_batch_or_the_order(embedder_of):
    draws = random.Random(0)
    texts = [" ".join(draws.choices(PIECES[5:13], k=draws.randint(0, 12))) for _ in range(70)]
    alone = embedder_of("bert", batch=1).embed(texts).vectors
    np.testing.assert_allclose(embedder_of("bert").embed(texts).vectors, alone, rtol=0, atol=1e-6)
    order = draws.sample(range(70), 70)
    shuffled = embedder_of("bert").embed([texts[i] for i in order]).vectors
    np.testing.assert_allclose(shuffled, alone[order], rtol=0, atol=1e-6)
    assert np.abs(alone - alone[0]).max() > 0.1


def test_one_text_no_text_and_text_that_is_too_long(embedder_of):
    embedder = embedder_of("bert")
    assert embedder.embed("the cat").vectors.shape == (1, 8)
    assert embedder.embed([]).vectors.shape == (0, 8)
    found = embedder.embed(TEXTS)
    assert found.cut == 1
    assert [(text.length, text.cut) for text in found.texts][3:] == [(14, 0), (16, 3)]


def test_words_are_the_mean_of_their_pieces(embedder_of):
    (text,) = embedder_of("bert", per="word").embed("the trees .").texts
    (pieces,) = embedder_of("bert", pooling="none").embed("the trees .").texts
    assert [unit.text for unit in text.units] == ["the", "trees", "."]
    assert [unit.text for unit in pieces.units] == ["[CLS]", "the", "tree", "##s", ".", "[SEP]"]
    np.testing.assert_allclose(text.vectors[1], pieces.vectors[2:4].mean(axis=0), atol=1e-6)
    assert embedder_of("bert", per="word").embed("").vectors.shape == (0, 8)


def test_a_folder_of_sentence_transformers_says_how(embedder_of):
    embedder, plain = embedder_of("sentences"), embedder_of("bert", max_seq_length=8)
    found, wanted = embedder.embed(TEXTS), plain.embed(TEXTS)
    lengths = np.linalg.norm(wanted.vectors, axis=1, keepdims=True)
    np.testing.assert_allclose(found.vectors, wanted.vectors / lengths, atol=1e-6)
    assert [text.length for text in found.texts][-1] == 8


def test_texts_are_lower_cased_and_prompts_told_where_the_folder_says_so(tmp_path):
    folder = sentence_folder(tmp_path)
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 8, "do_lower_case": true}')
    prompts = {"default_prompt_name": "query", "prompts": {"query": "query: "}}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    embedder = Embedder(str(folder))
    assert [row.ids.tolist() for row in embedder.rows(["THE Cat"])] == [[2, 5, 6, 3]]
    assert "puts 'query: ' before each text by default; embed takes texts as they are" in embedder.remarks[0]


def test_the_pooler_is_refused_where_it_is_not_trained(tmp_path):
    from safetensors.numpy import load_file, save_file

    folder = golden_folder("bert", tmp_path)
    tensors = load_file(folder / "model.safetensors")
    save_file({k: v for k, v in tensors.items() if "pooler" not in k}, folder / "model.safetensors")
    with pytest.raises(
        UserError, match="has no trained pooler, so --pooling pooler would give random numbers; pool by"
    ):
        Embedder(str(folder), EmbedSettings(pooling="pooler"))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"layers": "3"}, "there is no layer 3; the model has 2"),
        ({"max_seq_length": 17}, "the model reads at most 16 pieces"),
        ({"poling": "mean"}, "load_embedder has no setting poling; there are pooling, layers"),
    ],
)
def test_mistakes_are_one_line(folder_of, settings, said):
    with pytest.raises(UserError) as error:
        trainer.load_embedder(folder_of("bert"), **settings)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_model_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(UserError, match="no such"):
        trainer.load_embedder(tmp_path / "none")


def test_it_is_offered_to_python_programs(folder_of):
    embedder = trainer.load_embedder(folder_of("bert"), layers="-2:-1", combine="concat", normalize=True)
    found = embedder.embed(["the cat sat", "trees"])
    assert isinstance(embedder, trainer.Embedder)
    assert isinstance(found, trainer.Embeddings)
    assert found.vectors.shape == (2, 16)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-6)
