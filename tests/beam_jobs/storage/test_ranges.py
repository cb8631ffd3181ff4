"""Tries of one range, with a stand-in for boto3's client."""

import io

import pytest

from beam_jobs.storage import retries
from beam_jobs.storage.ranges import s3_range

exceptions = pytest.importorskip("botocore.exceptions")


class Body(io.BytesIO):
    """An answer that breaks off as often as it is told."""

    def read(self, *size):
        raise exceptions.IncompleteReadError(actual_bytes=1, expected_bytes=4)


class Client:
    """boto3's, with bodies that break off at first."""

    def __init__(self, breaks):
        self.left, self.asked = breaks, []

    def get_object(self, **given):
        self.asked.append(given["Range"])
        self.left -= 1
        return {"Body": Body() if self.left >= 0 else io.BytesIO(b"four")}


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
