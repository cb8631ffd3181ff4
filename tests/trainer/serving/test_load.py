import shutil

import pytest
from tiny_servers import PIECES

from beam_jobs.errors import UserError
from trainer.serving.load import load_served


@pytest.mark.parametrize(
    ("name", "abilities"),
    [("pretrained", ["embed", "fill_mask"]), ("classify", ["embed", "predict"]), ("answer", ["embed", "answer"])],
)
def test_what_a_model_is_served_for_follows_from_what_it_has(settings_for, name, abilities):
    model = load_served(settings_for(name))
    assert [each for each in ("embed", "predict", "answer", "fill_mask") if each not in model.missing] == abilities
    assert len(model.computations) == len(abilities)


def test_only_some_of_it(settings_for):
    model = load_served(settings_for("pretrained", abilities=("fill_mask",)))
    assert model.missing["embed"] == "is not served for this (--only)"
    assert list(model.computations) == ["fill_mask"]


@pytest.mark.parametrize(
    ("name", "ability", "said"),
    [
        ("pretrained", "predict", "has no head for labels, numbers or tags; serve a model that finetune trained"),
        ("pretrained", "answer", "has no head for answers"),
        ("classify", "fill_mask", "has no trained masked-LM head"),
        ("classify", "answer", "has no head for answers"),
        ("answer", "predict", "has no head for labels"),
    ],
)
def test_a_model_without_what_is_asked_for_is_refused(settings_for, name, ability, said):
    with pytest.raises(UserError, match=f"--only {ability}: .*{said}"):
        load_served(settings_for(name, abilities=(ability,)))


def test_damaged_models_are_refused(settings_for, served_folder, tmp_path):
    with pytest.raises(UserError, match="no such"):
        load_served(settings_for("pretrained", model=str(tmp_path / "none")))
    bare = shutil.copytree(served_folder("pretrained"), tmp_path / "bare")
    for name in ("vocab.txt", "tokenizer.json"):
        (bare / name).unlink()
    with pytest.raises(UserError, match=r"has neither tokenizer.json nor vocab.txt"):
        load_served(settings_for("pretrained", model=str(bare)))
    other = shutil.copytree(served_folder("classify"), tmp_path / "other")
    (other / "vocab.txt").write_text("".join(f"{piece}\n" for piece in [*PIECES[:-1], "godt"]), encoding="utf-8")
    with pytest.raises(UserError, match=r"vocab\.txt is not the one that the model was exported with"):
        load_served(settings_for("classify", model=str(other)))


def test_a_head_that_was_never_trained_fills_no_gaps(settings_for, tmp_path):
    from tiny_servers import config

    from trainer.export.hugging_face import save_hugging_face
    from trainer.model.bert import build_pretrainer

    vocabulary = tmp_path / "vocabulary.txt"
    vocabulary.write_text("".join(f"{piece}\n" for piece in PIECES), encoding="utf-8")
    model = build_pretrainer(config())
    save_hugging_face(model, config(), vocabulary, False, tmp_path / "model", "card", untrained=("masked_lm",))
    found = load_served(settings_for("pretrained", model=str(tmp_path / "model")))
    assert "has no trained masked-LM head" in found.missing["fill_mask"]
