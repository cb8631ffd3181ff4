"""A folder of 10,000 objects is listed in pages, and no object is looked at by itself."""

import pytest

from beam_jobs import storage
from beam_jobs.inputs.list_inputs import list_inputs
from beam_jobs.inputs.plan_ranges import plan_ranges
from beam_jobs.settings import SegmentSettings
from tests.conftest import BUCKET

_COUNT = 10_000
_PAGES = {"s3": 10, "gs": 1}  # the emulator of gs:// does not cut its listings into pages


@pytest.fixture
def many(bucket, request):
    """The address of a folder with 10,000 tiny objects, put into the emulator's memory."""
    names = [f"ten_thousand/{i:05d}.txt" for i in range(_COUNT)]
    if bucket.startswith("s3://"):
        from moto.s3.models import s3_backends

        backend = next(iter(s3_backends.values()))["aws"]
        for name in names:
            backend.put_object(BUCKET, name, b"En setning.\n")
    else:
        from gcp_storage_emulator.handlers.objects import _make_object_resource

        objects = request.getfixturevalue("gs_server")._storage.objects.setdefault(BUCKET, {})
        for name in names:
            objects[name] = _make_object_resource("", BUCKET, name, "text/plain", 12)
    yield f"{bucket}/ten_thousand"
    if bucket.startswith("gs://"):
        for name in names:
            del objects[name]
    else:
        for name in names:
            backend.delete_object(BUCKET, name)


def test_ten_thousand_objects_are_listed_and_not_looked_at_one_by_one(bucket, many, received):
    pages = _PAGES[bucket.partition("://")[0]]
    listed = storage.list_files(many)
    assert len(listed) == _COUNT
    assert listed[0] == ("00000.txt", 12)
    assert [method for method, _ in received] == ["GET"] * pages
    received.clear()
    files = list_inputs([many], [".txt"])
    assert len(files) == _COUNT
    assert len(received) <= pages + 4, received
    received.clear()
    items = plan_ranges(files, SegmentSettings())
    assert (sum(len(item.pieces) for item in items), received) == (_COUNT, [])
    assert len(items) >= 10
