"""Vectors of a stream of texts as one Parquet file: what the workers of the Beam job `embed` do.

That job loads this module by its name, because the jobs import nothing of the trainer.
"""

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

import numpy as np

from beam_jobs.errors import UserError
from trainer.embeddings.embedder import Embedder, ReadModel, read_model
from trainer.embeddings.settings import EmbedSettings
from trainer.embeddings.writers import Row, write_parquet

_TEXTS_AT_ONCE = 2048  # sorted by length together, and given back in order


def open_embedder(model: str, options: Mapping[str, Any], digest: str) -> Embedder:
    """The model whose `model_digest` is `digest`, with the `EmbedSettings` of these names and values.

    Raises UserError as `Embedder` does, and if another model lies there now.
    """
    settings = EmbedSettings(**options)
    settings.validate()
    read = read_model(model, settings)
    if _digest(read) != digest:
        raise UserError(
            f"--model {model}: its weights, network or tokenizer changed after the job had begun; put the model back, and the "
            "same command goes on, or embed with the new one into another --output"
        )
    return Embedder(model, settings, read)


def write_stream(embedder: Embedder, stream: BinaryIO, texts: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Write a row for each (id, text), in order, as `trainer embed` writes a .parquet file.

    Only some of the texts are in memory at a time. Returns counts: `texts`, `vectors`, `cut`, the texts that were longer than what
    is read, and `pieces` that were read.
    """
    counts = {"texts": 0, "vectors": 0, "cut": 0, "pieces": 0}

    def rows() -> Iterator[Row]:
        remaining = iter(texts)
        while some := list(itertools.islice(remaining, _TEXTS_AT_ONCE)):
            found = embedder.vectors(embedder.rows([text for _, text in some]))
            for (id, _), vectors in zip(some, found, strict=True):
                counts["texts"] += 1
                counts["vectors"] += len(vectors.vectors)
                counts["cut"] += vectors.cut > 0
                counts["pieces"] += vectors.length
                yield id, vectors

    write_parquet(stream, rows(), embedder.width, embedder.settings.per)
    return counts


def model_digest(model: str, options: Mapping[str, Any]) -> str:
    """A hash of what decides the vectors of a model beside the settings: network, weights and tokenizer."""
    return _digest(read_model(model, EmbedSettings(**options)))


def _digest(read: ReadModel) -> str:
    start, sentence = read.start, read.sentence
    told = [
        start.imported.config.to_dict(),
        sentence and [sentence.lower, sentence.max_seq_length, sentence.pooling, sentence.normalize],
    ]
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    for name, content in sorted(start.tokenizer.items()):
        digest.update(name.encode() + content)
    for name, weight in sorted(start.imported.weights.items()):
        digest.update(name.encode() + np.ascontiguousarray(weight, np.float32).tobytes())
    return digest.hexdigest()[:16]
