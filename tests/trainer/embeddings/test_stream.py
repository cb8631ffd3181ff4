import io

import numpy as np
import pyarrow.parquet as pq
import pytest
from tiny_models import TEXTS

from beam_jobs.errors import UserError
from trainer.embeddings.stream import model_digest, open_embedder, write_stream


def opened(folder, options):
    return open_embedder(folder, options, model_digest(folder, options))


@pytest.mark.parametrize("per", ["text", "word"])
def test_the_vectors_of_a_stream_are_those_of_the_embedder(per, folder_of, monkeypatch):
    monkeypatch.setattr("trainer.embeddings.stream._TEXTS_AT_ONCE", 2)
    embedder = opened(folder_of("bert"), {"per": per})
    stream = io.BytesIO()
    counts = write_stream(embedder, stream, ((str(number), text) for number, text in enumerate(TEXTS)))
    rows = pq.read_table(stream).to_pylist()
    wanted = embedder.embed(TEXTS)
    assert [row["id"] for row in rows] == ["0", "1", "2", "3", "4"]
    found = [row["vector"] if per == "text" else [word["vector"] for word in row["words"]] for row in rows]
    for row, text in zip(found, wanted.texts, strict=True):
        np.testing.assert_allclose(np.reshape(row, text.vectors.shape), text.vectors, atol=1e-6)
    assert counts["texts"] == 5
    assert counts["vectors"] == len(wanted.vectors)
    assert counts["cut"] == wanted.cut == 1
    assert counts["pieces"] == sum(text.length for text in wanted.texts)


def test_a_stream_without_texts_is_an_empty_table(folder_of):
    stream = io.BytesIO()
    counts = write_stream(opened(folder_of("bert"), {}), stream, iter(()))
    assert (counts["texts"], pq.read_table(stream).num_rows) == (0, 0)


def test_the_digest_tells_models_apart(folder_of):
    assert model_digest(folder_of("bert"), {}) == model_digest(folder_of("bert"), {"batch": 3})
    assert model_digest(folder_of("bert"), {}) != model_digest(folder_of("sentences"), {})
    assert model_digest(folder_of("bert"), {}) != model_digest(folder_of("albert"), {})


def test_another_model_than_that_of_the_digest_is_refused(folder_of):
    with pytest.raises(
        UserError, match=r"^--model .*: its weights, network or tokenizer changed after the job had begun"
    ):
        open_embedder(folder_of("bert"), {}, model_digest(folder_of("sentences"), {}))
