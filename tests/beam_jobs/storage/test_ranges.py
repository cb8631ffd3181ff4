"""Tries of one range, with a stand-in for boto3's client."""

import io

import pytest
import requests
from urllib3 import HTTPResponse

from beam_jobs import storage
from beam_jobs.storage import retries
from beam_jobs.storage.ranges import s3_range

exceptions = pytest.importorskip("botocore.exceptions")


class Body(io.BytesIO):
    """An answer that breaks off as often as it is told."""

    def read(self, *size):
        raise exceptions.IncompleteReadError(actual_bytes=1, expected_bytes=4)


class Client:
    """boto3's, with bodies that break off at first."""

    def __init__(self, breaks, **more):
        self.left, self.asked, self.more = breaks, [], more

    def get_object(self, **given):
        self.asked.append(given["Range"])
        self.left -= 1
        return {"Body": Body() if self.left >= 0 else io.BytesIO(b"four"), **self.more}


def test_a_body_that_breaks_off_is_asked_for_again_by_the_one_rule_for_all_transient_errors(monkeypatch, capsys):
    waits = []
    monkeypatch.setattr(retries.time, "sleep", waits.append)
    client = Client(breaks=2)
    assert s3_range(client, "b", "k", 8, 4) == b"four"
    assert client.asked == ["bytes=8-11"] * 3
    assert len(waits) == retries.TRIES - 1
    assert "warning: s3://b/k: " in capsys.readouterr().err
    with pytest.raises(exceptions.IncompleteReadError):
        s3_range(Client(breaks=3), "b", "k", 8, 4)


def test_a_refusal_is_final():
    def refuse(code):
        def get_object(**given):
            raise exceptions.ClientError({"Error": {"Code": code}}, "GetObject")

        client = Client(0)
        client.get_object = get_object
        return client

    assert s3_range(refuse("InvalidRange"), "b", "k", 8, 4) == b""
    with pytest.raises(exceptions.ClientError):
        s3_range(refuse("AccessDenied"), "b", "k", 8, 4)


def test_a_body_that_is_too_short_is_no_end_of_the_object(monkeypatch):
    monkeypatch.setattr(retries, "_DELAY_S", 0.0)
    assert s3_range(Client(0, ContentRange="bytes 8-11/12"), "b", "k", 8, 9) == b"four"
    client = Client(0, ContentRange="bytes 8-15/99")
    with pytest.raises(OSError, match="4 bytes arrived of the range bytes 8-15/99"):
        s3_range(client, "b", "k", 8, 8)
    assert len(client.asked) == retries.TRIES


def test_a_short_body_from_google_is_no_end_either(gs, monkeypatch):
    monkeypatch.setattr(retries, "_DELAY_S", 0.0)
    storage.write_atomically(f"{gs}/short.bin", bytes(range(100)))
    assert storage.read_bytes(f"{gs}/short.bin") == bytes(range(100))
    answered = requests.Session.request
    cuts = []

    def cut(*given, **more):
        answer = answered(*given, **more)
        if "Content-Range" in answer.headers and len(cuts) < 2:
            cuts.append(answer)
            answer.raw = HTTPResponse(body=io.BytesIO(bytes(7)), preload_content=False)
        return answer

    monkeypatch.setattr(requests.Session, "request", cut)
    assert storage.read_bytes(f"{gs}/short.bin") == bytes(range(100))
    assert len(cuts) == 2
