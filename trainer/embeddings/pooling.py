"""From the vectors of pieces to one vector for a text or a word: arrays in, arrays out."""

import numpy as np

from trainer.embeddings.settings import CLS, MAX, MEAN

_SMALLEST = 1e-12  # a norm below it is taken for it, as in torch.nn.functional.normalize


def pool(vectors: np.ndarray, pooling: str) -> np.ndarray:
    """One vector for all pieces: float32 [width].

    Args:
        vectors: float32 [pieces, width], of at least one piece.
        pooling: "mean", "max", or "cls" for the first piece. Mean and maximum are over all pieces, [CLS] and [SEP] too,
            as in sentence-transformers (Reimers and Gurevych 2019).
    """
    if pooling == CLS:
        return vectors[0]
    if pooling == MAX:
        return np.asarray(vectors.max(axis=0))
    if pooling != MEAN:
        raise ValueError(f"no pooling over pieces: {pooling}")
    return vectors.mean(axis=0, dtype=np.float64).astype(np.float32)


def pool_groups(vectors: np.ndarray, groups: np.ndarray, pooling: str) -> np.ndarray:
    """One vector for each group of pieces, such as a word: float32 [groups, width].

    Args:
        vectors: float32 [pieces, width].
        groups: int [pieces]: the group of each piece, from 0 with none left out; -1 for a piece of no group.
        pooling: as of `pool`.
    """
    found = np.zeros((int(groups.max(initial=-1)) + 1, vectors.shape[1]), np.float32)
    for group in range(len(found)):
        found[group] = pool(vectors[groups == group], pooling)
    return found


def normalized(vectors: np.ndarray) -> np.ndarray:
    """Vectors [..., width] of length 1, float32; those of length 0 stay."""
    length = np.linalg.norm(vectors.astype(np.float64), axis=-1, keepdims=True)
    return (vectors / np.maximum(length, _SMALLEST)).astype(np.float32)
