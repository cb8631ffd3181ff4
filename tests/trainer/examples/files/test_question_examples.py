import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beam_jobs.errors import UserError
from trainer.examples.example import Answer, Place, QuestionExample
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.files.question_examples import read_questions

CONTEXT = "Café \U0001f600 i Oslo"


def squad(**entry):
    entry = {"id": 7, "question": "Hvor?", "answers": [{"text": "Oslo", "answer_start": 9}], **entry}
    return {"version": "2.0", "data": [{"title": "T", "paragraphs": [{"context": CONTEXT, "qas": [entry]}]}]}


def read(write, content, name="a.json", **settings):
    return read_questions(write(name, content), ColumnSettings(), **settings).examples


def test_squad(write, tmp_path):
    found = read(write, squad())
    assert found == (
        QuestionExample("7", "Hvor?", CONTEXT, (Answer("Oslo", 9),), Place(str(tmp_path / "a.json"), 1), "T"),
    )


def test_questions_of_squad_are_numbered_on_demand(write):
    path = write("a.json", {"data": squad()["data"] * 2})
    assert [of.id for of in read_questions(path, ColumnSettings(id_column="-")).examples] == ["1", "2"]
    assert [of.id for of in read_questions(path, ColumnSettings(), purpose="train").examples] == ["7", "7"]


def test_unanswerable_and_unlabelled_questions(write):
    assert read(write, squad(answers=[]))[0].answers == ()
    assert read(write, squad(answers=None, is_impossible=True))[0].answers == ()
    assert read(write, squad(answers=None), purpose="predict")[0].answers is None


@pytest.mark.parametrize(
    "answers",
    [{"text": ["Oslo"], "answer_start": [9]}, [{"text": "Oslo", "answer_start": 9}], [{"text": "Oslo", "start": 9}]],
)
def test_rows(write, answers):
    row = {"id": "a", "title": "T", "context": CONTEXT, "question": "Hvor?", "answers": answers}
    for name, content in (("a.jsonl", [row]), ("a.json", {"data": [row]})):
        (example,) = read(write, content, name)
        assert (example.id, example.answers, example.title) == ("a", (Answer("Oslo", 9),), "T")


def test_rows_of_parquet(tmp_path):
    answers = [{"text": ["Oslo"], "answer_start": [9]}, {"text": [], "answer_start": []}]
    table = pa.table({"context": [CONTEXT] * 2, "question": ["Hvor?", "Når?"], "answers": answers})
    pq.write_table(table, tmp_path / "a.parquet")
    found = read_questions(str(tmp_path / "a.parquet"), ColumnSettings()).examples
    assert [(example.id, example.answers) for example in found] == [("1", (Answer("Oslo", 9),)), ("2", ())]


def test_a_table_of_questions_is_enough_to_predict(write):
    (example,) = read(write, f"id,question,context\n1,Hvor?,{CONTEXT}\n", "a.csv", purpose="predict")
    assert example.answers is None


@pytest.mark.parametrize("start", [10, 13], ids=["UTF-16", "UTF-8"])
def test_an_offset_that_counts_something_else_is_corrected_and_told(write, start):
    content = squad(answers=[{"text": "Oslo", "answer_start": start}])
    found = read_questions(write("a.json", content), ColumnSettings())
    assert found.examples[0].answers == (Answer("Oslo", 9),)
    assert found.remarks[0].endswith("corrected the offsets of 1 answers, which count bytes or UTF-16: 1")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (
            {"text": "Oslo", "answer_start": 8},
            r":1: the answer 'Oslo' is not at character 8 of its context; it stands at 9",
        ),
        ({"text": "Oslo", "answer_start": 11}, "it stands at 9"),
        ({"text": "oslo", "answer_start": 9}, "it stands nowhere in it"),
        ({"text": "Oslo", "answer_start": -4}, "it stands at 9"),
        ({"text": "Oslo", "answer_start": "9"}, "answer_start of 'Oslo' is text"),
        ({"text": "", "answer_start": 9}, "the text of an answer is empty"),
        (3, "an answer of answers is a number"),
    ],
)
def test_an_answer_is_a_part_of_its_context(write, answer, why):
    with pytest.raises(UserError, match=why):
        read(write, squad(answers=[answer]))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (squad(answers=None), ":1: has no answers"),
        (squad(is_impossible=True), "is_impossible is true, but there are answers"),
        (squad(question=" "), "question is empty"),
        (squad(question=None), "question is null"),
        (squad(id=None), ":1: its id is null"),
        ({"data": [{"paragraphs": [{"qas": [{"question": "a", "id": 1}]}]}]}, "context is null"),
        ({"data": [{"paragraphs": [{"context": "a"}]}]}, "has no list qas"),
        ({"data": [{"paragraphs": [{"context": "a", "qas": [3]}]}]}, ":1: the question is a number"),
        ({"data": [{"paragraphs": 3}]}, "has no list paragraphs"),
        ({"data": [{"paragraphs": []}]}, "has no questions"),
        ({"data": squad()["data"] * 2}, ":2: the id '7' stands in row 1 too"),
        ({"data": [{"question": "a", "context": "a"}]}, "has no column answers"),
        (
            {"data": [{"question": "a", "context": "a", "answers": {"text": "a"}}]},
            "without lists text and answer_start",
        ),
        (
            {"data": [{"question": "a", "context": "a", "answers": {"text": [], "start": [1]}}]},
            "has 0 texts, but 1 starts",
        ),
    ],
)
def test_other_content_is_refused(write, content, why):
    with pytest.raises(UserError, match=why) as raised:
        read(write, content)
    assert "\n" not in str(raised.value)
