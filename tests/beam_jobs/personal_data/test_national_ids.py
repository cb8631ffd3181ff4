"""Published numbers are found in any of their forms; one wrong digit, a date or a longer number is none."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from beam_jobs.personal_data.national_ids import find_national_ids, is_danish, is_finnish, is_norwegian, is_swedish
from tests.beam_jobs.personal_data.samples import DANISH, FINNISH, NATIONAL_IDS, NORWEGIAN, SWEDISH

ELEVEN = [number for numbers in NORWEGIAN.values() for number in numbers]


def found(text: str) -> list[str]:
    return [text[begin:end] for begin, end in find_national_ids(text)]


@pytest.mark.parametrize("number", NATIONAL_IDS)
def test_published_numbers(number: str) -> None:
    assert found(f"Fødselsnummer: {number}, født i Oslo ({number}). {number}") == [number] * 3


@pytest.mark.parametrize("number", ELEVEN)
def test_norwegian_numbers_parted_behind_the_date(number: str) -> None:
    for written in (f"{number[:6]} {number[6:]}", f"{number[:6]}-{number[6:]}", f"{number[:6]}\u00a0{number[6:]}"):
        assert found(f"fnr. {written}.") == [written]


@pytest.mark.parametrize("number", ELEVEN)
def test_every_single_wrong_digit_is_noticed(number: str) -> None:
    wrong = [number[:i] + digit + number[i + 1 :] for i in range(11) for digit in "0123456789" if digit != number[i]]
    assert not any(map(is_norwegian, wrong))


@pytest.mark.parametrize(
    ("valid", "number"),
    [(is_swedish, SWEDISH[0].replace("-", "")), (is_danish, DANISH[0].replace("-", "")), (is_finnish, FINNISH[0])],
)
def test_a_wrong_last_character_is_noticed(valid, number: str) -> None:
    assert valid(number)
    assert not any(valid(number[:-1] + digit) for digit in "0123456789" if digit != number[-1])


@pytest.mark.parametrize(
    "text",
    [
        "130972480220",
        "113097248022",
        "x13097248022",
        "13097248022x",
        "13097248022.50",
        "0.13097248022",
        "https://example.org/13097248022",
        "id=13097248022",
        "13097248022_1",
        "32017248022",  # the 32nd of January
        "6408233234",  # ten digits without a hyphen are many things
        "20240131-1230",
        "20240131-2359",
        "211062-5630",
        "ISBN 978-82-02-12345-6",
        "13.09.1972 48022",
    ],
)
def test_these_are_none(text: str) -> None:
    assert found(text) == []


def test_the_centuries_of_norwegian_numbers() -> None:
    assert is_norwegian("29020075838")  # 29.02.2000 by its 758
    assert not is_norwegian("29010080038")  # 800 with the year 00 is 2000, but the checksum is wrong
    assert (
        sum(is_norwegian(f"010150{rest:05d}") for rest in range(75000, 90000)) == 0
    )  # 750 to 899 is not given for 1950
    assert sum(is_norwegian(f"290201{rest:05d}") for rest in range(50000)) == 0  # 1901 was no leap year


@given(st.dates(), st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%d%m%y", "%Y%m%d", "%d/%m-%Y", "%Y-%m-%dT%H:%M:%S"]))
@settings(max_examples=100, deadline=None)
def test_dates_are_none(date, form: str) -> None:
    assert found(f"den {date.strftime(form)}, kl. 12.30") == []


@given(st.text(st.sampled_from("0123456789-+ .AT"), max_size=60))
@settings(max_examples=100, deadline=None)
def test_spans_are_sorted_apart_and_valid(text: str) -> None:
    end = 0
    for begin, behind in find_national_ids(text):
        assert end <= begin < behind
        end = behind


@pytest.mark.parametrize(
    "part", ["1", "13097248022", "1 ", "1.", "640823-", "640823-3234 ", "2024", "-", "131052-308T"]
)
def test_hostile_text_takes_linear_time(part: str) -> None:
    assert len(list(find_national_ids(part * 100_000))) <= 100_000


@given(
    st.from_regex(r"\A(97[89][- ])?[0-9]{1,5}[- ][0-9]{1,7}[- ][0-9]{1,6}[- ][0-9X]\Z"),
    st.sampled_from(["ISBN {}", "ISBN: {}", "({})"]),
)
@settings(max_examples=200, deadline=None)
def test_isbns_are_none(isbn: str, form: str) -> None:
    digits = sum(map(str.isdigit, isbn))
    assume(digits in (9, 10, 13))
    assert found(form.format(isbn)) == []
