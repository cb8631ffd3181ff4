import concurrent.futures
import json
import logging
import random
import socket
import time

import pytest
from tiny_servers import WORDS, client, connect, post, refusal, same, send

from trainer.embeddings.embedder import Embedder

DRAWS = random.Random(1)
TEXTS = [" ".join(DRAWS.choices(WORDS, k=DRAWS.randint(0, 28))) for _ in range(1000)]


def counters(server):
    """The values of /metrics by name and labels."""
    with client(server) as http:
        lines = http.get("/metrics").text.splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


def test_a_thousand_requests_of_32_clients_get_the_vectors_of_embed(server_of, served_folder):
    server = server_of("pretrained")
    before = counters(server)

    def ask(part):
        connection = connect(server)
        return [send(connection, "/v1/embeddings", {"input": text}) for text in part]

    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(ask, [TEXTS[start::32] for start in range(32)]))
    found = [None] * len(TEXTS)
    for start, part in enumerate(answers):
        assert [status for status, _ in part] == [200] * len(part)
        found[start::32] = [json.loads(answer)["data"][0]["embedding"] for _, answer in part]
    same(found, Embedder(served_folder("pretrained")).embed(TEXTS).vectors)
    after = counters(server)
    rows, batches = (
        after[name] - before.get(name, 0)
        for name in ('beambert_rows_total{computation="embed"}', 'beambert_batches_total{computation="embed"}')
    )
    assert rows == 1000
    assert batches < 1000
    assert after["beambert_queue_rows"] == after["beambert_requests_in_work"] == 0


@pytest.fixture
def blocked(server_of):
    """A server with room for four rows, whose worker waits until the test lets it go."""
    import threading

    server = server_of("pretrained", max_queue=4)
    may_go = threading.Event()
    held, worker = [], server.worker

    class Waits:
        """A row that holds the worker."""

    row = server.model.embedder.rows(["god"])[0]

    def hold(outputs):
        may_go.wait(60)
        return outputs

    from trainer.serving.row_queue import Row

    held.append(worker.submit([Row("embed", {"input_ids": row.ids, "segment_ids": row.ids * 0}, hold)]))
    _until(lambda: worker.waiting == 0)
    yield server, may_go
    may_go.set()
    held[0].done.result(60)
    _until(lambda: worker.waiting == 0)


def _until(true, seconds=30):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_flood_gets_429_and_what_was_accepted_is_answered(blocked):
    server, may_go = blocked
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        sent = [pool.submit(post, server, "/embed", {"inputs": "god film"}) for _ in range(200)]
        _until(lambda: sum(one.done() for one in sent) >= 190)
        assert server.worker.waiting <= 4
        may_go.set()
        answers = [one.result() for one in sent]
    statuses = [status for status, _ in answers]
    assert set(statuses) == {200, 429}
    assert statuses.count(200) >= 4
    refused = next(answer["error"] for status, answer in answers if status == 429)
    assert refused["message"] == "the queue is full; try again"


def test_429_says_when_to_come_back(blocked):
    server, _ = blocked
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            pool.submit(post, server, "/embed", {"inputs": "god"})
        _until(lambda: server.worker.waiting == 4)
        with client(server) as http:
            response = http.post("/embed", json={"inputs": "god"})
        assert (response.status_code, response.headers["retry-after"]) == (429, "1")
        blocked[1].set()


def test_a_request_that_never_fits_the_queue_is_too_large(blocked):
    status, _, message = refusal(blocked[0], "/embed", {"inputs": ["god"] * 5})
    assert status == 413
    assert message == "the texts make 5 rows, and 4 may wait; send them in parts"


def test_a_client_that_goes_away_is_not_computed_for(blocked):
    server, may_go = blocked
    before = counters(server)
    port = int(server.url.rpartition(":")[2])
    body = b'{"inputs": ["god", "film"]}'
    with socket.create_connection(("127.0.0.1", port)) as connection:
        head = f"POST /embed HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        _until(lambda: server.worker.waiting == 2)
    _until(lambda: server.worker.waiting == 0)
    may_go.set()
    _until(lambda: 'beambert_requests_total{path="/embed",status="499"}' in counters(server))
    assert counters(server)["beambert_discarded_rows_total"] - before.get("beambert_discarded_rows_total", 0) == 2


