import sys

import pytest

from beam_jobs.errors import UserError
from beam_jobs.inputs.list_inputs import list_inputs
from beam_jobs.storage import clients
from beam_jobs.storage.clients import client_of


@pytest.mark.parametrize("scheme", ["s3", "gs"])
def test_one_client_serves_a_process_as_long_as_it_talks_to_the_same_place(scheme, request, monkeypatch):
    request.getfixturevalue(scheme)
    first = client_of(scheme)
    assert client_of(scheme) is first
    monkeypatch.setattr(clients, "_s3", lambda with_options: "another")
    monkeypatch.setattr(clients, "_gs", lambda with_options: "another")
    monkeypatch.setenv(clients._ENDPOINTS[scheme], "http://127.0.0.1:1")
    assert client_of(scheme) == "another"


def test_a_missing_library_is_named_with_its_extra(monkeypatch):
    def fail(with_options):
        raise ImportError("boto3")

    monkeypatch.setattr(clients, "_s3", fail)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:2")
    with pytest.raises(UserError, match=r"s3:// needs an extra: pip install 'beambert\[aws\]'"):
        client_of("s3")


@pytest.mark.parametrize(
    ("scheme", "library", "extra"), [("gs", "google.cloud.storage", "gcp"), ("s3", "boto3", "aws")]
)
def test_a_listing_without_the_library_names_its_extra_too(scheme, library, extra, monkeypatch):
    """Beam named an extra of its own, which does not make this package complete."""
    monkeypatch.setitem(sys.modules, library, None)
    message = rf"--input {scheme}://b/c cannot be listed: {scheme}:// needs an extra: pip install 'beambert\[{extra}\]'"
    with pytest.raises(UserError, match=message):
        list_inputs([f"{scheme}://b/c"], [".txt"])
