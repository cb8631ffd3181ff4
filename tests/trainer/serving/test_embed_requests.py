import base64

import numpy as np
import pytest
from tiny_servers import refusal, same

from trainer.embeddings.embedder import Embedder

TEXTS = ["den film var god", "", "Kari bor i Oslo .", "god [SEP] bok", "en " * 25]
LONG = "en " * 40


@pytest.fixture(scope="module")
def wanted(served_folder):
    """What `trainer embed` gives."""
    return Embedder(served_folder("pretrained")).embed(TEXTS).vectors


@pytest.fixture
def ask(pretrained):
    from tiny_servers import post

    return lambda path, content: post(pretrained, path, content)


def test_vectors_in_the_form_of_openai_are_those_of_embed(ask, wanted, pretrained):
    status, answer = ask("/v1/embeddings", {"input": TEXTS, "model": "any", "user": "me", "dimensions": 16})
    assert status == 200
    assert [(row["object"], row["index"]) for row in answer["data"]] == [("embedding", i) for i in range(len(TEXTS))]
    same([row["embedding"] for row in answer["data"]], wanted)
    rows = pretrained.model.embedder.rows(TEXTS)
    assert answer["usage"] == dict.fromkeys(("prompt_tokens", "total_tokens"), sum(len(row.ids) for row in rows))
    assert "truncated" not in answer


def test_base64_is_float32(ask, wanted):
    _, answer = ask("/v1/embeddings", {"input": TEXTS[0], "encoding_format": "base64"})
    same(np.frombuffer(base64.b64decode(answer["data"][0]["embedding"]), "<f4"), wanted[0])


def test_vectors_in_the_form_of_text_embeddings_inference(ask, wanted):
    same(ask("/embed", {"inputs": TEXTS, "normalize": False})[1], wanted)
    same(ask("/embed", {"inputs": TEXTS[0]})[1], wanted[:1] / np.linalg.norm(wanted[:1]))
    assert ask("/embed", {"inputs": []}) == (200, [])


def test_vectors_in_the_form_of_bert_as_service(ask, wanted):
    _, answer = ask("/encode", {"id": "x7", "texts": TEXTS, "is_tokenized": False})
    assert answer["id"] == "x7"
    same(answer["result"], wanted)
    _, pieces = ask("/encode", {"id": 8, "texts": [["den", "film", "var", "god"], []], "is_tokenized": True})
    same(pieces["result"], wanted[:2])
    _, unknown = ask("/encode", {"texts": [["zebra", "[SEP]"], ["[UNK]", "[UNK]"]], "is_tokenized": True})
    assert unknown["result"][0] == unknown["result"][1]


@pytest.mark.parametrize(
    ("path", "content", "field"),
    [
        ("/v1/embeddings", {"input": ["god", LONG]}, "input[1]"),
        ("/embed", {"inputs": LONG}, "inputs[0]"),
        ("/encode", {"texts": [["god"] * 40], "is_tokenized": True}, "texts[0]"),
    ],
)
def test_a_text_that_is_too_long_is_refused_unless_it_may_be_cut(pretrained, ask, path, content, field):
    status, named, message = refusal(pretrained, path, content)
    assert (status, named) == (422, field)
    assert message.startswith(f"{field} is 42 pieces long, and 32 are read; shorten it, or send")
    assert ask(path, {**content, "truncate": True})[0] == 200


def test_what_was_cut_is_told(pretrained):
    from tiny_servers import client

    with client(pretrained) as http:
        cut = http.post("/embed", json={"inputs": ["god", LONG], "truncate": True})
        whole = http.post("/embed", json={"inputs": ["god"], "truncate": True})
        openai = http.post("/v1/embeddings", json={"input": ["god", LONG], "truncate": True}).json()
        encode = http.post("/encode", json={"texts": [LONG], "truncate": True}).json()
    assert cut.headers["x-truncated"] == "1"
    assert "x-truncated" not in whole.headers
    assert (openai["truncated"], encode["truncated"]) == ([1], [0])


@pytest.mark.parametrize(
    ("path", "content", "field", "said"),
    [
        ("/v1/embeddings", {"input": [1, 2]}, "input[0]", "is a number, not text"),
        ("/v1/embeddings", {"input": "a", "dimensions": 8}, "dimensions", "is 8, but this model's vectors have 16"),
        ("/v1/embeddings", {"input": "a", "encoding_format": "int8"}, "encoding_format", "send float or base64"),
        ("/embed", {"inputs": "a", "truncation_direction": "Left"}, "truncation_direction", "send right"),
        ("/encode", {"texts": "a"}, "texts", "is no list"),
        ("/encode", {"texts": [["a"]]}, "texts[0]", "is a list; is_tokenized says that it is text"),
        ("/encode", {"texts": ["a"], "is_tokenized": True}, "texts[0]", "is text, not a list of pieces"),
    ],
)
def test_a_wrong_field_is_named(pretrained, path, content, field, said):
    status, named, message = refusal(pretrained, path, content)
    assert (status, named) == (422, field)
    assert said in message
