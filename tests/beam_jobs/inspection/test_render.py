import dataclasses

import numpy as np
import pytest

from beam_jobs.decoding.decode import decode_instance
from beam_jobs.inspection.render import render_plain, render_rich, spans, title


@pytest.fixture
def instance(serialise, classic):
    return decode_instance(serialise(classic()))


def test_words_with_the_original_pieces_in_brackets(instance, small_vocabulary):
    # så [MASK] -> hund, katt is kept, ##bær was replaced by hund: one word with blå
    assert render_plain(instance, small_vocabulary) == (
        "A [CLS] så [MASK→hund]en . [SEP]\nB [katt→katt] blå[hund→##bær] . [SEP]"
    )


def test_title(instance, small_vocabulary):
    assert title(instance, small_vocabulary) == (
        "11 pieces of 14 · 3 predictions (1 masked, 1 random, 1 kept) · label 1: B is random or swapped"
    )


def test_rich_says_the_same_in_colours(instance, small_vocabulary):
    text = render_rich(instance, small_vocabulary)
    assert text.plain == render_plain(instance, small_vocabulary)
    styles = {text.plain[span.start : span.end]: span.style for span in text.spans}
    assert styles["[MASK→hund]"] == "bold green"
    assert styles["[hund→##bær]"] == "bold red"
    assert styles["[katt→katt]"] == "bold magenta"
    assert styles["blå"] == "blue"
    assert styles["[CLS]"] == "dim"


def test_markup_in_a_vocabulary_is_only_text(instance, small_vocabulary):
    pieces = tuple("[red]" if piece == "så" else piece for piece in small_vocabulary.pieces)
    odd = dataclasses.replace(small_vocabulary, pieces=pieces)
    assert "[red] [MASK→hund]" in render_rich(instance, odd).plain


def test_a_dynamic_instance(serialise, dynamic, small_vocabulary):
    instance = decode_instance(serialise(dynamic()))
    assert render_plain(instance, small_vocabulary) == "A [CLS] så hunden . [SEP]\nB katt blåbær . [SEP]"
    assert title(instance, small_vocabulary) == "11 pieces · not masked yet (dynamic) · label 0: B follows A"


def test_a_cut_word_keeps_its_mark_and_unknown_is_marked(serialise, classic, small_vocabulary):
    features = classic(input_ids=[2, 10, 4, 1, 13, 3, 7, 9, 6, 13, 3, 0, 0, 0])
    found = spans(decode_instance(serialise(features)), small_vocabulary)
    assert (found[1].text, found[1].starts_word) == ("##en", True)
    assert found[3].kind == "unknown"


def test_broken_instances_are_shown_too(instance, small_vocabulary):
    broken = dataclasses.replace(
        instance,
        input_ids=np.array([2, 999, 4, -3, 13, 3, 7, 9, 6, 13, 3, 0, 0, 0]),
        masked_lm_positions=np.array([2, 50, -1, 0]),
        segment_ids=np.zeros(2, np.int64),
        next_sentence_labels=np.array([7]),
    )
    assert "<999> [MASK→hund] <-3>" in render_plain(broken, small_vocabulary)
    assert render_rich(broken, small_vocabulary).plain
    assert "3 predictions" in title(broken, small_vocabulary)
