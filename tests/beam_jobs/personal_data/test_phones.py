"""Which telephone numbers are found; dates, ISBNs, sums and plain numbers are none."""

from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from beam_jobs.personal_data.phones import find_phones


def found(text: str) -> list[str]:
    return [text[begin:end] for begin, end in find_phones(text)]


@pytest.mark.parametrize(
    "number",
    [
        "+47 22 83 22 88",
        "+4722832288",
        "+47 (22) 83 22 88",
        "+46 8-123 456 78",
        "+358 40 1234567",
        "+48 123 456 789",
        "+1 (415) 555-0198",
        "0047 22 83 22 88",
        "004522832288",
        "912 34 567",
        "800\u00a033\u00a0300",
    ],
)
def test_numbers_that_their_form_tells(number: str) -> None:
    assert found(f"Kontakt {number}. Eller ({number}), {number}") == [number] * 3


@pytest.mark.parametrize(
    "label", ["Tlf.", "tlf:", "Telefon", "Mobil:", "mob.", "phone", "Fax:", "Ring", "ring oss på tlf"]
)
@pytest.mark.parametrize("number", ["22 83 22 88", "22832288", "08-123 45 67", "2293 3450"])
def test_numbers_that_a_word_tells(label: str, number: str) -> None:
    assert found(f"{label} {number}. huy.no") == [number]


@pytest.mark.parametrize(
    "text",
    [
        "22832288",
        "22 83 22 88",
        "12.05.2020",
        "2019-2020",
        "telefon 2019-2020",
        "tlf. 2020-05-12",
        "mobil 12.05.2020",
        "ring 113",
        "mobil 20 000 000 brukere",
        "+20 000 000 kroner",
        "+1 000 000 000",
        "ISBN 978-82-05-12345-6",
        "ISBN: 9788205123456",
        "Org.nr. 912 345 678 MVA",
        "konto 1234 56 78901",
        "5 + 223344556",
        "3+912345678",
        "912 34 567 89",
        "1 912 34 567",
        "Bjørnstjerne Bjørnson (1832-1910)",
        "klokken 10 00 til 18 30",
        "https://example.no/+4722832288",
        "22 23 24 25 26 27 28",
        "stemmer: 912 34 5678",
    ],
)
def test_these_are_none(text: str) -> None:
    assert found(text) == []


def test_brackets_that_are_not_closed_stay() -> None:
    assert found("(tlf 22 83 22 88)") == ["22 83 22 88"]
    assert found("tlf (22 83 22 88)") == ["22 83 22 88"]
    assert found("tlf 22 83 22 88 (2014)") == ["22 83 22 88"]


@given(st.integers(0, 10**16), st.sampled_from(["{}", "{:,}", "{} kr", "nr. {}", "({})", "{}.", "§ {}", "kl. {}"]))
@settings(max_examples=200, deadline=None)
def test_plain_numbers_are_none(number: int, form: str) -> None:
    assert found("Det var " + form.format(number) + " i alt") == []
    assert found(f"Det var {number:,} i alt".replace(",", " ")) == []


FORMS = ("%d.%m.%Y", "%Y-%m-%d", "%d.%m.%y", "%d %m %Y", "%d/%m-%Y", "%Y %m %d", "%d-%m-%Y")


@given(st.dates(date(1000, 1, 1), date(2099, 1, 1)), st.sampled_from(FORMS))
@settings(max_examples=200, deadline=None)
def test_dates_are_none(day: date, form: str) -> None:
    assert found(f"den {day.strftime(form)}, kl. 12.30") == []
    assert found(f"telefon {day.strftime(form)}") == []


@given(st.text(st.sampled_from("0123456789 +-()tlf."), max_size=60))
@settings(max_examples=200, deadline=None)
def test_spans_are_sorted_apart_and_have_six_to_fifteen_digits(text: str) -> None:
    end = 0
    for begin, behind in find_phones(text):
        assert end <= begin < behind
        assert 6 <= sum(map(str.isdigit, text[begin:behind])) <= 15
        end = behind


@pytest.mark.parametrize(
    "part", ["1", "1 ", "1-", "(1", "+", "+1", "1)", "tlf ", "tlf 22832288 ", "+47 22 83 22 88", "00"]
)
def test_hostile_text_takes_linear_time(part: str) -> None:
    found(part * (1_000_000 // len(part)))


@given(
    st.from_regex(r"\A(97[89][- ])?[0-9]{1,5}[- ][0-9]{1,7}[- ][0-9]{1,6}[- ][0-9X]\Z"),
    st.sampled_from(["ISBN {}", "ISBN: {}", "({})"]),
)
@settings(max_examples=200, deadline=None)
def test_isbns_are_none(isbn: str, form: str) -> None:
    digits = sum(map(str.isdigit, isbn))
    assume(digits in (9, 10, 13))
    assert found(form.format(isbn)) == []
