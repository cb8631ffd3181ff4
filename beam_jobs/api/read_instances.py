"""`beam_jobs.read_instances`: the instances of a folder, one after the other, as arrays and as words."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from beam_jobs.decoding.decode import Instance
from beam_jobs.inspection.inspected_corpus import open_corpus
from beam_jobs.inspection.render import PREDICTED, Span, render_plain, spans
from beam_jobs.inspection.scan import read_batches
from vocab.vocabulary import Vocabulary


@dataclass(frozen=True)
class DecodedInstance:
    """One instance and its place.

    `str(instance)` shows the words of both segments, with predictions as `[given→original]`.
    """

    shard: str
    """The name of its shard, relative to the folder."""
    record: int
    """Its number in the shard, from 0."""
    arrays: Instance
    """What is stored: ids, mask, segments, predictions, label."""
    vocabulary: Vocabulary = field(repr=False)

    @property
    def pieces(self) -> list[str]:
        """The pieces that the model is given, with [CLS] and [SEP] but without padding."""
        return [span.seen for span in self.spans]

    @property
    def predictions(self) -> dict[int, str]:
        """The pieces to predict, by position; empty for an instance that is masked on the fly."""
        return {span.position: span.original for span in self.spans if span.kind in PREDICTED}

    @property
    def label(self) -> int | None:
        """The second-segment label: 0 if B follows A, 1 if it is random or swapped; None if no label is stored."""
        labels = self.arrays.next_sentence_labels
        return None if labels is None or not len(labels) else int(labels[0])

    @property
    def spans(self) -> list[Span]:
        """Every piece with its position, segment and kind; see `Span`."""
        return spans(self.arrays, self.vocabulary)

    def __str__(self) -> str:
        return render_plain(self.arrays, self.vocabulary)


def read_instances(
    *paths: str | Path, vocab_file: str = "", model_class: str = "", vocab_dir: str = ""
) -> Iterator[DecodedInstance]:
    """The instances in folders, shards, globs or URIs, in order: static or dynamic ones, from any tool.

        for instance in read_instances("corpus/instances/train"):
            print(instance.label, instance.pieces, instance.predictions)

    Shards are read as a stream: memory does not grow with them. All checksums are checked.

    Args:
        paths: the output of an instances or corpus job, a folder in it, shards, or globs or URIs of them.
        vocab_file: the vocab.txt of the shards, if there is none beside them.
        model_class: a model class with that vocabulary, instead of `vocab_file`.
        vocab_dir: the folder where vocabularies of model classes are kept.

    Raises:
        UserError: at once if there is no shard or no vocabulary; while reading if a shard is damaged or a record is not
            an instance.
    """
    corpus = open_corpus([str(path) for path in paths], vocab_file, model_class, vocab_dir)

    def instances() -> Iterator[DecodedInstance]:
        for shard in corpus.shards:
            for batch in read_batches(shard):
                for row in range(len(batch)):
                    yield DecodedInstance(shard.name, batch.first_record + row, batch.instance(row), corpus.vocabulary)

    return instances()
