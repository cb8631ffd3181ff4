"""IBANs of the register are found, printed or electronic; wrong check digits and other codes are not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.personal_data.ibans import find_ibans, is_iban
from tests.beam_jobs.personal_data.samples import IBANS


def found(text: str) -> list[str]:
    return [text[begin:end] for begin, end in find_ibans(text)]


@pytest.mark.parametrize("number", IBANS)
def test_numbers_of_the_register(number: str) -> None:
    assert found(f"IBAN: {number}, BIC DNBANOKK. KONTO {number}") == [number] * 2


@pytest.mark.parametrize("number", IBANS)
def test_a_wrong_digit_is_noticed(number: str) -> None:
    digits = number.replace(" ", "")
    places = [i for i in range(2, len(digits)) if digits[i].isdigit()]
    assert not any(is_iban(digits[:i] + str((int(digits[i]) + 1) % 10) + digits[i + 1 :]) for i in places)


def test_two_in_a_row_and_text_in_capitals_behind() -> None:
    assert found("NO9386011117947 NO93 8601 1117 947 ER NUMMERET") == ["NO9386011117947", "NO93 8601 1117 947"]


@pytest.mark.parametrize(
    "text",
    [
        "no9386011117947",
        "XNO9386011117947",
        "NO93860111179471",
        "NO9386011117947A",
        "NO9386011117948",
        "ZZ9386011117947",
        "ISO 3166",
        "NO93 8601 1117\n947",
        "TV2 RB26DETT EU27",
    ],
)
def test_these_are_none(text: str) -> None:
    assert found(text) == []


@given(st.text(st.sampled_from("NO9386SE45 A1"), max_size=80))
@settings(max_examples=100, deadline=None)
def test_what_is_found_is_valid(text: str) -> None:
    assert all(is_iban(number.replace(" ", "")) for number in found(text))


@pytest.mark.parametrize("part", ["NO93", "A", "NO93 ", "AA11", "1", "MT84MALT011000012345MTLCAST001"])
def test_hostile_text_takes_linear_time(part: str) -> None:
    assert found(part * 100_000) == []
