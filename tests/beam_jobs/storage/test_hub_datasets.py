"""What only the hub has; all else is in test_read_only.py."""

import pytest

from beam_jobs.errors import UserError
from beam_jobs.storage import hub_datasets


def test_an_address_names_a_dataset():
    assert hub_datasets._path("hf://datasets/org/name@v1/a.txt") == "datasets/org/name@v1/a.txt"
    with pytest.raises(UserError, match="text is read from"):
        hub_datasets._path("hf://spaces/org/name")


def test_the_version_is_the_digest_of_the_content():
    assert hub_datasets._version({"lfs": {"sha256": "ab"}, "blob_id": "c"}) == "ab"
    assert hub_datasets._version({"lfs": None, "blob_id": "c"}) == "c"
    assert hub_datasets._version({}) == ""


def test_errors_are_those_of_files():
    with pytest.raises(OSError, match="the words") as caught, hub_datasets._as_os_error("hf://datasets/a/b"):
        raise OSError("the words\nand more")
    assert caught.value.filename == "hf://datasets/a/b"
