import numpy as np

from beam_jobs.duplicates.page_furniture import find_furniture, line_ends


def arrays(*texts):
    encoded = [text.encode() for text in texts]
    return np.frombuffer(b"".join(encoded), np.uint8), np.cumsum([len(one) for one in encoded], dtype=np.int64)


def found(pages, *texts):
    """The lines of each document that are furniture."""
    data, ends = arrays(*texts)
    of_lines, documents = line_ends(data, ends)
    furniture = find_furniture(data, of_lines, documents, pages)
    lines = [line for text in texts for line in text.split("\n")]
    assert len(lines) == len(of_lines)
    return [line for line, taken in zip(lines, furniture, strict=True) if taken]


def page(number, lines=4, head="Sult av Hamsun"):
    return "\n".join([head, *(f"linje {chr(97 + number)}{chr(97 + i)} av teksten" for i in range(lines)), str(number)])


def test_lines_and_their_documents():
    data, ends = arrays("a\nbå", "", "\n\nc\n")
    of_lines, documents = line_ends(data, ends)
    assert of_lines.tolist() == [2, 5, 5, 6, 7, 9, 9]
    assert documents.tolist() == [0, 0, 1, 2, 2, 2, 2]


def test_running_heads_and_page_numbers_of_a_document():
    text = "\n".join(page(number) for number in range(1, 6))
    assert sorted({*found(5, text)}) == ["1", "2", "3", "4", "5", "Sult av Hamsun"]
    assert found(6, text) == []


def test_case_and_digits_are_alike():
    text = "\n".join(
        page(number, head=f"SIDE {number + 10} av 90" if number % 2 else f"side {number + 10} Av 91")
        for number in range(1, 5)
    )
    assert len([line for line in found(4, text) if line.lower().startswith("side")]) == 4


def test_each_document_is_judged_by_itself():
    assert found(4, *(page(number) for number in range(1, 6))) == []


def test_lines_that_follow_each_other_are_on_one_page():
    assert found(3, "Ja.\nNei.\n" * 10) == []
    assert len(found(3, "Ja.\nNei.\nKanskje.\n" * 10)) == 30


def test_long_lines_and_lines_without_words_stay():
    long = " ".join(["ord"] * 13)
    assert found(2, "\n".join(f"{long}\n* * *\n{a}{a}\n\n" for a in "abcdef")) == []


def test_nothing():
    assert found(2, "") == []
