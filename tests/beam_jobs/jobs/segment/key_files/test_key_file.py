from contextlib import ExitStack

import numpy as np
import pytest

from beam_jobs.duplicates.document_keys import document_keys
from beam_jobs.jobs.segment.key_files.key_file import KeyFile
from beam_jobs.jobs.segment.key_files.key_sections import EXACT, FIRST_KEYS, KEY_RANGES
from beam_jobs.jobs.segment.key_files.parts import read_parts
from tests.beam_jobs.jobs.segment.duplicate_rounds.synthetic import fact, job_in

TEXTS = ["Ett to tre.", "Fire!", "bla\u030a bær", "seks sju"]


@pytest.mark.parametrize("normalize", ["nfc", "none"])
@pytest.mark.parametrize("mode", ["count", "exact", "near"])
def test_the_chosen_documents_of_a_batch_are_keyed(tmp_path, mode, normalize):
    texts = [text.replace("a\u030a", "å") for text in TEXTS] if normalize == "nfc" else TEXTS
    job = job_in(tmp_path, mode, normalize=normalize)
    with ExitStack() as stack:
        keys = KeyFile(job, "000003", stack)
        assert (keys.on, keys.facts) == (True, mode != "count")
        facts = [fact(i, TEXTS[i]) for i in (0, 2)] if keys.facts else []
        keys.add([texts[0].encode(), texts[2].encode()], facts)
        keys.add([], [])
        row, wrote = keys.finish()
    file = tmp_path / "_work/keys/000003.bin"
    assert wrote == {"_work/keys/000003.bin": [file.stat().st_size, row["keys"]["crc32c"]]}
    assert row["keys"]["sections"] == [[2, 0]]
    records = np.frombuffer(b"".join(read_parts(str(file), 0, FIRST_KEYS, FIRST_KEYS + KEY_RANGES)), EXACT)
    expected = document_keys([TEXTS[0], TEXTS[2]]).exact
    assert (expected[records["document"], 0] == records["key"]).all()
    assert (expected[records["document"], 1] == records["check"]).all()


def test_off_writes_nothing(tmp_path):
    with ExitStack() as stack:
        keys = KeyFile(job_in(tmp_path, "off"), "000000", stack)
        keys.add([b"ett"], [])
        assert keys.finish() == ({}, {})
    assert not list(tmp_path.iterdir())
