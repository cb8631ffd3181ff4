import pytest
from tiny_servers import client, post, refusal

from trainer.serving.endpoints import ENDPOINTS


def test_the_example_of_every_endpoint_is_answered(server_of):
    servers = {"predict": "classify", "answer": "answer"}
    for endpoint in ENDPOINTS:
        server = server_of(servers.get(endpoint.ability, "pretrained"))
        assert post(server, endpoint.path, {**endpoint.example})[0] == 200, endpoint.path


@pytest.mark.parametrize(
    ("name", "path"), [("pretrained", "/predict"), ("pretrained", "/answer"), ("tag", "/fill_mask")]
)
def test_what_a_model_has_not_is_said_in_one_line(server_of, name, path):
    status, field, message = refusal(server_of(name), path, {"inputs": "a"})
    assert (status, field) == (409, None)
    assert message.startswith(f"{path}: ")
    assert "has no" in message


def test_too_many_texts_are_refused(server_of):
    status, field, message = refusal(server_of("pretrained", max_texts=4), "/embed", {"inputs": ["a"] * 5})
    assert (status, field, message) == (413, "inputs", "inputs has 5 entries; send at most 4 at a time")


def test_info_tells_what_the_model_is(server_of, served_folder):
    with client(server_of("tag")) as http:
        info = http.get("/info").json()
    assert info["endpoints"] == ["/v1/embeddings", "/embed", "/encode", "/predict", "/tokenize"]
    assert set(info["unavailable"]) == {"/answer", "/fill_mask"}
    assert info["task"] == {"name": "tag", "labels": ["B-LOC", "B-PER", "I-PER", "O"], "max_seq_length": 16}
    assert (info["embeddings"]["width"], info["embeddings"]["max_seq_length"]) == (16, 32)
    assert served_folder("tag").rpartition("/")[0] not in str(info)
