"""The counts of one item of a segment job: of kept documents, of those left out, and of what was found wrong."""

from array import array
from collections import Counter
from typing import Any

from beam_jobs.execution.merge_counts import merge_counts
from beam_jobs.execution.run_once import ItemRow
from beam_jobs.faults.language_notes import STATISTIC
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.inputs.plan_ranges import InputItem, InputPiece

_LENGTHS_AT_ONCE = 1 << 16


class SourceCounts:
    """Counts what becomes of the documents of one item. `to_row` has the counts as `merge_counts` adds them."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, str], list[int]] = {}  # (source, split) to documents, sentences, bytes out
        self._sentence_lengths: Counter[int] = Counter()
        self._lengths = array("Q")  # of sentences that are not in these counts yet
        self._faults: list[dict[str, Any]] = []
        self._of_filters: list[dict[str, Any]] = []
        self._rejected_of: Counter[str] = Counter()
        self._filtered_of: Counter[str] = Counter()
        self._filtered: Counter[str] = Counter()  # documents by reason
        self._filtered_bytes: Counter[str] = Counter()
        self.languages_without_rules: Counter[str] = Counter()

    def add(self, source: str, split: str, sentences: list[str], written: int) -> "array[int]":
        """Count a kept document, of which `written` bytes of text were written; returns the lengths of its sentences."""
        lengths = array("Q", map(len, sentences))
        count = self._of.setdefault((source, split), [0, 0, 0])
        count[0] += 1
        count[1] += len(sentences)
        count[2] += written
        self._lengths.extend(lengths)
        if len(self._lengths) > _LENGTHS_AT_ONCE:
            self._count_lengths()
        return lengths

    def add_filtered(self, source: str, reason: str, size: int) -> None:
        """Count a document that a filter took; `size` is in bytes of the input."""
        self._filtered_of[source] += 1
        self._filtered[reason] += 1
        self._filtered_bytes[reason] += size

    def add_of_filter(self, counts: dict[str, Any]) -> None:
        """Add what a filter counted, a dictionary under the name of a statistic, to the counts of the item."""
        self._of_filters.append(counts)
        if len(self._of_filters) > 1:
            self._of_filters = [merge_counts(self._of_filters)]

    def add_faults(self, piece: InputPiece, faults: SourceFaults) -> None:
        """Add what was wrong with a piece of the input."""
        self._faults.append(faults.counts())
        self._rejected_of[piece.source] += faults.rejected.total()

    def to_row(self, item: InputItem) -> ItemRow:
        """All counts, for the row of the item."""
        self._count_lengths()
        sources: dict[str, Any] = {}
        for piece in item.pieces:
            source = sources.setdefault(
                piece.source, dict.fromkeys(("documents", "sentences", "bytes_in", "bytes_out"), 0)
            )
            source["bytes_in"] += piece.size
            source["rejected"] = self._rejected_of[piece.source]
            if self._filtered:
                source["filtered"] = self._filtered_of[piece.source]
        splits: dict[str, Any] = {}
        for (name, split), (documents, sentences, written) in self._of.items():
            source = sources[name]
            source["documents"] += documents
            source["sentences"] += sentences
            source["bytes_out"] += written
            of_split = splits.setdefault(split, {"num_documents": 0, "num_sentences": 0})
            of_split["num_documents"] += documents
            of_split["num_sentences"] += sentences
        return {
            "splits": splits,
            "sources": sources,
            **merge_counts([*self._faults, *self._of_filters]),
            "filtered": dict(self._filtered),
            "filtered_bytes": dict(self._filtered_bytes),
            STATISTIC: dict(self.languages_without_rules),
            # sentences of 2**(i-1) to 2**i - 1 characters at i
            "sentence_length_log2": [
                self._sentence_lengths[i] for i in range(max(self._sentence_lengths, default=-1) + 1)
            ],
        }

    def _count_lengths(self) -> None:
        """Add the lengths to the counts: many at a time, since sentences are short and many."""
        self._sentence_lengths.update(map(int.bit_length, self._lengths))
        del self._lengths[:]
