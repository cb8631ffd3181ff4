"""Which lines are found: planted in a number of documents."""

import pytest

from beam_jobs.jobs.segment.line_rounds.forms import NOWHERE
from beam_jobs.jobs.segment.line_rounds.gather import read_forms
from tests.beam_jobs.jobs.segment.line_rounds.small_corpus import run_rounds, segmented


def found_in(folder, texts, splits=(), **more):
    """The number of forms, the documents in which they stay, and the rows of the calls."""
    job, rows = segmented(folder, texts, splits, **more)
    done = run_rounds(job, rows)
    (row,) = done["gathered"]
    parts = list(read_forms(row["forms"], job.output))
    return row["forms"], [int(kept) for part in parts for kept in part["kept"]], row["texts"]


@pytest.mark.parametrize(("documents", "is_found"), [(3, False), (4, True), (5, True)])
def test_a_line_in_about_n_documents(tmp_path, documents, is_found):
    texts = ["Les mer her\nLes mer her"] * documents + [f"Noe annet, nummer {'i' * i}." for i in range(5)]
    count, kept, told = found_in(tmp_path, texts, repeated_lines=4)
    assert count == is_found
    assert kept == [NOWHERE] * is_found
    assert told == [["Les mer her", documents]] * is_found


def test_a_document_counts_once_however_often_it_has_the_line(tmp_path):
    assert found_in(tmp_path, ["Ja.\nJa.\nJA!\n\nja", "Nei."], repeated_lines=2)[0] == 0


@pytest.mark.parametrize(
    ("line", "other", "same"),
    [
        ("Side 1 av 9", "side 4 av 7!", True),
        ("今日 2024年", "今日 2025年", True),
        ("Ja da", "Ja nei", False),
        ("...", "...", False),
    ],
    ids=["digits", "Chinese", "other words", "no words"],
)
def test_what_is_the_same_line(tmp_path, line, other, same):
    assert found_in(tmp_path, [line, other])[0] == same


def test_of_the_documents_the_held_out_the_longest_the_first_keeps_it(tmp_path):
    texts = ["Ja.", "Ja.\nNoe mer.", "Ja.", "Ja.\nEnda litt mer tekst."]
    assert found_in(tmp_path / "a", texts, repeated_lines_keep="longest")[1] == [3]
    assert found_in(tmp_path / "b", texts[:1] * 3, repeated_lines_keep="longest")[1] == [0]
    splits = ["dev", "train", "test", "train"]  # numbered by folder: dev, test, train
    assert found_in(tmp_path / "c", texts, splits, repeated_lines_keep="longest")[1] == [1]


def test_lines_of_wrapped_text_are_joined_before(tmp_path):
    wrapped = (
        "Dette er et avsnitt som er brutt ved en fast\nbredde slik gamle filer ofte er det, og som\n"
        "derfor har linjer som ikke er noe for seg selv\nmen bare deler av en lengre tekst."
    )
    texts = [wrapped, wrapped.replace("\n", " "), "bredde slik gamle filer ofte er det, og som"]
    count, _, told = found_in(tmp_path, texts, repeated_lines=2)
    assert count == 1
    assert told[0][0].startswith("Dette er et avsnitt")
