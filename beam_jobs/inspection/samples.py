"""A few instances of a finished corpus for people to look at: `samples.jsonl` and `samples.txt`.

A hash of the seed and of the sizes of the shards chooses them. So they do not depend on the workers, and a larger
number of samples begins with the same ones. The records of a shard are in random order, so samples can be taken from
its beginning, which is the only part that can be read without decompressing the rest.
"""

import json
import logging
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np

from beam_jobs import storage
from beam_jobs.decoding.decode import Instance, MalformedRecordError, decode_instance
from beam_jobs.errors import UserError
from beam_jobs.inspection.render import PREDICTED, render_plain, segments, spans, title
from beam_jobs.records import SAMPLES_NAME, SAMPLES_TEXT_NAME, VOCABULARY_NAME, Shard
from beam_jobs.records.counter_random import draw, path_key
from beam_jobs.records.tfrecord_stream import read_records
from beam_jobs.settings import InstanceSettings
from beam_jobs.settings.objectives import BERT_LABELS
from vocab.vocabulary import Vocabulary, parse_vocabulary

FIRST_RECORDS = 1000
"""Samples are chosen among so many records at the beginning of a shard."""

_SAMPLES_PATH = 0x5A3B1E  # differs from the path elements of shards and documents, which are small numbers
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sample:
    """One instance and its place in the corpus."""

    shard: str
    record: int
    instance: Instance


def write_samples(
    output: str, shards: Sequence[Shard], settings: InstanceSettings, vocabulary_name: str = VOCABULARY_NAME
) -> list[Sample]:
    """Choose `num_logged_samples` instances of the finished shards, write both files below `output`, and log them."""
    vocabulary = parse_vocabulary(storage.read_bytes(storage.join(output, vocabulary_name)), vocabulary_name)
    places = pick_samples([shard.records for shard in shards], settings.num_logged_samples, settings.random_seed)
    uris = {shard.name: storage.join(output, shard.name) for shard in shards}
    samples = read_samples(uris, [(shards[i].name, record) for i, record in places])
    lines = "".join(json.dumps(to_json(sample, vocabulary), ensure_ascii=False) + "\n" for sample in samples)
    storage.write_atomically(storage.join(output, SAMPLES_NAME), lines.encode())
    labels = settings.objective_rules.label_words
    texts = [to_text(sample, vocabulary, labels) for sample in samples]
    storage.write_atomically(storage.join(output, SAMPLES_TEXT_NAME), "\n".join(texts).encode())
    for text in texts:
        _LOG.info("sample instance %s", text.rstrip())
    return samples


def pick_samples(
    records: Sequence[int], count: int, seed: int, first_records: int = FIRST_RECORDS
) -> list[tuple[int, int]]:
    """(shard, record) of `count` different records, or of all that may be chosen when there are fewer.

    Args:
        records: the number of records of each shard. The probability of a shard is proportional to it.
        count: how many to choose. A larger count begins with the samples of a smaller one.
        seed: the corpus's random seed.
        first_records: only these at the beginning of a shard may be chosen.
    """
    ends = list(accumulate(records))
    places = list(accumulate((min(number, first_records) for number in records), initial=0))
    key, chosen = np.uint64(path_key(seed, _SAMPLES_PATH)), dict[int, None]()
    for counter in range(min(count, places[-1])):
        shard = bisect_right(ends, int(draw(key, 2 * counter)) % ends[-1])
        place = places[shard] + int(draw(key, 2 * counter + 1)) % min(records[shard], first_records)
        while place in chosen:  # already chosen, so take the next free one
            place = (place + 1) % places[-1]
        chosen[place] = None
    shards = [bisect_right(places, place) - 1 for place in chosen]
    return [(shard, place - places[shard]) for shard, place in zip(shards, chosen, strict=True)]


def read_samples(uris: Mapping[str, str], places: Sequence[tuple[str, int]]) -> list[Sample]:
    """The instances at (shard, record), in the given order. Each shard is read once, and no further than necessary.

    `uris` maps the names of shards to their places. Raises UserError, naming shard and record, if there is no instance.
    """
    found: dict[tuple[str, int], Sample] = {}
    for shard in dict.fromkeys(shard for shard, _ in places):
        wanted, uri = [record for name, record in places if name == shard], uris[shard]
        try:
            with storage.open_input(uri) as stream:
                for record, data in read_records(stream, uri, wanted):
                    found[shard, record] = Sample(shard, record, _decode(data, uri, record))
        except storage.DamagedFileError as error:
            raise UserError(f"{error}; copy or make it again") from error
    return [found[place] for place in places]


def _decode(data: bytes, uri: str, record: int) -> Instance:
    try:
        return decode_instance(data)
    except MalformedRecordError as error:
        raise UserError(f"{uri}: record {record} is no pretraining instance: {error}") from error


def to_json(sample: Sample, vocabulary: Vocabulary) -> dict[str, Any]:
    """A sample as JSON values: pieces as the model sees them, what is predicted and from what, the label, the words."""
    instance = sample.instance
    pieces = spans(instance, vocabulary)
    predicted = [span for span in pieces if span.kind in PREDICTED]
    labels = instance.next_sentence_labels
    return {
        "shard": sample.shard,
        "record": sample.record,
        "tokens": [span.seen for span in pieces],
        "segment_lengths": [len(part) for part in segments(instance, vocabulary)],
        "masked_lm_positions": [span.position for span in predicted],
        "masked_lm_tokens": [span.original for span in predicted],
        "replaced_by": [span.kind for span in predicted],
        "next_sentence_label": None if labels is None else labels.tolist()[0],
        "text": render_plain(instance, vocabulary).split("\n"),
    }


def to_text(sample: Sample, vocabulary: Vocabulary, labels: Sequence[str] = BERT_LABELS) -> str:
    """A sample as lines of text with a final newline: its place, a summary, and its segments as words."""
    head = f"{sample.shard} record {sample.record}: {title(sample.instance, vocabulary, labels)}"
    return f"{head}\n{render_plain(sample.instance, vocabulary)}\n"
