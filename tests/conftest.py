"""What tests of several parts share. Instances to read: made by hand from a small vocabulary, written as TFRecord by this file or by TensorFlow."""

import os
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from google_crc32c import value as crc32c
from hypothesis import settings

from vocab.vocabulary import Vocabulary, parse_vocabulary

# Keras reads its backend once, when it is first imported, by whichever test comes first: it is the trainer's choice
os.environ.setdefault("KERAS_BACKEND", "jax")

# kernels compile at their first call and the machine may be shared: no test asserts a time; a landing must be repeatable
settings.register_profile("beambert", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("beambert")

WORDS = ["en", "hund", "katt", "så", "blå", "##en", "##bær", "##er", ".", ","]


@pytest.fixture(scope="session")
def small_vocabulary() -> Vocabulary:
    """[PAD] 0, [UNK] 1, [CLS] 2, [SEP] 3, [MASK] 4, then WORDS from 5."""
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    return parse_vocabulary("\n".join(pieces).encode(), "vocab.txt")


@pytest.fixture(scope="session")
def classic() -> Callable[..., dict[str, list]]:
    """A right classic instance: 'så [MASK]en . | katt blå##bær .', changed by keyword."""

    def make(**changes: list) -> dict[str, list]:
        features = {
            "input_ids": [2, 8, 4, 10, 13, 3, 7, 9, 6, 13, 3, 0, 0, 0],
            "input_mask": [1] * 11 + [0] * 3,
            "segment_ids": [0] * 6 + [1] * 5 + [0] * 3,
            "masked_lm_positions": [2, 6, 8, 0],
            "masked_lm_ids": [6, 7, 11, 0],
            "masked_lm_weights": [1.0, 1.0, 1.0, 0.0],
            "next_sentence_labels": [1],
        }
        return {**features, **changes}

    return make


@pytest.fixture(scope="session")
def dynamic() -> Callable[..., dict[str, list]]:
    """A right dynamic instance of the same text: word_starts has bits for all but '##en' (3) and '##bær' (8)."""

    def make(**changes: list) -> dict[str, list]:
        features = {
            "input_ids": [2, 8, 6, 10, 13, 3, 7, 9, 11, 13, 3],
            "segment_lengths": [6, 5],
            "word_starts": [bytes([0b11110111, 0b00000110])],
            "next_sentence_labels": [0],
        }
        return {**features, **changes}

    return make


@pytest.fixture(scope="session")
def quick_compilation(tmp_path_factory):
    """Programs compiled with little optimization, and shared with child processes: the environment to give those."""
    import jax

    folder = str(tmp_path_factory.mktemp("compiled"))
    settings = {
        "jax_compilation_cache_dir": folder,
        "jax_persistent_cache_min_compile_time_secs": 0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
        "jax_disable_most_optimizations": True,
    }
    before = {name: jax.config.values[name] for name in settings}
    for name, value in settings.items():
        jax.config.update(name, value)
    yield {name.upper(): str(value) for name, value in settings.items()}
    for name, value in before.items():
        jax.config.update(name, value)


@pytest.fixture(scope="session")
def serialise() -> Callable[[Mapping[str, list]], bytes]:
    """A `tf.train.Example` from lists of ints, floats or bytes, written field by field."""
    return _example


@pytest.fixture(scope="session")
def frame() -> Callable[[Iterable[bytes]], bytes]:
    """Records as the bytes of a TFRecord file."""
    return _frame


def _example(features: Mapping[str, list]) -> bytes:
    return _field(1, b"".join(_field(1, _field(1, k.encode()) + _field(2, _feature(v))) for k, v in features.items()))


def _feature(values: list) -> bytes:
    if values and isinstance(values[0], bytes):
        return _field(1, b"".join(_field(1, value) for value in values))
    if values and isinstance(values[0], float):
        return _field(2, _field(1, np.array(values, "<f4").tobytes()))
    return _field(3, _field(1, b"".join(map(_varint, values))))


def _field(number: int, body: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(body)) + body


def _varint(value: int) -> bytes:
    value %= 2**64
    out = b""
    while value >= 128:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def _frame(records: Iterable[bytes]) -> bytes:
    out = b""
    for record in records:
        length = struct.pack("<Q", len(record))
        out += length + _masked(length) + record + _masked(record)
    return out


def _masked(data: bytes) -> bytes:
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) % 2**32)


