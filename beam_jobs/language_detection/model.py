"""The model of py3langid as arrays of integers, so that a text gets the same language from every processor."""

import functools
import hashlib
import importlib.util
import io
import lzma
import shutil
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from beam_jobs.errors import UserError
from beam_jobs.language_detection.languages import detected_code

PACKAGE, VERSION = "py3langid", "0.4.0"
_MODEL_SHA256 = "f4f4a2c3465ca1f081541037f9cac23021d68151c2f709c55ae5eedfca522963"
_REMEDY = f"pip install {PACKAGE}=={VERSION}"

WEIGHT_SCALE = 1 << 9
"""Log-probabilities in nats times this number are stored. They are float16 of 2 to 16, so that none is rounded."""
COUNT_SCALE = 1 << 10
SCORE_SCALE = WEIGHT_SCALE * COUNT_SCALE
"""A score is a log-probability in nats times this number."""

MOST_COUNTED = 4096
"""A feature that occurs more often counts as if it occurred so often."""

_ONE_AT_A_TIME = threading.Lock()  # threads of a process share the model
_ALIGNED = 16  # columns: a kernel then needs no code for a remainder, and takes half the time
_ROWS_AT_ONCE = 4096  # so that there is never a copy of the whole model in float64


class ModelTables(NamedTuple):
    """The arrays of a model."""

    label_of_column: np.ndarray  # int32 [languages]; a language of two scripts has two columns and one label
    next_states: np.ndarray  # uint32 [rows * 256], by row and byte
    states: np.ndarray  # int64 [states]: row of the state << 32 | feature that ends there + 1, or 0 for none
    weights: np.ndarray  # int16 [features, columns], at most 0, times WEIGHT_SCALE; zeros in columns without a label
    prior: np.ndarray  # int64 [columns], at most 0, times SCORE_SCALE
    log_counts: np.ndarray  # int32 [MOST_COUNTED + 1]: log(1 + count) times COUNT_SCALE, rounded


class DetectionModel(NamedTuple):
    """A naive Bayes model over byte sequences, which an automaton finds (Lui and Baldwin, "langid.py", ACL 2012).

    The score of a language is its prior plus the sum over all features in a text of log(1 + count) times the feature's
    log-probability. The maximum of each feature and of the prior is subtracted, which changes no difference of scores.
    """

    labels: tuple[str, ...]
    tables: ModelTables


def detection_model() -> DetectionModel:
    """The model of the installed py3langid, made in about half a second and then kept. It takes 70 MB.

    Raises:
        UserError: as `model_file` does.
    """
    with _ONE_AT_A_TIME:
        return _read_model()


@functools.cache
def _read_model() -> DetectionModel:
    with tempfile.TemporaryFile() as content:  # not in memory, where it would take as much as the model again
        with lzma.open(io.BytesIO(model_file())) as stored:
            shutil.copyfileobj(stored, content, 1 << 20)
        content.seek(0)
        with np.load(content, allow_pickle=False) as arrays:
            return _model_of(arrays)


def model_file() -> bytes:
    """The content of the file with the model, 4.6 MB.

    Raises:
        UserError: py3langid is not installed, or in another version, whose model would find other languages.
    """
    spec = importlib.util.find_spec(PACKAGE)
    path = Path(spec.origin).parent / "data" / "model.npz.xz" if spec and spec.origin else None
    if path is None or not path.exists():
        raise UserError(
            f"--detect_language and --languages use the language model of {PACKAGE} {VERSION}, which is not installed "
            f"for {sys.executable}; {_REMEDY}"
        )
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != _MODEL_SHA256:
        raise UserError(
            f"{path} is not the language model of {PACKAGE} {VERSION}, so it would find other languages; {_REMEDY}"
        )
    return data


def _model_of(arrays: Mapping[str, np.ndarray]) -> DetectionModel:
    names = [detected_code(name) for name in arrays["classes"].tolist()]
    labels = tuple(dict.fromkeys(names))
    rows, features = (arrays[name].astype(np.int64) for name in ("nextmove_row", "out_feat"))
    weights = _integer_weights(arrays["ptc"])
    prior = np.zeros(weights.shape[1], np.int64)
    of_languages = arrays["pc"].astype(np.float64)
    prior[: len(names)] = np.rint((of_languages - of_languages.max()) * SCORE_SCALE)
    tables = ModelTables(
        np.array([labels.index(name) for name in names], np.int32),
        arrays["nextmove"],
        rows << 32 | (features + 1),
        weights,
        prior,
        np.rint(np.log1p(np.arange(MOST_COUNTED + 1)) * COUNT_SCALE).astype(np.int32),
    )
    return DetectionModel(labels, tables)


def _integer_weights(log_probabilities: np.ndarray) -> np.ndarray:
    features, columns = log_probabilities.shape
    weights = np.zeros((features, -(-columns // _ALIGNED) * _ALIGNED), np.int16)
    for first in range(0, features, _ROWS_AT_ONCE):
        rows = log_probabilities[first : first + _ROWS_AT_ONCE].astype(np.float64)
        weights[first : first + len(rows), :columns] = (rows - rows.max(axis=1, keepdims=True)) * WEIGHT_SCALE
    return weights
