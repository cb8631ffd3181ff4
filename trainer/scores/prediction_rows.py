"""The rows of `predictions/*.jsonl`: one JSON object an example, in the order of the input.

Labels are by name and places are characters of the original text, so that a row can be read without the model. Where the
right answer is known, the row carries it as `gold`; then a file of predictions is all that `score` and `compare` need.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from trainer.scores.entities import decode, scheme_of
from trainer.scores.multi_label import THRESHOLD, chosen
from trainer.scores.n_best import NO_SPAN_ODDS, NBest


def label_row(id: str, probabilities: Mapping[str, float], gold: str | None = None) -> dict[str, Any]:
    """One label: `label` is the most probable one, the first of equals. `probabilities` are in the order of the labels."""
    label = max(probabilities, key=lambda name: probabilities[name])
    return _with_gold({"id": id, "label": label, "probabilities": dict(probabilities)}, gold)


def labels_row(
    id: str, probabilities: Mapping[str, float], gold: Sequence[str] | None = None, threshold: float = THRESHOLD
) -> dict[str, Any]:
    """Any number of labels: those that are at least as probable as the threshold."""
    row = {"id": id, "labels": list(chosen(probabilities, threshold)), "probabilities": dict(probabilities)}
    return _with_gold(row, None if gold is None else list(gold))


def value_row(id: str, value: float, gold: float | None = None) -> dict[str, Any]:
    """A number."""
    return _with_gold({"id": id, "value": value}, gold)


def tags_row(
    id: str,
    words: Sequence[str],
    tags: Sequence[str],
    gold: Sequence[str] | None = None,
    text: str | None = None,
    offsets: Sequence[tuple[int, int]] | None = None,
) -> dict[str, Any]:
    """A tag for each word, and the entities that the tags mean, by the rule of `entities.decode`.

    `start` and `end` of an entity are characters of `text`, in which word i is `[offsets[i][0], offsets[i][1])`. Without
    them, the text is the words with a space between them. Tags such as parts of speech mean no entities.
    """
    if text is None or offsets is None:
        text, offsets = " ".join(words), _joined_offsets(words)
    entities = []
    for entity in decode(tags) if scheme_of([tags]) else ():
        start, end = offsets[entity.first_word][0], offsets[entity.last_word_exclusive - 1][1]
        entities.append({"type": entity.type, "start": start, "end": end, "text": text[start:end]})
    row = {"id": id, "words": list(words), "tags": list(tags), "entities": entities}
    return _with_gold(row, None if gold is None else list(gold))


def answer_row(
    id: str, best: NBest, gold: Sequence[str] | None = None, null_threshold: float | None = 0.0
) -> dict[str, Any]:
    """An answer; `answer` is empty, and `start` and `end` are null, where it is "no answer".

    `score` is that of the answer given, `null_score` that of no answer. `n_best` are spans only, the best first.
    """
    answer = best.answer(null_threshold)
    spans = [
        {"text": a.text, "start": a.start, "end": a.end, "score": a.score, "probability": a.probability}
        for a in best.answers
    ]
    row = {
        "id": id,
        "answer": answer.text if answer else "",
        "start": answer.start if answer else None,
        "end": answer.end if answer else None,
        "score": answer.score if answer else best.null_score,
        "null_score": best.null_score,
        "n_best": spans,
    }
    return _with_gold(row, None if gold is None else list(gold))


def squad_predictions(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """SQuAD's predictions.json: the text of each answer by the id of its question, empty for "no answer"."""
    return {str(row["id"]): row["answer"] for row in rows}


def squad_null_odds(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """SQuAD's null_odds.json: the score of no answer minus that of the best span, by the id of the question."""
    return {str(row["id"]): null_odds(row) for row in rows}


def null_odds(row: Mapping[str, Any]) -> float:
    """The score of no answer minus that of the best span, from a row that `answer_row` made."""
    return row["null_score"] - row["n_best"][0]["score"] if row["n_best"] else NO_SPAN_ODDS


def _joined_offsets(words: Sequence[str]) -> list[tuple[int, int]]:
    offsets, start = [], 0
    for word in words:
        offsets.append((start, start + len(word)))
        start += len(word) + 1
    return offsets


def _with_gold(row: dict[str, Any], gold: Any) -> dict[str, Any]:
    return row if gold is None else {**row, "gold": gold}