# --- object stores on loopback: moto for s3://, the GCS emulator for gs://; one of each per process, as its clients are

BUCKET = "corpora"


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The URI of an empty bucket of a local S3."""
    server_module = pytest.importorskip("moto.server")
    boto3 = pytest.importorskip("boto3")
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings = {
        "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield f"s3://{BUCKET}"
    server.stop()


@pytest.fixture(scope="session")
def gs_server() -> Iterator[Any]:
    """A local Google Cloud Storage with an empty bucket."""
    emulator = pytest.importorskip("gcp_storage_emulator.server")
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import storage as gcs

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = emulator.create_server("127.0.0.1", port, in_memory=True, default_bucket=BUCKET)
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
        patch.setenv("GOOGLE_CLOUD_PROJECT", "test")
        patch.setattr("google.auth.default", lambda *args, **kwargs: (AnonymousCredentials(), "test"))
        client = gcs.Client(credentials=AnonymousCredentials(), project="test")
        for _ in range(50):
            try:
                client.list_buckets(timeout=1)
                break
            except Exception:
                time.sleep(0.1)
        yield server
    server.stop()


@pytest.fixture(scope="session")
def gs(gs_server: Any) -> str:
    """The URI of the bucket of a local Google Cloud Storage."""
    return f"gs://{BUCKET}"


@pytest.fixture(params=["s3", "gs"])
def bucket(request: pytest.FixtureRequest) -> str:
    """Both stores, one after the other."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def received(bucket: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The method and the size of the answer of each request that any client of the store makes from now on."""
    answers: list[tuple[str, int]] = []

    def noting(send: Callable, method: Callable) -> Callable:
        def noted(*given: object, **settings: object) -> object:
            answer, asked = send(*given, **settings), method(*given, **settings)
            answers.append((asked, 0 if asked == "HEAD" else int(answer.headers.get("content-length") or 0)))
            return answer

        return noted

    if bucket.startswith("s3://"):
        from botocore.httpsession import URLLib3Session

        monkeypatch.setattr(URLLib3Session, "send", noting(URLLib3Session.send, lambda _, request: request.method))
    else:
        from google.auth.transport.requests import AuthorizedSession

        monkeypatch.setattr(
            AuthorizedSession,
            "request",
            noting(AuthorizedSession.request, lambda _, method, *given, **settings: method),
        )
    return answers


@pytest.fixture
def run_staged(gs: str) -> Iterator[Callable[[str, Mapping[str, object]], None]]:
    """Does what Dataflow's workers do: runs the pipeline that was staged at a URI, with the options of a launch."""
    from apache_beam.options.pipeline_options import PipelineOptions
    from apache_beam.options.value_provider import RuntimeValueProvider
    from apache_beam.portability import python_urns
    from apache_beam.portability.api import beam_runner_api_pb2
    from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner

    from beam_jobs import storage

    def run(uri: str, options: Mapping[str, object]) -> None:
        pipeline = beam_runner_api_pb2.Pipeline.FromString(storage.read_bytes(uri))
        for environment in pipeline.components.environments.values():
            environment.urn, environment.payload = python_urns.EMBEDDED_PYTHON, b""
            del environment.dependencies[:]
        RuntimeValueProvider.set_runtime_options(dict(options))
        FnApiRunner().run_via_runner_api(pipeline, PipelineOptions([])).wait_until_finish()

    yield run
    RuntimeValueProvider.runtime_options = None
