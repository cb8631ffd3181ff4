from array import array

import numpy as np

from beam_jobs.jobs.segment.key_files.key_sections import BatchKeys, KeySections
from beam_jobs.jobs.segment.key_files.line_lists import lines_of
from beam_jobs.jobs.segment.key_files.parts import CheckedStream
from beam_jobs.jobs.segment.key_files.section_facts import read_facts
from beam_jobs.jobs.segment.key_files.section_lines import read_lines
from beam_jobs.jobs.segment.line_rounds.losses import Losses, count_losses
from tests.beam_jobs.jobs.segment.duplicate_rounds.synthetic import fact


def test_documents_lose_sentences_and_bytes_and_some_are_emptied(tmp_path):
    texts = [b"Ett.\nTo.\nTre.\n\n", b"Fire.\n\n", b"Fem.\n\n"]
    ends = [array("Q", [2, 3]), array("Q", [1]), array("Q", [1])]
    facts = [
        fact(i, text.decode().strip(), split=split, source=source, language="xx")._replace(text_bytes=len(text))
        for i, (text, split, source) in enumerate(zip(texts, ("dev", "train", "train"), "aab", strict=True))
    ]
    with (tmp_path / "keys.bin").open("wb") as file:
        sections = KeySections(CheckedStream(file), 0, facts=True, lines=True)
        keys = BatchKeys(np.zeros((3, 2), np.uint64), np.empty((3, 0), np.uint64))
        sections.add(keys, facts, lines_of(texts, ends, b"".join(texts)))
        sections.finish()
    read, lines = read_facts(str(tmp_path / "keys.bin"), 0, 0), read_lines(str(tmp_path / "keys.bin"), 0, 0)
    gone = np.array([True, False, True, False])
    losses = Losses.of(read, lines, gone, np.zeros(3, bool))
    assert losses.sentences.tolist() == [2, 1, 0]
    assert losses.bytes.tolist() == [9, 7, 0]
    assert losses.emptied.tolist() == [False, True, False]
    assert count_losses(read, lines, gone, losses) == {
        "splits": {
            "dev": {"num_documents": 0, "num_sentences": -2},
            "train": {"num_documents": -1, "num_sentences": -1},
        },
        "sources": {"a": {"documents": -1, "sentences": -3, "bytes_out": -16, "filtered": 1}},
        "filtered": {"only_repeated_lines": 1},
        "filtered_bytes": {"only_repeated_lines": 5},
        "documents_without_language_rules": {"xx": -1},
        "sentence_length_log2": [0, 0, -1, -2],
        "repeated_lines_left_out": {"lines": 2, "bytes": 16, "documents": 2},
    }
    contained = np.array([False, True, False])
    counts = count_losses(read, lines, gone, Losses.of(read, lines, gone, contained))
    assert counts["filtered"] == {"contained": 1}
    assert counts["filtered_bytes"] == {"contained": 5}
    assert counts["repeated_lines_left_out"] == {"lines": 1, "bytes": 9, "documents": 1}
