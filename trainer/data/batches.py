"""Makes the batches of a split: cuts them from the order of `position.py`, parses, masks and packs them.

The batches from any step on are always the same. With on_corrupt = "skip" a record that cannot be used keeps its place:
its row is empty and has weights of 0, so it adds nothing to the loss. All other rows stay in their places, whether the
damage is known yet or not, and after a restart too.
"""

import copy
import dataclasses
import logging
from collections.abc import Iterator

import numpy as np

from beam_jobs.errors import UserError
from beam_jobs.masking.rules import MaskRules, mask_rules
from beam_jobs.records.counter_random import path_key
from beam_jobs.records.example_wire import INPUT_IDS
from beam_jobs.records.frame_reader import Records
from trainer.data.batch_settings import BatchSettings
from trainer.data.blocks import BlockReader, LoadedBlock
from trainer.data.first_record import first_record_is_dynamic
from trainer.data.masking_kernel import MaskedRows, RowPlan, UnmaskedInstances, mask_rows
from trainer.data.packing import PackRules, unit_rows
from trainer.data.parse import Fault, parse
from trainer.data.position import Order, block_rows
from trainer.data.record_index import INDEX_FOLDER, RecordIndex
from trainer.data.split import DataShard, DataSplit, open_split

logger = logging.getLogger("trainer")

Batch = dict[str, np.ndarray]

PARSED_AT_ONCE = 512  # rows at least, because a call costs as much as a few dozen rows
_MASKS = 3  # path element below (seed, epoch); position.py has others


