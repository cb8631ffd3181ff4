import pytest

from beam_jobs.documents.record_fields import document_of
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.records import Document
from beam_jobs.settings import SegmentSettings


def read(record, **settings):
    """(the document, its faults, (reason, detail, id) of what was set aside)"""
    rejections = []
    faults = SourceFaults("a.jsonl", rejections.append)
    document = document_of(record, "a.jsonl", 30, 7, SegmentSettings(**settings), faults)
    return document, faults, [(r.reason, r.detail, r.id) for r in rejections]


def test_the_fields_that_the_settings_name():
    record = {"body": "en", "key": "k", "l": "nb", "text": "no", "id": "no", "lang": "no"}
    document, _, _ = read(record, text_field="body", id_field="key", language_field="l")
    assert document == Document("k", "en", "nb", "a.jsonl", 30, size=7)


@pytest.mark.parametrize(
    ("id", "wanted"), [("x", "x"), (5, "5"), (0, "0"), ("", "a.jsonl:30"), (None, "a.jsonl:30"), ([1], "a.jsonl:30")]
)
def test_an_id_is_text_or_a_number_else_the_place(id, wanted):
    assert read({"text": "en", "id": id})[0].id == wanted


def test_the_language_of_the_setting_goes_before_the_records_own():
    assert read({"text": "en", "lang": "sv"}, language="nb")[0].language == "nb"
    assert read({"text": "en", "lang": "sv"})[0].language == "sv"
    assert read({"text": "en", "lang": 5})[0].language == ""


def test_paragraphs_stand_in_for_a_missing_text():
    paragraphs = [{"text": "en"}, "to", {"text": None}, 3]
    document, faults, _ = read({"paragraphs": paragraphs})
    assert document.text == "en\nto"
    assert faults.repaired == {"paragraphs_without_text_dropped": 1}
    assert read({"text": "tre", "paragraphs": paragraphs})[0].text == "tre"
    assert read({"paragraphs": [{"text": "en"}]})[1].repaired == {}


def test_bytes_are_decoded():
    assert read({"text": "blå".encode()})[0].text == "blå"
    document, _, rejections = read({"text": b"\xe5\xe5"})
    assert (document, rejections[0][0]) == (None, "invalid_utf8")


@pytest.mark.parametrize(
    ("record", "rejection"),
    [
        ({"text": 5, "id": "x"}, ("text_not_a_string", "text is a int", "x")),
        ({"text": None}, ("text_null", "text is null", "a.jsonl:30")),
        ({"id": "x", "body": ""}, ("text_missing", "no field text (--text_field) among id, body", "x")),
    ],
)
def test_why_a_record_holds_no_document(record, rejection):
    document, _, rejections = read(record)
    assert (document, rejections) == (None, [rejection])


def test_the_second_text_of_a_pair():
    record = {"doc": "adds", "code": "a + b", "id": 3}
    assert read(record, text_field="doc", pair_field="code")[0].pair == "a + b"
    assert read(record, text_field="doc")[0].pair is None
    assert read({"text": "adds", "code": "blå".encode()}, pair_field="code")[0].pair == "blå"


@pytest.mark.parametrize("record", [{"text": "adds"}, {"text": "adds", "code": None}, {"text": "adds", "code": 5}])
def test_a_record_without_its_second_text_is_set_aside(record):
    document, _, rejections = read(record, pair_field="code")
    assert document is None
    assert rejections == [("pair_missing", "no text in field code (--pair_field)", "a.jsonl:30")]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (0.93, 0.93),
        (1, 1.0),
        (0, 0.0),
        (93, 0.93),
        (None, None),
        ("0.9", 0.9),
        ("93", 0.93),
        ("high", None),
        ("nan", None),
        (-1, None),
        (101, None),
        (True, None),
    ],
)
def test_the_confidence_of_character_recognition_is_a_share_or_in_percent(value, wanted):
    assert read({"text": "en", "wc": value}, confidence_field="wc")[0].confidence == wanted
    assert read({"text": "en", "ocr_confidence": value})[0].confidence == wanted
    assert read({"text": "en", "ocr_confidence": value}, quality="off")[0].confidence is None


def test_the_fields_that_conditions_name():
    where = ("year<1900 and meta.lang=='nb'", "paragraphs.conf>=0.8")
    record = {"text": "en", "year": 1850, "meta": {"lang": "nb"}}
    assert read(record, where=where)[0].fields == (1850, "nb")
    assert read({"text": "en"}, where=where)[0].fields == (None, None)
    assert read(record)[0].fields == ()


def test_paragraphs_that_fulfil_the_conditions():
    paragraphs = [{"text": "en", "conf": 0.9}, {"text": "to", "conf": 0.7, "kind": "ad"}, {"text": "tre"}, "fire"]
    where = ("paragraphs.conf>=0.8", "paragraphs.kind!='ad'")
    document, faults, _ = read({"paragraphs": [*paragraphs, {"text": "fem", "conf": 1, "kind": "ad"}]}, where=where)
    assert document.text == "en\ntre\nfire"
    assert document.paragraphs == ((1, 2), (1, 3))
    assert faults.repaired == {}
    assert read({"text": "alt", "paragraphs": paragraphs}, where=where)[0].text == "alt"
    assert read({"paragraphs": paragraphs})[0].paragraphs == ()
