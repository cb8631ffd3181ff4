"""Requests per second of `trainer serve`: texts of 32 clients batched, beside one text at a time.

    .venv/bin/python tests/benchmarks/serving.py [--requests 640] [--rounds 3]

It draws a model of the shape of MiniLM (6 layers of 384) and texts of 8 to 28 words; nothing else is needed. The servers run in
this process, and the clients in another one. The kinds take turns, so that all of them see the same machine.
"""

import argparse
import http.client
import json
import multiprocessing
import random
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import trainer  # noqa: F401  chooses the backend, before anything imports Keras

WORDS = [f"w{number}" for number in range(8000)]
CLIENTS = 32


def main() -> None:
    """Print the table."""
    from trainer.serving.serve import ModelServer
    from trainer.serving.settings import ServeSettings

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=640)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    draws = random.Random(0)
    texts = [" ".join(draws.choices(WORDS, k=draws.randint(8, 28))) for _ in range(options.requests)]
    with tempfile.TemporaryDirectory() as folder, multiprocessing.get_context("spawn").Pool(1) as pool:
        model = write_model(Path(folder))
        servers = {}
        for tokens in (1, 16384):
            settings = ServeSettings(model, port=0, abilities=("embed",), max_batch_tokens=tokens)
            begun = time.perf_counter()
            servers[tokens] = ModelServer(settings)
            servers[tokens].start()
            servers[tokens].wait_ready()
            print(
                f"{servers[tokens].worker.shapes} shapes compiled, {time.perf_counter() - begun:.0f} s after the start"
            )
        kinds = {
            "one text at a time, one client": (1, 1),
            f"one text at a time, {CLIENTS} clients": (1, CLIENTS),
            f"batched, {CLIENTS} clients": (16384, CLIENTS),
        }
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
        for _ in range(options.rounds):
            for name, (tokens, clients) in kinds.items():
                cpu = time.process_time()
                seconds = pool.apply(ask_all, (servers[tokens].url, texts, clients))
                found[name].append((seconds, time.process_time() - cpu))
        for server in servers.values():
            server.stop()
    first = min(seconds for seconds, _ in next(iter(found.values())))
    print(f"{'':34}{'requests/s':>12}{'times':>8}{'CPU ms each':>13}")
    for name, rounds in found.items():
        seconds, cpu = min(rounds)
        count = options.requests
        print(f"{name:34}{count / seconds:>12.0f}{first / seconds:>8.1f}{1000 * cpu / count:>13.1f}")


def write_model(folder: Path) -> str:
    """A model of 6 layers of 384, with drawn weights."""
    from trainer.export.hugging_face import save_hugging_face
    from trainer.model.bert import build_pretrainer
    from trainer.model.config import BertConfig

    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    (folder / "vocabulary.txt").write_text("".join(f"{piece}\n" for piece in pieces), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536
    )
    save_hugging_face(build_pretrainer(config), config, folder / "vocabulary.txt", False, folder / "model", "card")
    return str(folder / "model")


def ask_all(url: str, texts: list[str], clients: int) -> float:
    """Seconds until so many clients have an answer for every text, one a request."""
    host, port = url.removeprefix("http://").split(":")

    def ask(part: list[str]) -> None:
        connection = http.client.HTTPConnection(host, int(port))
        for text in part:
            connection.request("POST", "/v1/embeddings", json.dumps({"input": text, "encoding_format": "base64"}))
            response = connection.getresponse()
            response.read()
            assert response.status == 200, response.status

    begun = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(ask, [texts[start::clients] for start in range(clients)]))
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
