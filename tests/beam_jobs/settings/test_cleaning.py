import pytest

from beam_jobs.errors import UserError
from beam_jobs.held_out import ngram_kernel, ngram_table
from beam_jobs.settings import SegmentSettings, output_settings, settings_hash
from beam_jobs.settings.cleaning import MOST_NGRAM_WORDS, NGRAM_WORDS, mask_kinds

PLAIN = SegmentSettings(input=("in",), output="out")


def test_the_limit_of_filtered_documents_is_a_share_and_changes_no_bytes():
    with pytest.raises(UserError, match=r"--max_filtered 1\.5 is a share"):
        SegmentSettings(input=("in",), output="out", max_filtered=1.5).validate()
    other = SegmentSettings(input=("in",), output="out", max_filtered=0.5)
    assert settings_hash(other, input="h") == settings_hash(PLAIN, input="h")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"mask": "emial"}, "--mask 'emial' is not one of url, email, iban, national_id, phone.* did you mean email"),
        ({"mask": "email,,url"}, "--mask '' is not one of"),
        ({"decontaminate": ("",)}, "--decontaminate is empty"),
        (
            {"decontaminate": ("a",), "decontaminate_words": 0},
            "--decontaminate_words 0 must be from 1 to 63; 13 is usual",
        ),
        ({"decontaminate": ("a",), "decontaminate_words": 64}, "--decontaminate_words 64 must be"),
        ({"decontaminate": ("a",), "decontaminate_share": 1.5}, "--decontaminate_share 1.5 is a share"),
        ({"decontaminate_words": 8}, "--decontaminate_words does nothing without --decontaminate"),
        ({"decontaminate_share": 0.1}, "--decontaminate_share does nothing without --decontaminate"),
    ],
)
def test_wrong_settings_of_masks_and_evaluation_files(given, problem):
    with pytest.raises(UserError, match=problem):
        SegmentSettings(("in",), "out", **given).validate()


def test_kinds_are_taken_in_their_own_order():
    assert mask_kinds("phone, email,url") == ("url", "email", "phone")
    assert mask_kinds("") == ()
    assert (NGRAM_WORDS, MOST_NGRAM_WORDS) == (ngram_table.NGRAM_WORDS, ngram_kernel.MOST_WORDS)


def test_hashes_of_corpora_made_before_these_settings_stay():
    assert (
        not {"mask", "decontaminate", "decontaminate_words"} & output_settings(SegmentSettings(("in",), "out")).keys()
    )
