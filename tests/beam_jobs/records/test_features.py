"""The names in the records, written down: other people's readers know them."""

from beam_jobs.records import CLASSIC_FEATURES, DYNAMIC_FEATURES


def test_the_classic_features_are_those_of_google_research_bert():
    assert CLASSIC_FEATURES == (
        "input_ids",
        "input_mask",
        "segment_ids",
        "masked_lm_positions",
        "masked_lm_ids",
        "masked_lm_weights",
        "next_sentence_labels",
    )


def test_the_dynamic_features():
    assert DYNAMIC_FEATURES == ("input_ids", "segment_lengths", "word_starts", "next_sentence_labels")
