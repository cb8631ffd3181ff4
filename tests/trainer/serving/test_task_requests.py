import json

import pytest
from tiny_servers import post, refusal

from trainer.finetuning.predict import PredictSettings, predict

TEXTS = ["den film var god", "Kari bor i Oslo .", "en bok og en film"]
CONTEXT = "Kari bor i Oslo . Ola bor i Bergen og hvor en bok var god"


def predicted(folder, rows, tmp_path):
    """What `trainer predict` writes."""
    path = tmp_path / "new.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    found = predict(folder, str(path), PredictSettings()).rows
    return [{name: value for name, value in row.items() if name != "id"} for row in found]


def close(found, wanted):
    """Compare rows of predictions: words exactly, numbers nearly."""
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert one.keys() == other.keys()
        for name, value in other.items():
            if isinstance(value, dict | float):
                assert one[name] == pytest.approx(value, abs=1e-5)
            else:
                assert one[name] == value


def test_labels_are_those_of_predict(server_of, served_folder, tmp_path):
    status, answer = post(server_of("classify"), "/predict", {"inputs": TEXTS})
    assert status == 200
    close(answer["predictions"], predicted(served_folder("classify"), [{"text": text} for text in TEXTS], tmp_path))
    close(post(server_of("classify"), "/predict", {"inputs": TEXTS[0]})[1]["predictions"], answer["predictions"][:1])
    assert post(server_of("classify"), "/predict", {"inputs": []}) == (200, {"predictions": []})


def test_numbers_and_pairs_are_those_of_predict(server_of, served_folder, tmp_path):
    _, answer = post(server_of("regress"), "/predict", {"inputs": TEXTS})
    close(answer["predictions"], predicted(served_folder("regress"), [{"text": text} for text in TEXTS], tmp_path))
    pair = {"text": TEXTS[0], "pair": TEXTS[1]}
    _, answer = post(server_of("pairs"), "/predict", {"inputs": pair})
    close(
        answer["predictions"], predicted(served_folder("pairs"), [{"text": TEXTS[0], "text_pair": TEXTS[1]}], tmp_path)
    )


def test_tags_are_those_of_predict(server_of, served_folder, tmp_path):
    words = TEXTS[1].split()
    long = TEXTS[2].split() * 6  # in several windows
    inputs = [{"words": words}, TEXTS[1], {"words": long}]
    _, answer = post(server_of("tag"), "/predict", {"inputs": inputs})
    close(
        answer["predictions"],
        predicted(served_folder("tag"), [{"tokens": words}, {"tokens": words}, {"tokens": long}], tmp_path),
    )
    for entity in answer["predictions"][1]["entities"]:
        assert TEXTS[1][entity["start"] : entity["end"]] == entity["text"]


def test_answers_are_those_of_predict(server_of, served_folder, tmp_path):
    asked = [{"question": "hvor bor Kari", "context": CONTEXT}, {"question": "hvor bor Ola", "context": CONTEXT}]
    _, answer = post(server_of("answer"), "/answer", {"inputs": asked, "n_best": 20})
    rows = [{"id": str(i), **one, "answers": {"text": [], "answer_start": []}} for i, one in enumerate(asked)]
    wanted = [
        {k: v for k, v in row.items() if k != "gold"} for row in predicted(served_folder("answer"), rows, tmp_path)
    ]
    assert [row["answer"] for row in answer["answers"]] == [row["answer"] for row in wanted]
    for found, right in zip(answer["answers"], wanted, strict=True):
        assert CONTEXT[found["start"] : found["end"]] == found["answer"]
        assert [span["text"] for span in found["n_best"][:3]] == [span["text"] for span in right["n_best"][:3]]
        assert found["score"] == pytest.approx(right["score"], abs=1e-5)
    _, alone = post(server_of("answer"), "/answer", {**asked[0], "n_best": 1})
    assert alone["answers"][0]["answer"] == answer["answers"][0]["answer"]
    assert len(alone["answers"][0]["n_best"]) == 1


def test_what_is_cut_is_refused_or_told(server_of):
    text = "en film " * 9
    status, field, message = refusal(server_of("classify"), "/predict", {"inputs": ["god", text]})
    assert (status, field) == (422, "inputs[1]")
    assert "is 20 pieces long, and 16 are read" in message
    _, answer = post(server_of("classify"), "/predict", {"inputs": ["god", text], "truncate": True})
    assert ["truncated" in row for row in answer["predictions"]] == [False, True]
    asked = {"question": "hvor bor en og en og en", "context": CONTEXT}
    assert refusal(server_of("answer"), "/answer", asked)[:2] == (422, "question")
    assert post(server_of("answer"), "/answer", {**asked, "truncate": True})[1]["answers"][0]["truncated"]


@pytest.mark.parametrize(
    ("name", "path", "content", "field", "said"),
    [
        ("classify", "/predict", {"inputs": [3]}, "inputs[0]", "is a number; send a text, or an object"),
        ("classify", "/predict", {"inputs": {"tekst": "a"}}, "inputs.tekst", "is no field here"),
        ("classify", "/predict", {"inputs": {"words": ["a"]}}, "inputs[0]", "has words, which a tagger reads"),
        ("pairs", "/predict", {"inputs": "a"}, "inputs[0].pair", "is missing; this model reads two texts"),
        ("tag", "/predict", {"inputs": {"text": "a", "words": ["a"]}}, "inputs[0]", "text or words, one of them"),
        ("tag", "/predict", {"inputs": {"words": []}}, "inputs.words", "is no list of words"),
        ("tag", "/predict", {"inputs": {"words": ["a", " "]}}, "inputs.words[1]", "is empty"),
        ("tag", "/predict", {"inputs": " "}, "inputs[0]", "holds no word"),
        ("answer", "/answer", {"question": "hvor"}, "context", "is missing or empty"),
        ("answer", "/answer", {}, "inputs", "or question and context are needed"),
        ("answer", "/answer", {"inputs": ["a"]}, "inputs[0]", "is text; send an object of question and context"),
        ("answer", "/answer", {"question": "a", "context": "b", "n_best": 99}, "n_best", "from 0 to 20"),
    ],
)
def test_a_wrong_field_is_named(server_of, name, path, content, field, said):
    status, named, message = refusal(server_of(name), path, content)
    assert (status, named) == (422, field)
    assert said in message
