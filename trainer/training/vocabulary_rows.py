"""Fits the rows of a checkpoint's word table to those of the network, if the padding differs (`vocab.padding`)."""

import dataclasses

import numpy as np

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.storage.paths import is_remote
from trainer.export.weight_map import ImportedModel
from vocab.padding import fits
from vocab.vocabulary import split_pieces

TABLE, BIAS = "embeddings/word_embeddings", "masked_lm/bias"


def fit_rows(imported: ImportedModel, rows: int, pieces: int) -> ImportedModel:
    """The checkpoint with `rows` rows in word table and output bias, of which `pieces` belong to a piece.

    Other rows are cut off or added. Added rows are 0 in the table, and have the lowest bias that occurs, so that they
    are as unlikely as the least likely piece. A checkpoint of another vocabulary is returned unchanged.
    """
    there = imported.config.vocab_size
    if rows == there or not (fits(pieces, there) and fits(pieces, rows)):
        return imported
    weights = dict(imported.weights)
    for name, fill in ((TABLE, 0.0), (BIAS, float(weights[BIAS].min()) if BIAS in weights else 0.0)):
        if name in weights:
            value = weights[name][:rows]
            more = np.full((rows - len(value), *value.shape[1:]), fill, value.dtype)
            weights[name] = np.concatenate([value, more])
    config = dataclasses.replace(imported.config, vocab_size=rows)
    return dataclasses.replace(imported, config=config, weights=weights)


def check_pieces(checkpoint: str, rows: int, pieces: int) -> None:
    """Raise UserError if the vocabulary beside a checkpoint shows that its `rows` are not `pieces`, padded."""
    folder = checkpoint
    if not is_remote(checkpoint) and not storage.local_path(checkpoint).is_dir():
        folder = str(storage.local_path(checkpoint).parent)
    path = storage.join(folder, "vocab.txt")
    content = None if rows == pieces else storage.read_if_there(path)
    if content is None:
        return
    there = len(split_pieces(content, path))
    if there != pieces:
        raise UserError(
            f"{path}: has {there:,} pieces, but the vocabulary to train with has {pieces:,}; begin with a checkpoint of the "
            "same vocabulary"
        )