def test_a_body_that_is_too_large_is_refused_announced_or_not(server_of):
    server = server_of("pretrained", max_body=2000)
    large = b'{"inputs": "' + b"a" * 3000 + b'"}'
    status, _, message = refusal(server, "/embed", large)
    assert (status, message) == (413, f"the request has {len(large):,} bytes, and 2,000 are read; send it in parts")
    with client(server) as http:
        response = http.post("/embed", content=iter([large[:1500], large[1500:]]))
    assert response.status_code == 413


def test_unknown_paths_and_methods_are_one_line(pretrained):
    status, _, message = refusal(pretrained, "/embedd", {})
    assert status == 404
    assert message.startswith("POST /embedd is nothing here; POST to /v1/embeddings, /embed")
    with client(pretrained) as http:
        assert http.get("/embed").json()["error"]["code"] == 405


def test_an_error_of_the_model_is_500_and_the_server_lives_on(pretrained, monkeypatch, caplog):
    def fails(row, output, normalize=None):
        raise RuntimeError("a secret text")

    monkeypatch.setattr(logging.getLogger("trainer"), "propagate", True)
    with monkeypatch.context() as patch:
        patch.setattr(pretrained.model.embedder, "finished", fails)
        status, _, message = refusal(pretrained, "/embed", {"inputs": "god"})
    assert (status, message) == (500, "the model failed on this request; the server's log says where")
    assert post(pretrained, "/embed", {"inputs": "god"})[0] == 200
    assert "RuntimeError in test_app.py" in caplog.text
    assert "secret" not in caplog.text


def test_nothing_of_the_texts_is_logged(pretrained, capfd, caplog):
    caplog.set_level(logging.DEBUG)
    post(pretrained, "/embed", {"inputs": "hemmelig"})
    refusal(pretrained, "/embed", {"inputs": "hemmelig " * 50})
    refusal(pretrained, "/fill_mask", {"inputs": "hemmelig"})
    out, err = capfd.readouterr()
    assert "hemmelig" not in out + err
    assert not any("hemmelig" in record.getMessage() for record in caplog.records if record.name != "httpcore.http11")


def test_a_key_is_asked_where_one_is_set(server_of, monkeypatch):
    monkeypatch.setenv("TEST_BERT_KEY", "sesam")
    server = server_of("pretrained", api_key_env="TEST_BERT_KEY")
    for headers in (
        {},
        {"Authorization": "Bearer sesa"},
        {"Authorization": "sesam"},
        {"Authorization": "Bearer sesåm".encode()},
    ):
        status, _, message = refusal(server, "/embed", {"inputs": "god"}, headers=headers)
        assert (status, message) == (401, "the API key is missing or wrong; send it as Authorization: Bearer KEY")
    assert post(server, "/embed", {"inputs": "god"}, headers={"Authorization": "Bearer sesam"})[0] == 200
    with client(server) as http:
        assert [http.get(path).status_code for path in ("/info", "/metrics", "/health", "/")] == [401, 401, 200, 200]


def test_a_page_of_another_site_cannot_reach_a_server_without_a_key(pretrained):
    headers = {"Host": "attacker.example"}
    assert refusal(pretrained, "/embed", {"inputs": "god"}, headers=headers)[0] == 403
    assert post(pretrained, "/embed", {"inputs": "god"}, headers={"Host": "localhost:1"})[0] == 200


def test_before_it_is_ready_it_says_so(settings_for):
    from trainer.serving.serve import ModelServer

    server = ModelServer(settings_for("pretrained", abilities=("embed",)))
    server._http.start()  # without the worker, as while it compiles
    try:
        with client(server) as http:
            assert http.get("/health").status_code == 503
            response = http.post("/embed", json={"inputs": "god"})
            assert (response.status_code, response.headers["retry-after"]) == (503, "5")
            server.worker.start()
            assert server.wait_ready()
            assert http.get("/health").json() == {"status": "ready"}
            assert http.post("/embed", json={"inputs": "god"}).status_code == 200
    finally:
        server.stop()
