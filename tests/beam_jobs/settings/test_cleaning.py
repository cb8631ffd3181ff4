import pytest

from beam_jobs.errors import UserError
from beam_jobs.settings import SegmentSettings, settings_hash

PLAIN = SegmentSettings(input=("in",), output="out")


def test_the_limit_of_filtered_documents_is_a_share_and_changes_no_bytes():
    with pytest.raises(UserError, match=r"--max_filtered 1\.5 is a share"):
        SegmentSettings(input=("in",), output="out", max_filtered=1.5).validate()
    other = SegmentSettings(input=("in",), output="out", max_filtered=0.5)
    assert settings_hash(other, input="h") == settings_hash(PLAIN, input="h")
