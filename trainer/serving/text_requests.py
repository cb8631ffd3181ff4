"""Requests about texts with gaps, and about the pieces of texts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from trainer.serving.fields import flag_field, number_field, texts_field
from trainer.serving.load import MOST_FILLINGS
from trainer.serving.row_queue import Outputs, Row
from trainer.serving.served_model import Prepared, ServedModel
from trainer.serving.settings import FILL_MASK

FILL_FIELDS = (
    texts_field("inputs", "a text with [MASK] where a word is missing, or a list of such texts"),
    number_field("top", "how many pieces are proposed for each gap", 5, 1, MOST_FILLINGS),
)
TOKENIZE_FIELDS = (
    texts_field("inputs", "a text, or a list of texts"),
    flag_field("add_special_tokens", "show [CLS] and [SEP] too", default=True),
)


def fill_gaps(model: ServedModel, values: Mapping[str, Any]) -> Prepared:
    """`POST /fill_mask`."""
    mask, texts, top = model.mask, values["inputs"], values["top"]
    assert mask is not None, "the endpoint is served only if there is one"
    of_texts = [mask.rows(text, f"inputs[{number}]") for number, text in enumerate(texts)]
    rows = [_row(ids, places) for some in of_texts for ids, places in some]

    def finish(outputs: Sequence[tuple[np.ndarray, np.ndarray]]) -> dict[str, Any]:
        left, found = iter(outputs), []
        for text, some in zip(texts, of_texts, strict=True):
            gaps = [gap for _ in some for gap in zip(*next(left), strict=True)][: mask.count(text)]
            found.append([_fillings(model, *gap, top) for gap in gaps])
        return {"fillings": found}

    return Prepared(rows, finish)


def tokenize_texts(model: ServedModel, values: Mapping[str, Any]) -> Prepared:
    """`POST /tokenize`; in the form of text-embeddings-inference. It needs no row of the network."""
    texts, special, pieces = values["inputs"], values["add_special_tokens"], model.embedder.pieces
    answer = []
    for found in pieces.encode(texts):
        shown = [
            {"id": id, "text": name, "special": False, "start": start, "stop": stop}
            for id, name, start, stop in zip(
                found.ids.tolist(), pieces.names(found.ids), found.starts.tolist(), found.ends.tolist(), strict=True
            )
        ]
        if special:
            first, last = (
                {"id": id, "text": pieces.names([id])[0], "special": True, "start": None, "stop": None}
                for id in (pieces.cls_id, pieces.sep_id)
            )
            shown = [first, *shown, last]
        answer.append(shown)
    return Prepared((), lambda _: answer)


def _row(ids: np.ndarray, places: np.ndarray) -> Row:
    def reduce(outputs: Outputs) -> tuple[np.ndarray, np.ndarray]:
        return outputs["pieces"].copy(), outputs["probabilities"].copy()

    inputs = {"input_ids": ids, "segment_ids": np.zeros_like(ids)}
    return Row(FILL_MASK, inputs, reduce, {"masked_lm_positions": places})


def _fillings(model: ServedModel, pieces: np.ndarray, probabilities: np.ndarray, top: int) -> list[dict[str, Any]]:
    names = model.embedder.pieces.names(pieces[:top])
    return [
        {"piece": name, "probability": float(value)} for name, value in zip(names, probabilities[:top], strict=True)
    ]
