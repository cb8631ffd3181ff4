import json

import pytest
from finetuned_forms import FORMS
from safetensors.numpy import load_file

from trainer.export.export_folder import MARKER_NAME
from trainer.export.finetuned import save_finetuned
from trainer.export.finetuned.load_finetuned import load_finetuned
from trainer.export.parity import ExportMismatchError

pytestmark = pytest.mark.usefixtures("quick_compilation")


@pytest.mark.parametrize("embedding_size", [None, 16], ids=["bert", "albert"])
def test_a_folder_reads_back_as_the_same_model(form, embedding_size, build_finetuned, save, tmp_path, same_weights):
    model = build_finetuned(form, embedding_size=embedding_size, share_layers=embedding_size is not None)
    assert save(model, form, tmp_path / "out") == 0.0
    found = load_finetuned(tmp_path / "out")
    assert found.form == form
    same_weights(model, found.imported)
    tensors = load_file(tmp_path / "out" / "model.safetensors")
    head = "qa_outputs" if form.kind == "QuestionAnswering" else "classifier"
    assert tensors[f"{head}.weight"].shape == (form.head.outputs, 32), "as torch keeps it"
    assert any("pooler" in name for name in tensors) == (form.kind == "SequenceClassification")
    assert not any("cls." in name or "predictions" in name for name in tensors)
    assert {"vocab.txt", "README.md", MARKER_NAME} <= {path.name for path in (tmp_path / "out").iterdir()}


def test_labels_are_written_as_they_are(form, build_finetuned, save, tmp_path):
    save(build_finetuned(form), form, tmp_path / "out")
    content = json.loads((tmp_path / "out" / "config.json").read_text(encoding="utf-8"))
    assert list(content["label2id"].values()) == list(range(form.head.outputs))
    assert content["label2id"] == {name: int(key) for key, name in content["id2label"].items()}


def test_a_difference_is_noticed(build_finetuned, save, tmp_path, monkeypatch):
    form, write = FORMS["answer"], save_finetuned.save_file

    def spoil(tensors, *arguments, **options):
        write({name: value + (name == "qa_outputs.bias") for name, value in tensors.items()}, *arguments, **options)

    monkeypatch.setattr(save_finetuned, "save_file", spoil)
    with pytest.raises(ExportMismatchError, match="weights read back differ: answer/bias"):
        save(build_finetuned(form), form, tmp_path / "out")
    assert not (tmp_path / "out").exists()
