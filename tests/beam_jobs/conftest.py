"""Object stores on loopback: moto for s3://, the GCS emulator for gs://."""

import socket
import time
from collections.abc import Iterator

import pytest

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
def gs() -> Iterator[str]:
    """The URI of an empty bucket of a local Google Cloud Storage."""
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
        yield f"gs://{BUCKET}"
    server.stop()


@pytest.fixture(params=["s3", "gs"])
def bucket(request: pytest.FixtureRequest) -> str:
    """Both stores, one after the other."""
    return request.getfixturevalue(request.param)
