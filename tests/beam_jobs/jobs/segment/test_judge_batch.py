from beam_jobs.jobs.segment.document_batch import DocumentBatch
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.judge_batch import judge_batch
from beam_jobs.jobs.segment.source_counts import SourceCounts
from beam_jobs.records import Document
from beam_jobs.settings import SegmentSettings


def test_nothing_is_left_out_unasked():
    documents = [Document(str(i), text, language, "a", i) for i, (text, language) in enumerate((("", "nb"), ("x", "")))]
    job = SegmentJob(SegmentSettings(input=("in",), output="out"), "/out", "0" * 16, 0.0)
    batch = DocumentBatch(documents, [document.text for document in documents])
    judged = judge_batch(batch, job, SourceCounts())
    assert (judged.batch.texts, judged.languages, judged.verdicts) == (["", "x"], ["nb", ""], [None, None])