class BatchSource:
    """The batches of one split.

    `open_batches` makes it, after checking what can be checked without reading everything.
    """

    def __init__(self, split: DataSplit, settings: BatchSettings, dynamic: bool) -> None:
        self.split, self.settings, self.dynamic = split, settings, dynamic
        self.skipped: dict[str, int] = {}  # records that could not be used so far, by shard
        self._tolerant, self._shape = settings.tolerant, settings.shape
        self._first_instance = np.cumsum([0, *(shard.records for shard in split.shards)])
        self._rules: MaskRules | None = None
        self._pack_rules: PackRules | None = None
        self._lengths: list[np.ndarray] | None = None
        self._length_of = np.zeros(0, np.uint16)  # pieces of every instance, if rows are packed
        counts = [shard.records for shard in split.shards]
        if dynamic:
            self._rules = mask_rules(
                split.vocabulary(),
                masking=settings.masking.kind,
                replace_per=settings.masking.replace_per,
                probability=settings.masking.probability,
                sequence_length=settings.sequence_length,
                max_predictions=settings.max_predictions,
            )
            if settings.packing:
                self._pack_rules = PackRules(settings.sequence_length, settings.max_predictions, self._rules.budgets)
                self._lengths = self._measure()
                self._length_of = np.concatenate(self._lengths)
                counts = [int(unit_rows(lengths, self._pack_rules).sum()) for lengths in self._lengths]
        self.order = Order(tuple(counts), settings.seed, block_rows(settings.sequence_length))

    def with_batch_size(self, rows: int) -> "BatchSource":
        """The same rows in other batches."""
        other = copy.copy(self)
        other.settings = dataclasses.replace(self.settings, batch_size=rows)
        return other

    @property
    def rows(self) -> int:
        """Rows of one epoch: records, or packed rows."""
        return self.order.total

    def batches(self, start: int, local_rows: np.ndarray | None = None) -> Iterator[Batch]:
        """The batches from number `start` (0-based, over all epochs) on, without end.

        Arrays are int32, weights float32: `input_ids`, `input_mask`, `segment_ids` [batch, length];
        `masked_lm_positions`, `masked_lm_ids`, `masked_lm_weights` [batch, predictions]; `next_sentence_labels`,
        `next_sentence_weights` [batch]. Packed rows have the last two as [batch, documents], and `block_ids`,
        `position_ids` [batch, length] and `cls_positions` [batch, documents]. With `local_rows`, bool [batch], only
        these rows are filled and the others are 0. This is for one of several hosts, each of which reads all shards.

        Raises UserError, naming the shard, for a damaged or unfit record, unless on_corrupt is "skip".
        """
        size = self.settings.batch_size
        together = size * max(1, PARSED_AT_ONCE // size)
        wanted = np.tile(np.ones(size, bool) if local_rows is None else local_rows, together // size)
        reader = BlockReader(self.split.shards, self._tolerant, self._lengths, self._pack_rules)
        blocks = reader.read(self.order.blocks(start * size))
        parts: list[Batch] = []
        filled = 0
        try:
            for loaded, first in blocks:
                self._note(reader.faults)
                order = loaded.block.order
                while first < len(order):
                    rows = order[first : first + together - filled]
                    parts.append(self._part(loaded, rows, wanted[filled : filled + len(rows)]))
                    first, filled = first + len(rows), filled + len(rows)
                    if filled == together:
                        whole = _joined(parts)
                        for at in range(0, together, size):
                            yield {name: values[at : at + size] for name, values in whole.items()}
                        parts, filled = [], 0
        finally:
            blocks.close()  # type: ignore[attr-defined]

    def _part(self, loaded: LoadedBlock, rows: np.ndarray, wanted: np.ndarray) -> Batch:
        """The `wanted` rows of a block, at their places among `rows`."""
        places = np.flatnonzero(wanted)
        chosen = rows[places]
        sizes = loaded.row_starts[chosen + 1] - loaded.row_starts[chosen]
        starts = np.concatenate(([0], np.cumsum(sizes)))
        members = np.arange(starts[-1]) + np.repeat(loaded.row_starts[chosen] - starts[:-1], sizes)
        records = Records(loaded.records.data, loaded.records.starts[members], loaded.records.ends[members])
        instances = loaded.instances[members]
        if self._rules is None:
            return self._static(records, instances, places, len(rows))
        return self._dynamic(records, instances, places, len(rows), starts, loaded.block.epoch, self._rules)

    def _static(self, records: Records, instances: np.ndarray, places: np.ndarray, count: int) -> Batch:
        fault = self._fault(instances)
        labels = self.settings.next_sentence
        parsed = parse(records, places, count, self._shape, dynamic=False, labels=labels, fault=fault)
        self._count(instances, parsed.good[places])
        return {
            "input_ids": parsed.ids,
            "input_mask": parsed.mask,
            "segment_ids": parsed.segments,
            "masked_lm_positions": parsed.positions,
            "masked_lm_ids": parsed.originals,
            "masked_lm_weights": parsed.weights,
            "next_sentence_labels": parsed.labels[:, 0],
            "next_sentence_weights": parsed.good.astype(np.float32),
        }

    def _dynamic(
        self,
        records: Records,
        instances: np.ndarray,
        places: np.ndarray,
        count: int,
        documents_at: np.ndarray,
        epoch: int,
        rules: MaskRules,
    ) -> Batch:
        fault = self._fault(instances)
        own = np.arange(len(records))
        parsed = parse(records, own, len(own), self._shape, dynamic=True, labels=True, fault=fault)
        self._count(instances, parsed.good)
        sizes = np.where(parsed.good, parsed.counts[:, INPUT_IDS], 0)
        self._require_measured(instances, sizes)
        rows = MaskedRows.empty(count, self._shape, self._pack_rules.documents if self._pack_rules else 0)
        mask_rows(
            UnmaskedInstances(parsed.ids, parsed.starts, sizes, parsed.lengths[:, 0], parsed.labels, instances),
            RowPlan(documents_at, places),
            rules,
            np.uint64(path_key(self.settings.seed, epoch, _MASKS)),
            rows,
        )
        batch = rows._asdict()
        if not self._pack_rules:
            for name in ("block_ids", "position_ids", "cls_positions"):
                del batch[name]
            for name in ("next_sentence_labels", "next_sentence_weights"):
                batch[name] = batch[name][:, 0]
        return batch

    def _require_measured(self, instances: np.ndarray, sizes: np.ndarray) -> None:
        """Raise UserError unless packed records have the lengths of the index, by which the rows were planned."""
        if self._lengths is None:
            return
        for instance in instances[(sizes > 0) & (sizes != self._length_of[instances])]:
            shard, record = self._shard_of(int(instance))
            index = f"{self.split.folder}/{INDEX_FOLDER}"
            raise UserError(
                f"{shard.uri}: record {record} has another length than it had; remove {index} and start again"
            )

    def _measure(self) -> list[np.ndarray]:
        index = RecordIndex(self.split.folder)
        shards = self.split.shards
        return [index.lengths(shard.name, shard.uri, shard.bytes, shard.records, self._tolerant) for shard in shards]

    def _shard_of(self, instance: int) -> tuple[DataShard, int]:
        shard = int(np.searchsorted(self._first_instance, instance, "right")) - 1
        return self.split.shards[shard], instance - int(self._first_instance[shard])

    def _fault(self, instances: np.ndarray) -> Fault:
        def fault(i: int, why: str) -> None:
            shard, record = self._shard_of(int(instances[i]))
            text = f"{shard.uri}: record {record} cannot be used: {why}"
            if not self._tolerant:
                raise UserError(text)
            self._note({shard.uri: text})

        return fault

    def _note(self, faults: dict[str, str]) -> None:
        for uri, why in faults.items():
            if uri not in self.skipped:
                self.skipped[uri] = 0
                logger.warning(f'{why}; passed over, as on_corrupt = "skip" says, like all of it that cannot be used')

    def _count(self, instances: np.ndarray, good: np.ndarray) -> None:
        for instance in instances[~good]:
            shard, record = self._shard_of(int(instance))
            self._note({shard.uri: f"{shard.uri}: record {record} is damaged"})
            self.skipped[shard.uri] += 1


def open_batches(folder: str, split: str, settings: BatchSettings) -> BatchSource:
    """The batches of a split of a folder.

    Raises UserError when shards are missing or damaged, or records do not fit the settings, as far as the manifest, the
    sizes of the files and the first record tell.
    """
    found = open_split(folder, split, tolerant=settings.tolerant)
    return BatchSource(found, settings, first_record_is_dynamic(found, settings))


def _joined(parts: list[Batch]) -> Batch:
    if len(parts) == 1:
        return parts[0]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
