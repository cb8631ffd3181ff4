import datetime

import pytest

from beam_jobs.errors import UserError
from beam_jobs.settings import SegmentSettings
from beam_jobs.settings.where import Condition, conditions, document_conditions, fields_of, paragraph_conditions


def holds(text, value):
    (condition,) = conditions((text,))
    return condition.holds(condition.value_in({} if value is KeyError else {"x": value}))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("x>=0.9", [Condition("x", False, ">=", 0.9)]),
        ("  x <= -1.5e3 ", [Condition("x", False, "<=", -1500.0)]),
        ("x=='it''", None),
        ("""x == "it's" """, [Condition("x", False, "==", "it's")]),
        ("x!='a and b' AND y>.5", [Condition("x", False, "!=", "a and b"), Condition("y", False, ">", 0.5)]),
        ("paragraphs.confidence<5", [Condition("confidence", True, "<", 5.0)]),
        ("meta.ocr-score_2>1", [Condition("meta.ocr-score_2", False, ">", 1.0)]),
        ("bøker>1", [Condition("bøker", False, ">", 1.0)]),
    ],
    ids=["number", "spaces", "unclosed", "quotes", "and", "paragraphs", "name", "letters"],
)
def test_conditions(text, read):
    if read is None:
        with pytest.raises(UserError):
            conditions((text,))
    else:
        assert [*conditions((text,))] == read


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'': the name of a field must stand at character 1, where the end stands"),
        ("x", "'x': one of >= <= > < == != must stand at character 2, where the end stands"),
        ("x=5", "'x=5': one of >= <= > < == != must stand at character 2, where '=5' stands"),
        (
            "x>=high",
            "'x>=high': a number, or a text in quotation marks, must stand at character 4, where 'high' stands",
        ),
        ("x>=0.9.1", "must stand at character 4, where '0.9.1' stands"),
        ("x>1 or y>2", "'x>1 or y>2': and, or the end, must stand at character 5, where 'or y>2' stands"),
        ("x>1 and", "and, or the end, must stand at character 5"),
        ("x>1 and ", "the name of a field must stand at character 9, where the end stands"),
        ("0.9<=x", "the name of a field must stand at character 1"),
    ],
    ids=range(9),
)
def test_the_place_of_a_fault_is_told_in_one_line(text, message):
    with pytest.raises(UserError) as error:
        SegmentSettings(("a",), "b", where=("y>1", text)).validate()
    assert str(error.value).startswith("--where ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "value", "wanted"),
    [
        ("x>=0.9", 0.9, True),
        ("x>=0.9", 0.89, False),
        ("x>=0.9", "0.95", True),
        ("x>0.9", 0.9, False),
        ("x<5", 4, True),
        ("x<=5", 5, True),
        ("x==5", 5.0, True),
        ("x!=5", 5, False),
        ("x>=0.9", None, None),
        ("x>=0.9", KeyError, None),
        ("x>=0.9", "high", None),
        ("x>=0.9", float("nan"), None),
        ("x>=0.9", True, None),
        ("x>=0.9", [1], None),
        ("x=='book'", "book", True),
        ("x=='book'", "Book", False),
        ("x!='book'", "page", True),
        ("x=='1998'", 1998, True),
        ("x=='true'", True, True),
        ("x>='1998-05'", "1998-05-17", True),
        ("x>='1998-05'", datetime.date(1998, 4, 30), False),
        ("x=='a'", None, None),
        ("x=='a'", {"a": 1}, None),
    ],
    ids=range(23),
)
def test_what_holds(text, value, wanted):
    assert holds(text, value) is wanted


def test_dots_lead_into_objects_unless_a_field_has_the_name():
    (condition,) = conditions(("a.b>1",))
    assert condition.value_in({"a": {"b": 5}}) == 5
    assert condition.value_in({"a.b": 6, "a": {"b": 5}}) == 6
    assert condition.value_in({"a": 5}) is None
    assert condition.value_in({"a": {}}) is None


def test_documents_and_paragraphs():
    where = ["a>1 and paragraphs.b>2", "a<9 and c=='x'"]
    assert [str(one) for one in document_conditions(where)] == ["a>1", "a<9", "c=='x'"]
    assert [str(one) for one in paragraph_conditions(where)] == ["paragraphs.b>2"]
    assert fields_of(where) == ("a", "c")
    assert fields_of(()) == ()
