"""Personal data in a batch of documents."""

import pytest

from beam_jobs.jobs.segment.document_batch import DocumentBatch
from beam_jobs.jobs.segment.filters.mask import mask_batch, masked_lines
from beam_jobs.records import Document
from beam_jobs.settings import SegmentSettings


def batch_of(*texts: str) -> DocumentBatch:
    return DocumentBatch([Document(str(i), text, "nb", "a", i) for i, text in enumerate(texts)], list(texts))


def test_nothing_is_replaced_unasked() -> None:
    batch = batch_of("kari@example.no")
    assert mask_batch(batch, SegmentSettings()) == (batch, {})


def test_what_is_asked_for_is_replaced_and_counted_the_rest_at_zero() -> None:
    batch, counts = mask_batch(batch_of("a@b.no, c@d.no", "www.e.no", "a@b.no"), SegmentSettings(mask="phone, email"))
    assert batch.texts == ["<EMAIL>, <EMAIL>", "www.e.no", "<EMAIL>"]
    assert bytes(batch.utf8) == "".join(batch.texts).encode()
    assert counts == {"masked": {"email": {"documents": 2, "places": 3}, "phone": {"documents": 0, "places": 0}}}


def test_a_batch_without_any_is_kept_as_it_is() -> None:
    batch = batch_of("ingenting", "")
    assert mask_batch(batch, SegmentSettings(mask="email"))[0] is batch


@pytest.mark.parametrize("stats", [{}, {"masked": {"url": {"documents": 1, "places": 2000}}}])
def test_a_line_for_users(stats: dict) -> None:
    assert masked_lines(stats) == (["masked: 2,000 url in 1 documents"] if stats else [])
