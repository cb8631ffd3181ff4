"""Faults of object stores: requests that a proxy in front of an emulator breaks, and listings that come late."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from beam_jobs import storage
from beam_jobs.storage import object_store, retries
from tests.faults.injection import Ledger
from tests.faults.launches import Row, Series, in_a_process
from tests.faults.store_server import AFTER, BEFORE, BUCKET, OF_A_BODY, TIMEOUT_S

_MOST_LAUNCHES = 8
_LISTED_AFTER_S = 3.0
_RATES = {"slow": 0.2, "wrong ETag": 0.5, **dict.fromkeys(OF_A_BODY, 0.15)}


def s3(series: Series, runs: int) -> Iterator[Row]:
    """Everything lies in s3://, and requests are broken."""
    return _broken_requests(series, runs, "s3")


def gs(series: Series, runs: int) -> Iterator[Row]:
    """Everything lies in gs://, and requests are broken."""
    return _broken_requests(series, runs, "gs")


def late_listings(series: Series, runs: int) -> Iterator[Row]:
    """Listings of both stores show new objects and removed ones for seconds as they were."""
    for scheme in ("s3", "gs"):
        row = Row(f"{scheme}://, listed {_LISTED_AFTER_S:.0f} s late")
        with _served(scheme) as address:
            use = _filled(series, scheme, address)
            for number in range(-(-runs // 3)):
                ledger = Ledger(series.folder / f"{scheme}late{number}")
                late = partial(_list_late, ledger)
                _run(series, row, scheme, address, lambda: (use(), late()), {"kind": "", "rate": 0, "seed": 0})  # noqa: B023
                row.faults += ledger.count()
        yield row


def _broken_requests(series: Series, runs: int, scheme: str) -> Iterator[Row]:
    with _served(scheme) as address:
        use = _filled(series, scheme, address)
        for kind in (*BEFORE, *AFTER, *OF_A_BODY):
            rate = _RATES.get(kind, 0.1)
            row = Row(f"{scheme}://, {kind}, {rate:.0%} of requests")
            for seed in range(-(-runs // 3)):
                _run(series, row, scheme, address, use, {"kind": kind, "rate": rate, "seed": seed})
            yield row


def _filled(series: Series, scheme: str, address: str) -> Callable[[], None]:
    """Put the input into the store. Returns what lets a process use the store."""
    use = partial(_use, scheme, address)
    _in(series, lambda: (use(), _fill(series, scheme)))
    return use


def _run(
    series: Series, row: Row, scheme: str, address: str, before: Callable[[], object], plan: dict[str, object]
) -> None:
    """Launches until one succeeds, with faults in all of them; then the same command once more, which clears up."""
    folder = f"{scheme}://{BUCKET}"
    output = f"{folder}/{row.name.split(', ')[1].replace(' ', '_')}{row.runs}"
    inputs = ("--input", f"{folder}/raw", "--vocab_file", f"{folder}/vocab.txt")
    for number in range(_MOST_LAUNCHES):
        _plan(address, {**plan, "seed": f"{plan['seed']} {number}"})
        done = series.launch(output, None, *inputs, before=before)
        series.count(row, done)
        row.faults += _plan(address, {"kind": "", "rate": 0, "seed": 0})
        if done.status == 0:
            row.first_try += number == 0
            break
    else:
        row.wrong.append(f"no launch of {_MOST_LAUNCHES} succeeded: {done.said[-300:]}")
    if not plan["kind"]:
        time.sleep(_LISTED_AFTER_S)
        series.count(row, series.launch(output, None, *inputs, before=before))
    series.check(row, output, lambda of: _in(series, lambda: (before(), of())[1]))


def _in(series: Series, work: Callable[[], object]) -> Any:
    return in_a_process(work, series.folder / "answer")


@contextmanager
def _served(scheme: str) -> Iterator[str]:
    """The address of a store behind a proxy, in a process of its own."""
    program = [sys.executable, str(Path(__file__).parent / "store_server.py"), scheme]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()


def _plan(address: str, plan: dict[str, object]) -> int:
    """Tell the proxy which faults to make. Returns how many it made since it was told last."""
    with urllib.request.urlopen(f"{address}/faults", json.dumps(plan).encode()) as answer:
        return int(answer.read())


def _use(scheme: str, address: str) -> None:
    """Let the clients of this process use the proxy, wait at most TIMEOUT_S for it, and try again at once."""
    sleep = time.sleep
    time.sleep = lambda seconds: sleep(min(seconds, 0.02))
    retries._DELAY_S = 0.0
    if scheme == "s3":
        from botocore.httpsession import URLLib3Session

        made = URLLib3Session.__init__
        URLLib3Session.__init__ = lambda *given, **more: made(*given, **{**more, "timeout": TIMEOUT_S})  # type: ignore[method-assign]
        os.environ.update(
            AWS_ENDPOINT_URL_S3=address,
            AWS_ACCESS_KEY_ID="test",
            AWS_SECRET_ACCESS_KEY="test",
            AWS_DEFAULT_REGION="us-east-1",
        )
        return
    import google.auth
    from google.auth.credentials import AnonymousCredentials
    from google.auth.transport.requests import AuthorizedSession

    ask = AuthorizedSession.request
    AuthorizedSession.request = lambda *given, **more: ask(*given, **{**more, "timeout": TIMEOUT_S})  # type: ignore[method-assign]
    os.environ.update(STORAGE_EMULATOR_HOST=address, GOOGLE_CLOUD_PROJECT="test")
    google.auth.default = lambda *given, **more: (AnonymousCredentials(), "test")


def _fill(series: Series, scheme: str) -> None:
    """Make the bucket, and copy the input into it."""
    if scheme == "s3":
        import boto3

        boto3.client("s3").create_bucket(Bucket=BUCKET)
    for path in [*(series.folder / "raw").iterdir(), series.folder / "vocab.txt"]:
        storage.write_atomically(f"{scheme}://{BUCKET}/{path.relative_to(series.folder)}", path.read_bytes())


def _list_late(ledger: Ledger) -> None:
    """Let this process see new objects in listings only after a time, and removed ones for as long."""
    written: dict[str, float] = {}
    removed: dict[str, tuple[float, Any]] = {}
    seen: dict[str, Any] = {}
    listed, upload, delete = object_store._listed, object_store.upload, object_store.delete

    def noted_upload(uri: str) -> Any:
        written.setdefault(uri, time.monotonic())
        return upload(uri)

    def noted_delete(uris: Any) -> None:
        uris = list(uris)
        removed.update((uri, (time.monotonic(), seen[uri])) for uri in uris if uri in seen)
        delete(uris)

    def late(prefix: str, limit: int = 0) -> Iterator[Any]:
        now = time.monotonic()
        entries = {entry[0]: entry for entry in listed(prefix)}
        for uri, (when, entry) in removed.items():
            if uri.startswith(prefix) and now - when < _LISTED_AFTER_S and uri not in entries:
                entries[uri] = entry
                ledger.note("still listed")
        for uri in sorted(entries):
            if now - written.get(uri, now - 99) < _LISTED_AFTER_S:
                ledger.note("not listed yet")
            else:
                seen[uri] = entries[uri]
                yield entries[uri]

    object_store._listed, object_store.upload, object_store.delete = late, noted_upload, noted_delete  # type: ignore[assignment]
