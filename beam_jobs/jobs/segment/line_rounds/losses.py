"""What the documents of a section lose with their lines, and what changes in the counts of a job."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from beam_jobs.faults.language_notes import STATISTIC as LANGUAGES
from beam_jobs.faults.language_notes import count_language
from beam_jobs.jobs.segment.key_files.document_rank import SPLITS_BY_RANK
from beam_jobs.jobs.segment.key_files.line_lists import BatchLines
from beam_jobs.jobs.segment.key_files.section_facts import SectionFacts

ONLY_REPEATED, CONTAINED = "only_repeated_lines", "contained"
STATISTIC = "repeated_lines_left_out"


@dataclass(frozen=True)
class Losses:
    """What each document of a section loses."""

    sentences: np.ndarray  # int64 [documents]
    bytes: np.ndarray  # int64 [documents], with the empty line behind a document of which nothing is left
    emptied: np.ndarray  # bool [documents], whether nothing is left
    contained: np.ndarray  # bool [documents], whether that is because another document contains it

    @classmethod
    def of(cls, facts: SectionFacts, lines: BatchLines, gone: np.ndarray, contained: np.ndarray) -> "Losses":
        """The losses if the lines that are marked in `gone` (bool [lines]) leave, with all of those of contained documents."""
        documents = np.repeat(np.arange(len(facts.table)), lines.counts)[gone]
        sentences, sizes = (
            np.bincount(documents, lines.table[name][gone], len(facts.table)).astype(np.int64)
            for name in ("sentences", "bytes")
        )
        emptied = (sentences == facts.table["sentences"]) & (sentences > 0)
        return cls(sentences, np.where(emptied, facts.table["bytes"], sizes), emptied, contained)


def count_losses(facts: SectionFacts, lines: BatchLines, gone: np.ndarray, losses: Losses) -> dict[str, Any]:
    """What is to be added to the counts of the ranges: less of what is kept, more that is filtered."""
    table = facts.table
    counts: dict[str, Any] = {"splits": {}, "sources": {}}
    for number in np.unique(table["split"][losses.sentences > 0]).tolist():
        here = table["split"] == number
        documents, sentences, _ = _sums(losses, here)
        counts["splits"][SPLITS_BY_RANK[number]] = {"num_documents": -documents, "num_sentences": -sentences}
    for number in np.unique(table["source"][losses.sentences > 0]).tolist():
        documents, sentences, size = _sums(losses, table["source"] == number)
        lost = {"documents": -documents, "sentences": -sentences, "bytes_out": -size}
        if documents:
            lost["filtered"] = documents
        before = counts["sources"].setdefault(facts.sources[number][1], {})
        before.update({name: before.get(name, 0) + count for name, count in lost.items()})
    for reason, taken in ((CONTAINED, losses.contained), (ONLY_REPEATED, losses.emptied & ~losses.contained)):
        if taken.any():
            counts.setdefault("filtered", {})[reason] = int(np.count_nonzero(taken))
            sizes = table["size"][taken].sum(dtype=np.int64)
            counts.setdefault("filtered_bytes", {})[reason] = int(sizes)
    languages: Counter[str] = Counter()
    for number in table["language"][losses.emptied].tolist():
        count_language(languages, facts.languages[number])
    counts[LANGUAGES] = {name: -count for name, count in languages.items()}
    of_sentences = np.repeat(gone, lines.table["sentences"])
    counts["sentence_length_log2"] = (-facts.length_counts_of(of_sentences)).tolist()
    others = ~losses.contained
    counts[STATISTIC] = {
        "lines": int(np.count_nonzero(gone & ~np.repeat(losses.contained, lines.counts))),
        "bytes": int(losses.bytes[others].sum()),
        "documents": int(np.count_nonzero(losses.sentences[others])),
    }
    return counts


def _sums(losses: Losses, here: np.ndarray) -> tuple[int, int, int]:
    """Of the chosen documents (bool), how many are left empty, and the sentences and bytes that all lose."""
    return (
        int(np.count_nonzero(losses.emptied & here)),
        int(losses.sentences[here].sum()),
        int(losses.bytes[here].sum()),
    )
