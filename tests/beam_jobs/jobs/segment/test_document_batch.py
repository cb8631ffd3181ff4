import numpy as np

from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.jobs.segment import document_batch
from beam_jobs.jobs.segment.document_batch import DocumentBatch, clean_batches
from beam_jobs.records import Document
from beam_jobs.settings import SegmentSettings


def batches(texts, pairs=None, **settings):
    rejected = []
    faults = SourceFaults("a", rejected.append)
    pairs = pairs or [None] * len(texts)
    documents = [
        Document(str(i), text, "", "a", i, pair=pair) for i, (text, pair) in enumerate(zip(texts, pairs, strict=True))
    ]
    made = SegmentSettings(input=("in",), output="out", **settings)
    return list(clean_batches(iter(documents), made, faults)), rejected


def test_every_document_is_in_one_batch_and_batches_are_bounded(monkeypatch):
    monkeypatch.setattr(document_batch, "_BATCH_CHARACTERS", 100)
    monkeypatch.setattr(document_batch, "_BATCH_DOCUMENTS", 5)
    texts = ["x" * length for length in (300, *[1] * 11, 60, 60, 0, 2)]
    found, _ = batches(texts)
    assert [text for batch in found for text in batch.texts] == texts
    assert [len(batch.texts) for batch in found] == [1, 5, 5, 3, 2]
    assert batches([])[0] == []


def test_the_texts_are_clean_and_lie_one_behind_the_other():
    (batch,), _ = batches(["bla\u030a\r\nb\u00a0c", "", "日本\ud800"])
    assert batch.texts == ["blå\nb c", "", "日本\ufffd"]
    assert batch.utf8.dtype == np.uint8
    assert batch.ends.dtype == np.int64
    starts = [0, *batch.ends[:-1]]
    assert [bytes(batch.utf8[a:b]).decode() for a, b in zip(starts, batch.ends, strict=True)] == batch.texts
    (raw,), _ = batches(["bla\u030a\ud800"], normalize="none")
    assert raw.texts == ["bla\u030a"]
    assert len(DocumentBatch([], []).ends) == 0


def test_a_pair_is_two_lines():
    (batch,), rejected = batches(["a\n b", "c", "e"], ["d\n\n e", None, "f"], pair_field="code")
    assert batch.texts == ["a b\nd e", "e\nf"]
    assert [entry.reason for entry in rejected] == ["pair_missing"]
