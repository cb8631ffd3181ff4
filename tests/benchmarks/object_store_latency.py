"""What a delay of 100 ms in every request to an object store costs a `corpus` job with four workers.

    PYTHONPATH=. .venv/bin/python tests/benchmarks/object_store_latency.py [--mb 64] [--delay 0.1] [--workers 4]

The store is moto's S3 on this machine, behind a proxy that delays and counts. The text is Python's language reference,
repeated. Runs without and with the delay alternate; the least time of each counts. The emulator and the proxy share the
processors with the job, so both times are longer than with a real store.
"""

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from pydoc_data.topics import topics

import boto3
from moto.server import ThreadedMotoServer

from tests.stores.proxy import Traffic, proxy

logging.getLogger("werkzeug").setLevel(logging.ERROR)

ROOT = Path(__file__).parent.parent.parent
BUCKET = "corpora"


def main() -> None:
    """Run the job with and without the delay, and print times, requests and bytes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--mb", type=float, default=64.0, help="size of the text")
    parser.add_argument("--delay", type=float, default=0.1, help="seconds added to each request")
    parser.add_argument("--workers", type=int, default=4, help="processes, each with one range or shard in work")
    parser.add_argument("--runs", type=int, default=3, help="runs of each kind")
    parser.add_argument("--job", choices=("segment", "corpus"), default="corpus")
    arguments = parser.parse_args()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    upstream = "http://{}:{}".format(*server.get_host_and_port())
    os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    store = boto3.client("s3", endpoint_url=upstream)
    store.create_bucket(Bucket=BUCKET)
    text = _text(int(arguments.mb * 1e6))
    store.put_object(Bucket=BUCKET, Key="in/topics.jsonl", Body=text)
    with tempfile.TemporaryDirectory() as folder:
        vocabulary = _vocabulary(Path(folder))
        results: dict[float, list[tuple[float, Traffic]]] = {0.0: [], arguments.delay: []}
        for number in range(arguments.runs):
            for delay, found in results.items():
                found.append(_run(arguments, upstream, delay, f"out{number}-{delay}", vocabulary))
    server.stop()
    least = {}
    for delay, found in results.items():
        seconds, traffic = min(found, key=lambda one: one[0])
        least[delay] = seconds
        print(
            f"{delay * 1000:4.0f} ms a request: {seconds:6.1f} s  (of {', '.join(f'{s:.1f}' for s, _ in found)})  "
            f"{len(traffic.requests)} requests {traffic.methods()}, {traffic.received / 1e6:,.1f} MB read, "
            f"{traffic.sent / 1e6:,.1f} MB written, {traffic.copies()} copies"
        )
    print(
        f"{len(text) / 1e6:,.1f} MB, {arguments.workers} workers: {least[arguments.delay] / least[0.0]:.2f} times as long"
    )


def _run(
    arguments: argparse.Namespace, upstream: str, delay: float, name: str, vocabulary: Path
) -> tuple[float, Traffic]:
    with proxy(upstream, delay) as (address, traffic):
        command = [sys.executable, "-m", "beam_jobs", arguments.job, f"--input=s3://{BUCKET}/in"]
        command += [f"--output=s3://{BUCKET}/{name}", f"--direct_num_workers={arguments.workers}"]
        command += [f"--vocab_file={vocabulary}", "--shard_mb=8"] if arguments.job == "corpus" else ["--shard_mb=8"]
        environment = {**os.environ, "AWS_ENDPOINT_URL_S3": address, "PYTHONPATH": str(ROOT)}
        begun = time.monotonic()
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        seconds = time.monotonic() - begun
        if done.returncode:
            sys.exit(done.stderr)
    return seconds, traffic


def _text(size: int) -> bytes:
    lines: list[bytes] = []
    written = 0
    while written < size:
        for name, text in sorted(topics.items()):
            lines.append(json.dumps({"id": f"{name}-{written}", "text": text}).encode() + b"\n")
            written += len(lines[-1])
    return b"".join(lines)


def _vocabulary(folder: Path) -> Path:
    characters = sorted({c for text in topics.values() for c in text.lower() if not c.isspace()})
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters, *(f"##{c}" for c in characters)]
    path = folder / "vocab.txt"
    path.write_text("\n".join(pieces) + "\n")
    return path


if __name__ == "__main__":
    main()
