import pytest

from beam_jobs.inputs.plan_ranges import InputItem
from beam_jobs.jobs.segment.document_batch import DocumentBatch
from beam_jobs.jobs.segment.filters.decontaminate import hash_of_held_out, write_held_out
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.judge_batch import JudgedBatch, Verdict, judge_batch
from beam_jobs.jobs.segment.source_counts import SourceCounts
from beam_jobs.records import Document
from beam_jobs.settings import SegmentSettings
from tests.beam_jobs.language_detection.texts import ARTICLE_1, BOKMAAL_REVIEW, DANISH_REVIEW, NYNORSK_REVIEW


def test_nothing_is_left_out_unasked():
    documents = [Document(str(i), text, language, "a", i) for i, (text, language) in enumerate((("", "nb"), ("x", "")))]
    job = SegmentJob(SegmentSettings(input=("in",), output="out"), "/out", "0" * 16, 0.0)
    batch = DocumentBatch(documents, [document.text for document in documents])
    judged = judge_batch(batch, job, SourceCounts())
    assert (judged.batch.texts, judged.languages, judged.verdicts) == (["", "x"], ["nb", ""], [None, None])


def judged(texts_and_languages: list[tuple[str, str]], **settings: object) -> tuple[JudgedBatch, dict]:
    documents = [Document(str(i), text, declared, "a", i) for i, (text, declared) in enumerate(texts_and_languages)]
    job = SegmentJob(SegmentSettings(input=("in",), output="out", **settings), "/out", "0" * 16, 0.0)
    counts = SourceCounts()
    batch = DocumentBatch(documents, [document.text for document in documents])
    return judge_batch(batch, job, counts), counts.to_row(InputItem(0, 0, ()))


REVIEWS = [(BOKMAAL_REVIEW, "nb"), (NYNORSK_REVIEW, "nb"), (DANISH_REVIEW, ""), ("Meget godt", "")]


@pytest.mark.parametrize(
    ("use", "languages"),
    [("off", ["nb", "nb", "", ""]), ("fill", ["nb", "nb", "da", ""]), ("override", ["nb", "nn", "da", ""])],
)
def test_a_detected_language_chooses_the_rules_where_it_may(use: str, languages: list[str]) -> None:
    found, row = judged(REVIEWS, detect_language=use)
    assert found.languages == languages
    assert found.verdicts == [None] * 4
    table = {"nb": {"nb": 1, "nn": 1}, "(none)": {"da": 1, "(unsure)": 1}}
    assert row.get("languages") == (None if use == "off" else table)


def test_only_documents_that_are_surely_in_no_kept_language_are_left_out() -> None:
    found, row = judged([*REVIEWS, (ARTICLE_1["en"], "nb")], languages=("nb,nn",))
    assert found.verdicts == [None, None, Verdict("language", "da"), None, Verdict("language", "en")]
    assert found.languages == ["nb", "nb", "", "", "nb"]  # as declared: --detect_language is off
    assert row["languages"]["nb"] == {"nb": 1, "nn": 1, "en": 1}


def test_of_a_pair_the_first_text_decides() -> None:
    pairs = [(f"{BOKMAAL_REVIEW}\n{ARTICLE_1['en'] * 4}", ""), (f"{ARTICLE_1['en']}\n{BOKMAAL_REVIEW}", "")]
    found, _ = judged(pairs, languages=("nb",), pair_field="other")
    assert found.verdicts == [None, Verdict("language", "en")]
    assert found.batch.texts == [text for text, _ in pairs]


def test_personal_data_is_masked_before_text_of_evaluation_files_is_looked_for(tmp_path):
    words = [f"ord{chr(97 + i)}" for i in range(13)]
    (tmp_path / "test.txt").write_text(" ".join(words))
    settings = SegmentSettings(("in",), str(tmp_path), mask="email", decontaminate=(str(tmp_path / "test.txt"),))
    held_out = hash_of_held_out(settings)
    write_held_out(str(tmp_path), settings, held_out)
    job = SegmentJob(settings, str(tmp_path), "0" * 16, 0.0, held_out)
    texts = ["a@b.no", " ".join(words) + " a@b.no", " ".join([*words[:6], "a@b.no", *words[6:]])]
    batch = DocumentBatch([Document(str(i), text, "nb", "a", i) for i, text in enumerate(texts)], texts)
    found = judge_batch(batch, job, SourceCounts())
    assert found.batch.texts == [text.replace("a@b.no", "<EMAIL>") for text in texts]
    assert found.verdicts == [None, Verdict("contaminated", "test.txt: " + " ".join(words)), None]


def test_the_language_goes_before_text_of_evaluation_files(tmp_path):
    (tmp_path / "test.txt").write_text(ARTICLE_1["en"])
    settings = SegmentSettings(("in",), str(tmp_path), languages=("nb",), decontaminate=(str(tmp_path / "test.txt"),))
    held_out = hash_of_held_out(settings)
    write_held_out(str(tmp_path), settings, held_out)
    job = SegmentJob(settings, str(tmp_path), "0" * 16, 0.0, held_out)
    counts = SourceCounts()
    texts = [ARTICLE_1["en"], BOKMAAL_REVIEW + " " + ARTICLE_1["en"][:200]]
    batch = DocumentBatch([Document(str(i), text, "nb", "a", i) for i, text in enumerate(texts)], texts)
    reasons = [verdict and verdict.reason for verdict in judge_batch(batch, job, counts).verdicts]
    assert reasons == ["language", "contaminated"]
    assert counts.to_row(InputItem(0, 0, ()))["held_out"] == {"test.txt": 1}
